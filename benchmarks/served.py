"""The server that the measurements talk to: Vikno as it is, plus a route that does nothing, the floor."""

from __future__ import annotations

import sys
from pathlib import Path

from fastapi import FastAPI

from vikno.api import serve
from vikno.queue.hallfile import read_hall_file


def add_floor(app: FastAPI) -> None:
    """What FastAPI on this server costs by itself."""

    @app.post("/empty")
    async def empty() -> dict[str, str]:
        return {}


def main(file: str, folder: str) -> None:
    """Serve the hall file on a free port and print the address."""
    # Who is called is not what is measured, and under fifo no newcomer is left to another free window.
    engine = serve.open_engine(Path(folder), None)
    house = serve.build_house([read_hall_file(file)], engine, policy="fifo")
    sock = serve.listen("127.0.0.1", 0)
    sys.stdout.write(f"http://127.0.0.1:{sock.getsockname()[1]}/\n")
    sys.stdout.flush()
    serve.run(house, sock, also=add_floor)


if __name__ == "__main__":
    main(*sys.argv[1:])
