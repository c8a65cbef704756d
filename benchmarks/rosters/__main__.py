"""`python -m benchmarks.rosters [INSTANCE…|made] [--seconds T]`."""

import sys

from benchmarks.rosters.measure import main

main(sys.argv[1:])
