"""`python -m vikno.scheduler.roster.search` compiles the search; nobody shall wait at the first roster."""

from __future__ import annotations

import sys
import time

from vikno.scheduler.roster.search.solve import warm_up


def main() -> None:
    """Compile; say how long that took."""
    began = time.process_time()
    warm_up()
    sys.stdout.write(f"The search for rosters is compiled: {time.process_time() - began:.2f} s\n")


if __name__ == "__main__":
    main()
