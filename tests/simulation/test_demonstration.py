"""One command shows a hall at work, and leaves nothing behind when it ends."""

from __future__ import annotations

import os
import re
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from tests.simulation.staging import (
    HALL,
    PROGRAM,
    Play,
    count,
    engine_of,
    events_of,
    manager_token,
    until,
)
from vikno.queue import events as e
from vikno.queue.hall import Hall
from vikno.queue.journal.journal import Journal
from vikno.scheduler import policy_named

FAST_SERVER = str(Path(__file__).with_name("fast_server.py"))
SPEED = "600"


@pytest.fixture
def hall_file(tmp_path: Path) -> Path:
    file = tmp_path / "small.toml"
    file.write_text(HALL, encoding="utf-8")
    return file


@pytest.fixture
def start() -> Iterator[Callable[..., Play]]:
    """Starts a process; whatever it started is gone when the test ends."""
    plays: list[Play] = []

    def begin(*command: str, environment: dict[str, str] | None = None) -> Play:
        plays.append(Play(*command, environment=environment))
        return plays[-1]

    yield begin
    for play in plays:
        children = play.children() if play.process.poll() is None else []
        play.kill()
        for child in children:
            child.kill()


@pytest.fixture
def port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def demo(hall_file: Path, data: Path, port: int, speed: str = SPEED) -> list[str]:
    return [*PROGRAM, "demo", str(hall_file), "--data", str(data), "--port", str(port), "--speed", speed]


def busy(data: Path, *, since: int = 0) -> bool:
    """Visitors came, were called, served and missed, after the first `since` events."""
    events = events_of(data)[since:]
    return (
        count(events, e.TicketIssued) >= 60
        and count(events, e.ServiceFinished) >= 30
        and count(events, e.VisitorMissed) >= 1
    )


def gone(process: psutil.Process) -> bool:
    """Ended, though perhaps nobody has asked yet how."""
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


def check_order(data: Path) -> None:
    """The journal folds, and no visitor was called by two windows at once."""
    engine = engine_of(data)
    hall = Hall(policy_named("fifo"))
    Journal(engine, "small").fold(hall)
    engine.dispose()
    assert hall.seq > 0
    at_window: dict[str, str] = {}
    for event in events_of(data):
        if isinstance(event, e.TicketCalled):
            assert event.ticket not in at_window, "called while at another window"
            at_window[event.ticket] = event.window
        elif isinstance(event, e.ServiceFinished | e.VisitorMissed | e.TicketParked | e.TicketTransferred):
            assert at_window.pop(event.ticket) == event.window


def test_a_hall_is_at_work_and_both_processes_end_together(
    hall_file: Path, tmp_path: Path, port: int, start: Callable[..., Play]
) -> None:
    data = tmp_path / "data"
    play = start(*demo(hall_file, data, port))
    until(lambda: busy(data), "visitors issued, called and served")
    (child,) = play.public()
    until(lambda: "Ctrl-C ends it" in play.said, "the addresses")
    assert f"http://127.0.0.1:{port}/screen/small " in play.said
    assert "VIKNO_TOKEN" in child.environ()
    assert child.environ()["VIKNO_TOKEN"] not in " ".join(child.cmdline())
    for page in re.findall(r"http://\S+", play.said):
        assert httpx.get(page, trust_env=False).status_code == 200, page
    play.process.send_signal(signal.SIGTERM)
    assert play.process.wait(20) == 0
    until(lambda: gone(child), "the public is gone")
    assert "Traceback" not in play.said
    events = events_of(data)
    assert count(events, e.WindowOpened) >= 5
    elsewhere = {"better-window", "longer-free", "quicker-soon"}  # somebody else calls them
    in_vain = [ev for ev in events if isinstance(ev, e.NobodyCalled) and ev.why.rule not in elsewhere]
    assert len(in_vain) <= count(events, e.TicketCalled) * 0.02, "nobody calls in vain"
    check_order(data)


def test_a_person_at_a_console_is_not_disturbed(
    hall_file: Path, tmp_path: Path, port: int, start: Callable[..., Play]
) -> None:
    data = tmp_path / "data"
    play = start(*demo(hall_file, data, port))
    until(lambda: "Ctrl-C ends it" in play.said, "the addresses")
    address = f"http://127.0.0.1:{port}"
    page = httpx.get(f"{address}/console/small/x-5", trust_env=False).text
    token = re.search(r'data-token="([\w-]+)"', page)
    assert token, "a page of a demonstration is lent its token"
    person = httpx.Client(headers={"Authorization": f"Bearer {token[1]}"}, trust_env=False)
    window = f"{address}/api/v1/halls/small/windows/x-5"
    until(lambda: person.post(f"{window}/pause").is_success, "a moment between two visitors")
    paused = len(events_of(data))
    until(lambda: busy(data, since=paused), "the others go on")
    later = events_of(data)[paused:]
    assert not any(getattr(event, "window", None) == "x-5" for event in later)
    assert person.post(f"{window}/open").is_success


def test_a_killed_demonstration_goes_on_where_it_was(
    hall_file: Path, tmp_path: Path, port: int, start: Callable[..., Play]
) -> None:
    data = tmp_path / "data"
    first = start(*demo(hall_file, data, port))
    until(lambda: busy(data), "visitors issued, called and served")
    (orphan,) = first.public()
    first.kill()
    before = len(events_of(data))
    second = start(*demo(hall_file, data, port))
    until(lambda: busy(data, since=before), "the windows are staffed again")
    until(
        lambda: not orphan.is_running() or orphan.status() == psutil.STATUS_ZOMBIE, "the old public is gone"
    )
    assert len(second.public()) == 1
    check_order(data)


def test_a_public_survives_the_restart_of_its_server(
    hall_file: Path, tmp_path: Path, port: int, start: Callable[..., Play]
) -> None:
    data = tmp_path / "data"
    serve = (sys.executable, FAST_SERVER, str(hall_file), str(data), str(port), SPEED)
    token = manager_token(data)
    server = start(*serve)
    public = (*PROGRAM, "public", f"http://127.0.0.1:{port}", "--hall", str(hall_file), "--seed", "1")
    crowd = start(*public, environment=os.environ | {"VIKNO_TOKEN": token})
    until(lambda: busy(data), "visitors issued, called and served")
    server.kill()
    before = len(events_of(data))
    start(*serve)
    until(lambda: busy(data, since=before), "the windows are staffed again")
    assert crowd.process.poll() is None
    assert crowd.said == ""
    check_order(data)


def test_after_the_evening_comes_the_next_morning(
    hall_file: Path, tmp_path: Path, port: int, start: Callable[..., Play]
) -> None:
    data = tmp_path / "data"
    hall_file.write_text(HALL.replace('closes = "16:00"', 'closes = "08:40"'), encoding="utf-8")
    start(*demo(hall_file, data, port))

    def second_morning() -> bool:
        events = events_of(data)
        mornings = [n for n, event in enumerate(events) if isinstance(event, e.DayBegan)]
        return len(mornings) > 1 and count(events[mornings[1] :], e.ServiceFinished) >= 5

    until(second_morning, "visitors are served on the second day")
    check_order(data)
    closed = [event.window for event in events_of(data) if isinstance(event, e.WindowClosed)]
    assert {"w-1", "w-2", "w-3", "w-4", "x-5"} <= set(closed), "everyone went home in between"


def test_a_taken_port_is_said_and_the_next_one_used(
    hall_file: Path, tmp_path: Path, start: Callable[..., Play]
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        play = start(*demo(hall_file, tmp_path / "data", port))
        until(lambda: "Ctrl-C ends it" in play.said, "the addresses")
    assert f"Port {port} is taken; this is port " in play.lines[0]
    assert f"127.0.0.1:{port}/" not in play.said


def test_the_morning_passes_quickly_and_then_the_hall_has_its_own_pace(
    hall_file: Path, tmp_path: Path, port: int, start: Callable[..., Play]
) -> None:
    data = tmp_path / "data"
    play = start(*demo(hall_file, data, port, "30"))
    until(lambda: "Ctrl-C ends it" in play.said, "the addresses")
    events = events_of(data)
    began = next(event for event in events if isinstance(event, e.DayBegan))
    assert count(events, e.TicketIssued) >= 60, "the hall is busy when its addresses are told"
    assert 60 <= (events[-1].at - began.opens) / 60 <= 90
