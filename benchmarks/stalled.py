"""One reader in a hundred stops reading: what the others notice, and how soon it is cut off.

The same calls to the same number of healthy screens, with stalled ones among them and without, by turns;
the figure is the ratio of the two 99th percentiles in one run. A stalled reader opens its stream with the
smallest buffer there is, and then neither reads nor answers a ping.
"""

from __future__ import annotations

import contextlib
import socket
import statistics
import sys
import threading
import time
from collections.abc import Iterator

import psutil

from benchmarks.harness import Row, Served, hall_text, p99, run, server
from benchmarks.readers import KEY
from benchmarks.screens import FIRST_RECALL, call_somebody, readers, stream

SCREENS, STALLED = 990, 10
CALLS, CALL_EVERY_SECONDS = 50, 0.25
ROUNDS = 3
RATIO_MAX, CUT_SECONDS_MAX = 1.5, 10.0
RECEIVE_BYTES = 2_048
PATIENCE_SECONDS = 30.0
LOOK_SECONDS = 0.25
BEFORE_CALLS = 3
"""Events that screens see before the first recall: the open window, the ticket and its call."""


def stall(served: Served) -> socket.socket:
    """A reader that is let in and reads no further than that."""
    stalled = socket.socket()
    stalled.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BYTES)
    stalled.connect(("127.0.0.1", served.port))
    stalled.sendall(
        f"GET {stream(served)} HTTP/1.1\r\nHost: 127.0.0.1:{served.port}\r\nUpgrade: websocket\r\n"
        f"Connection: Upgrade\r\nSec-WebSocket-Key: {KEY}\r\nSec-WebSocket-Version: 13\r\n"
        f"Authorization: Bearer {served.screen}\r\n\r\n".encode()
    )
    assert stalled.recv(12).endswith(b"101")
    return stalled


class Watch:
    """Notes when the server let go of each stalled reader: they themselves would have to read to know."""

    def __init__(self, served: Served, stalled: list[socket.socket]) -> None:
        self._server = psutil.Process(served.pid)
        self._left = {one.getsockname()[1] for one in stalled}
        self._began = time.monotonic()
        self._last = 0.0
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while self._left and time.monotonic() - self._began < PATIENCE_SECONDS:
            time.sleep(LOOK_SECONDS)
            there = self._server.net_connections("tcp")
            self._left &= {getattr(one.raddr, "port", 0) for one in there}
            self._last = time.monotonic() - self._began

    def end(self) -> float:
        """Seconds until the last was gone; infinite if one never was."""
        self._thread.join()
        return float("inf") if self._left else self._last


@contextlib.contextmanager
def stalling(served: Served, count: int) -> Iterator[Watch]:
    """So many stalled readers."""
    with contextlib.ExitStack() as stack:
        stalled = [stack.enter_context(contextlib.closing(stall(served))) for _ in range(count)]
        yield Watch(served, stalled)


def once(screens: int, stalled: int) -> tuple[float, float]:
    """The 99th percentile of the healthy in ms, and seconds until the last stalled one was cut."""
    with (
        server(hall_text()) as served,
        readers(served.port, stream(served), served.screen, screens) as healthy,
        stalling(served, stalled) as watch,
    ):
        sent = run(lambda: call_somebody(served, CALLS, CALL_EVERY_SECONDS))
        seen = healthy.wait(screens * (CALLS + BEFORE_CALLS))
        cut = watch.end()
    assert not seen["lost"], "a healthy reader was cut off"
    delays = [at - sent[seq] for seq, at in seen["seen"] if seq >= FIRST_RECALL]
    assert len(delays) == screens * CALLS
    return p99(delays) * 1e3, cut


def measure(screens: int = SCREENS, stalled: int = STALLED) -> list[Row]:
    """By turns, with and without."""
    ratios, cuts, with_them = [], [], []
    for _ in range(ROUNDS):
        alone, _none = once(screens, 0)
        among, cut = once(screens, stalled)
        ratios.append(among / alone)
        with_them.append(among)
        cuts.append(cut)
    ratio = statistics.median(ratios)
    return [
        Row(
            f"{stalled} of {screens + stalled:,} readers stalled: p99 of the healthy against none stalled",
            f"{ratio:.2f} ({statistics.median(with_them):.0f} ms)",
            f"at most {RATIO_MAX:g}",
            ratio <= RATIO_MAX,
        ),
        Row(
            "the last stalled reader is cut off after",
            f"{max(cuts):.1f} s",
            f"at most {CUT_SECONDS_MAX:g} s",
            max(cuts) <= CUT_SECONDS_MAX,
        ),
    ]


if __name__ == "__main__":
    print(*measure(*map(int, sys.argv[1:])), sep="\n")
