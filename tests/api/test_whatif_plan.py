"""The plan of a hall to be looked at and changed: what the page starts from, and the file it ends in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.api.running import Server, bearer, hall_text
from tests.api.trying import TRIED, remove, tried_hall
from vikno.api.access import Role
from vikno.queue.hallfile import parse_hall

PLAN = parse_hall(tried_hall())


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, bytecode: Path) -> Iterator[Server]:
    crowded = tried_hall("crowded", rate=2_000.0)
    running = Server(tmp_path_factory.mktemp("server"), bytecode, tried_hall(), hall_text("bare"), crowded)
    running.start()
    yield running
    running.kill()
    running.check_log()


def ask(server: Server, hall: str, path: str, body: Any = None) -> httpx.Response:
    """As the hall's manager."""
    headers = bearer(server.token(Role.MANAGER, hall=hall))
    address = f"{server.url}api/v1/halls/{hall}/plan{path}"
    return (
        httpx.get(address, headers=headers)
        if body is None
        else httpx.post(address, json=body, headers=headers)
    )


def test_the_plan_is_told_as_the_hall_runs_by_it(server: Server) -> None:
    plan = ask(server, TRIED, "").json()
    assert plan["policy"] == "fifo"
    assert plan["policy"] in plan["policies"]
    assert [service["minutes"] for service in plan["services"]] == [12.0, 8.0]
    assert plan["demand"] == [
        {"services": ["passport"], "visitors": 80.0},
        {"services": ["residence"], "visitors": 36.0},
        {"services": ["passport", "residence"], "visitors": 8.0},
    ]
    assert [window["id"] for window in plan["windows"]] == ["w-1", "w-2", "w-3", "w-4"]
    assert plan["windows"][0]["open"] == [["08:00", "12:00"], ["13:00", "16:00"]]
    assert plan["windows"][3]["open"] == [["08:00", "16:00"]], "the hall's own hours"
    assert plan["missing"] is None


@pytest.mark.parametrize(
    ("hall", "code"), [("bare", "nothing-to-simulate"), ("crowded", "too-many-visitors")]
)
def test_a_hall_that_cannot_be_tried_says_why(server: Server, hall: str, code: str) -> None:
    assert ask(server, hall, "").json()["missing"] == code


def test_the_fingerprint_tells_plans_apart(server: Server) -> None:
    prints = {ask(server, hall, "").json()["fingerprint"] for hall in (TRIED, TRIED, "bare")}
    assert len(prints) == 2


def test_the_changed_plan_is_a_hall_file(server: Server) -> None:
    changes = [
        {"change": "add-window", "window": "w-9", "skills": {"passport": 1.5}, "open": [["09:00", "10:30"]]},
        remove("w-2"),
        {"change": "set-hours", "window": "w-1", "open": [["08:00", "12:00"]]},
        {"change": "set-skills", "window": "w-4", "skills": {"residence": 1, "passport": 0.5}},
        {"change": "set-demand", "percent": 150},
        {"change": "set-demand", "services": ["passport", "residence"], "percent": 200},
    ]
    answer = ask(server, TRIED, "/changed", {"changes": changes}).json()
    assert answer["file"] == f"{TRIED}-changed.toml"
    plan = parse_hall(answer["text"])
    assert list(plan.window) == ["w-1", "w-3", "w-4", "w-9"]
    assert plan.window["w-9"].skills == {"passport": 1.5}
    assert plan.window["w-9"].open == ((540, 630),)
    assert plan.window["w-1"].open == ((480, 720),)
    assert plan.window["w-4"].skills == {"passport": 0.5, "residence": 1.0}
    assert [visits.arrivals[0][1] for visits in plan.demand] == [15.0, 9.0, 3.0]
    assert plan.window["w-3"] == PLAN.window["w-3"], "what is not named stays"


def test_the_hall_itself_stays_as_it_is(server: Server) -> None:
    before = ask(server, TRIED, "").json()
    ask(server, TRIED, "/changed", {"changes": [remove("w-1")]})
    assert ask(server, TRIED, "").json() == before


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        (
            [{"change": "set-hours", "window": "w-1", "open": [["8", "9:00"]]}],
            "changes[1].open[1]",
            "clock time",
        ),
        (
            [{"change": "set-hours", "window": "w-1", "open": [["9:00", "8:00"]]}],
            "changes[1].open[1]",
            "ends before",
        ),
        (
            [{"change": "set-hours", "window": "w-1", "open": [["8:00", "9:00"], ["8:30", "10:00"]]}],
            "changes[1].open[2]",
            "overlaps",
        ),
        ([{"change": "set-hours", "window": "w-1", "open": []}], "changes[1].open", "list of pairs"),
        (
            [{"change": "set-skills", "window": "w-1", "skills": {}}],
            "changes[1].skills",
            "at least one service",
        ),
        (
            [remove("w-4"), {"change": "set-skills", "window": "w-1", "skills": {"passport": 0}}],
            "changes[2].skills.passport",
            "out of range",
        ),
        (
            [{"change": "set-skills", "window": "w-1", "skills": {"passport": "abc"}}],
            "changes[1].skills.passport",
            "must be a number",
        ),
        ([{"change": "set-demand", "percent": 1_001}], "changes[1].percent", "out of range"),
        (
            [{"change": "set-demand", "services": ["x"], "percent": 1}],
            "changes[1].services",
            "no kind of visit",
        ),
        ([remove("w-8")], "changes[1].window", "not a window of this hall"),
        ([remove("w-1"), remove("w-1")], "changes[2].window", "not a window of this hall"),
        (
            [remove(f"w-{number}") for number in (1, 2, 3)],
            "services[1].id",
            "no window has the skill 'passport'",
        ),
        ([remove(f"w-{number}") for number in (1, 2, 3, 4)], "windows", "is missing"),
        (
            [{"change": "add-window", "window": "w-1", "skills": {"passport": 1}}],
            "changes[1].window",
            "already",
        ),
        (
            [{"change": "add-window", "window": "W!", "skills": {"passport": 1}}],
            "changes[1].window",
            "identifier",
        ),
        ([{"change": "explode"}], "changes[1].change", "is not known"),
        ([{"change": "remove-window", "window": "w-1", "why": "x"}], "changes[1].why", "not a known key"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_no_hall_could_be_is_refused_in_one_line(
    server: Server, changes: list[Any], field: str, words: str
) -> None:
    answer = ask(server, TRIED, "/changed", {"changes": changes})
    problem = answer.json()
    assert (answer.status_code, problem["code"], problem["field"]) == (422, "bad-plan", field)
    assert words in problem["detail"]
    assert "\n" not in problem["detail"]
    assert problem["detail"].startswith(f"{field}: ")
    assert "; " in problem["detail"], "and what would be right"
