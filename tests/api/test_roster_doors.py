"""A manager's roster over HTTP: brought, checked, changed, kept in versions; and two managers at once."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from openpyxl import load_workbook

from tests.api.owning import NOON, HandClock, database
from tests.api.rostering import FILE, PRESENT, change, present, upload
from tests.api.running import bearer
from tests.api.trying import TRIED, tried_hall
from vikno.api import serve
from vikno.api.access import Grant, Role
from vikno.api.app import create_app
from vikno.api.doors.roster import problem_view
from vikno.api.rosterdemo import bring_roster
from vikno.api.rosters import Rosters
from vikno.queue.hallfile import parse_hall
from vikno.scheduler.roster.problem import Problem
from vikno.scheduler.roster.rosterfile import parse_roster

HERE = f"/api/v1/halls/{TRIED}/roster"
FRIDAY = 4


class Desk:
    """A server in this process and a manager in front of it."""

    def __init__(self, folder: Path) -> None:
        plans = [parse_hall(tried_hall())]
        self.house = serve.build_house(
            plans, database(folder), policy="fifo", clock=lambda _: HandClock(NOON)
        )
        token = self.house.people.tokens.issue(Grant(Role.MANAGER, TRIED))
        transport = httpx.ASGITransport(create_app(self.house))
        self.http = httpx.AsyncClient(
            transport=transport, base_url="http://vikno.test", headers=bearer(token), timeout=30
        )

    async def ask(self, method: str, path: str = "", body: Any = None, key: str = "") -> httpx.Response:
        headers = {"Idempotency-Key": key} if key else {}
        return await self.http.request(method, HERE + path, json=body, headers=headers)

    async def do(self, method: str, path: str = "", body: Any = None) -> dict[str, Any]:
        answer = await self.ask(method, path, body)
        assert answer.is_success, answer.text
        told: dict[str, Any] = answer.json()
        return told

    async def check(self, *changes: dict[str, Any], version: int = 1) -> dict[str, Any]:
        told = await self.do("POST", "/check", {"version": version, "changes": changes})
        check: dict[str, Any] = told["check"]
        return check


def saving(*changes: dict[str, Any], version: int = 1, in_force: bool = False) -> dict[str, Any]:
    return {"version": version, "changes": changes, "in_force": in_force}


def refusal(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The problem document, which must be one."""
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    told: dict[str, Any] = answer.json()
    assert told["code"] == code
    return told


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    """Nobody has brought a roster yet."""
    desk = Desk(tmp_path)
    await desk.house.start()
    yield desk
    await desk.http.aclose()
    await desk.house.stop()


@pytest.fixture
async def begun(desk: Desk) -> Desk:
    """A roster has been brought."""
    answer = await desk.ask("POST", "/problem", upload())
    assert answer.status_code == 201, answer.text
    return desk


def cells(told: dict[str, Any]) -> set[tuple[str, int, str]]:
    return {(one["staff"], one["day"], one["shift"]) for one in told["assignments"]}


async def test_a_hall_without_a_roster_says_so(desk: Desk) -> None:
    told = await desk.do("GET")
    assert (told["version"], told["problem"], told["versions"], told["in_force"]) == (0, None, [], None)
    refusal(await desk.ask("POST", "", saving(version=0)), 404, "unknown-roster")


async def test_a_file_becomes_the_first_version_with_the_roster_that_is_in_force(begun: Desk) -> None:
    told = await begun.do("GET")
    assert (told["version"], told["in_force"]) == (1, 1)
    assert cells(told) == {(one["staff"], one["day"], one["shift"]) for one in PRESENT}
    assert told["check"]["violations"] == []
    assert [person["name"] for person in told["problem"]["people"]] == ["Олена", "Іван", "Марія", "Тарас"]


async def test_the_same_problem_as_json_is_the_same_roster(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "present.json").write_text(present(), encoding="utf-8")
    problem = parse_roster(FILE, "file", tmp_path)
    told = await desk.do("POST", "/problem", {"version": 0, "problem": msgspec.to_builtins(problem)})
    assert desk.house.rosters.version(TRIED, 1).problem == problem
    assert len(told["assignments"]) == len(PRESENT)


async def test_a_change_is_judged_and_not_kept(begun: Desk) -> None:
    before = (await begun.do("GET"))["check"]
    after = await begun.check(change("olena", FRIDAY, "early"))
    [broken] = after["violations"]
    assert (broken["rule"], broken["person"], broken["day"]) == ("days_off", "olena", FRIDAY)
    assert after["costs"]["skill_under"] < before["costs"]["skill_under"]
    assert (await begun.do("GET"))["version"] == 1


async def test_costs_are_told_by_rule_and_add_up(begun: Desk) -> None:
    after = await begun.check(change("ivan", 1, "early"), change("taras", FRIDAY, "late"))
    assert (after["costs"]["wishes"], after["costs"]["change"]) == (0, 6)
    assert after["total"] == pytest.approx(sum(after["costs"].values()))
    loads = {one["person"]: one for one in after["loads"]}
    assert (loads["ivan"]["load"], loads["taras"]["load"]) == (2.0, 1.0)
    assert sum(one["load"] - one["fair"] for one in loads.values()) == pytest.approx(0.0)


async def test_what_is_missing_is_told_by_quarter_and_skill(begun: Desk) -> None:
    check = await begun.check()
    friday = [(skill, people) for day, _, skill, people in check["missing"] if day == FRIDAY]
    assert friday.count(("passport", 2)) == 8 * 4  # nobody is there all day
    assert friday.count(("residence", 1)) == 6 * 4


async def test_breaks_are_the_usual_ones_unless_others_are_asked_for(begun: Desk) -> None:
    for breaks, placed in ((None, [[720, 750]]), ([[660, 690]], [[660, 690]])):
        told = await begun.do(
            "POST", "", saving(change("taras", 0, "day", breaks), version=1 if breaks is None else 2)
        )
        [one] = [one for one in told["assignments"] if one["staff"] == "taras"]
        assert one["breaks"] == placed
    [broken] = (await begun.check(change("taras", 0, "day", [[540, 570]]), version=3))["violations"]
    assert broken["rule"] == "breaks"


async def test_a_draft_may_break_rules_and_the_roster_in_force_may_not(begun: Desk) -> None:
    wrong = change("olena", FRIDAY, "early")
    told = refusal(await begun.ask("POST", "", saving(wrong, in_force=True)), 409, "hard-rule-broken")
    assert "days_off" in told["detail"]
    assert "Олена" in told["detail"]
    assert (await begun.do("GET"))["version"] == 1
    draft = await begun.do("POST", "", saving(wrong))
    assert (draft["version"], draft["in_force"]) == (2, 1)
    right = await begun.do(
        "POST",
        "",
        saving(change("olena", FRIDAY, None), change("taras", FRIDAY, "day"), version=2, in_force=True),
    )
    assert (right["version"], right["in_force"]) == (3, 3)


async def test_of_two_who_change_one_version_the_second_is_told_and_nothing_is_lost(begun: Desk) -> None:
    mine, theirs = change("taras", FRIDAY, "day"), change("maria", FRIDAY, "late")
    answers = await asyncio.gather(begun.ask("POST", "", saving(mine)), begun.ask("POST", "", saving(theirs)))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    lost = theirs if answers[0].is_success else mine
    told = refusal(next(one for one in answers if not one.is_success), 409, "roster-changed")
    assert "nothing of theirs or yours is lost" in told["detail"]
    both = await begun.do("POST", "", saving(lost, version=2))
    assert {("taras", FRIDAY, "day"), ("maria", FRIDAY, "late")} <= cells(both)


async def test_the_same_key_saves_once(begun: Desk) -> None:
    body = saving(change("taras", FRIDAY, "day"))
    first, again = [await begun.ask("POST", "", body, key="once") for _ in (1, 2)]
    assert first.json()["version"] == again.json()["version"] == 2
    refusal(await begun.ask("POST", "", saving(version=2), key="once"), 422, "key-reused")


async def test_every_version_stays_and_can_be_seen_again(begun: Desk) -> None:
    await begun.do("POST", "", saving(change("taras", FRIDAY, "day")))
    told = await begun.do("POST", "", saving(change("taras", FRIDAY, None), version=2))
    assert [one["version"] for one in told["versions"]] == [3, 2, 1]
    assert ("taras", FRIDAY, "day") in cells(await begun.do("GET", "?version=2"))
    assert cells(told) == cells(await begun.do("GET", "?version=1"))
    refusal(await begun.ask("GET", "?version=9"), 404, "unknown-roster")


async def test_a_version_of_another_problem_is_brought_back_with_it_as_the_next_one(begun: Desk) -> None:
    shorter = FILE.replace("days = 7", "days = 5")
    assert (await begun.do("POST", "/problem", upload(1, shorter)))["problem"]["days"] == 5
    refusal(await begun.ask("POST", "/restored", {"version": 1, "restore": 1}), 409, "roster-changed")
    refusal(await begun.ask("POST", "/restored", {"version": 2, "restore": 9}), 404, "unknown-roster")
    back = await begun.do("POST", "/restored", {"version": 2, "restore": 1})
    first = await begun.do("GET", "?version=1")
    assert (back["version"], back["in_force"], back["problem"]) == (3, 2, first["problem"])
    assert back["assignments"] == first["assignments"]


async def test_a_skill_that_is_no_service_of_the_hall_is_refused_and_the_file_named(begun: Desk) -> None:
    wrong = upload(1, FILE.replace("passport", "weddings")) | {"name": "november.toml"}
    told = refusal(await begun.ask("POST", "/problem", wrong), 422, "bad-roster")
    line = "november.toml: people[1].skills.weddings: is not a service of this hall; use one of "
    assert told["detail"].startswith(line)
    problem = (await begun.do("GET"))["problem"]
    problem["skill_cover"][0]["skill"] = "weddings"
    told = refusal(await begun.ask("POST", "/problem", {"version": 1, "problem": problem}), 422, "bad-roster")
    assert told["field"] == "skill_cover[1].skill"
    assert (await begun.do("GET"))["version"] == 1


async def test_another_problem_begins_on_top_of_the_newest_version(begun: Desk) -> None:
    refusal(await begun.ask("POST", "/problem", upload(0)), 409, "roster-changed")
    told = await begun.do("POST", "/problem", upload(1))
    assert (told["version"], {one["problem"] for one in told["versions"]}) == (2, {1, 2})


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        (change("nobody", 0, "early"), "changes[1].staff"),
        (change("olena", 7, "early"), "changes[1].day"),
        (change("olena", 0, "night"), "changes[1].shift"),
        (change("olena", 0, "early", [[720, 700]]), "changes[1].breaks[1]"),
    ],
)
async def test_what_does_not_exist_is_named(begun: Desk, changed: dict[str, Any], field: str) -> None:
    told = refusal(await begun.ask("POST", "/check", {"version": 1, "changes": [changed]}), 422, "bad-roster")
    assert told["field"] == field


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "file"),
        ({"file": FILE, "problem": {}}, "file"),
        ({"file": "format = 1"}, "roster"),
        ({"file": FILE}, "roster.present"),
        ({"file": FILE.replace('"present.json"', '"/etc/hostname"')}, "roster.present"),
        ({"file": FILE.replace('"present.json"', '"../present.json"')}, "roster.present"),
        ({"file": FILE, "files": {"present.json": "[]"}}, "present.json: assignments"),
        ({"problem": {"id": "x"}}, "problem"),
        ({"problem": {"id": "x", "days": 1, "shifts": [], "people": []}}, "shifts"),
    ],
)
async def test_an_upload_that_is_no_roster_keeps_nothing(
    desk: Desk, body: dict[str, Any], field: str
) -> None:
    told = refusal(await desk.ask("POST", "/problem", {"version": 0} | body), 422, "bad-roster")
    assert told["field"] == field
    assert (await desk.do("GET"))["version"] == 0


WRONG: list[tuple[str, dict[str, Any]]] = [
    ("days", {"days": 0}),
    ("time_zone", {"time_zone": "Nowhere"}),
    ("shifts", {"shifts": [{"id": "a", "minutes": 1}, {"id": "a", "minutes": 1}]}),
    ("shifts[1].minutes", {"shifts": [{"id": "early", "minutes": 10**30}]}),
    ("people[1].days_off", {"people": [{"id": "olena", "contract": {}, "days_off": [99]}]}),
    ("people[1].contract.shifts_max", {"people": [{"id": "olena", "contract": {"shifts_max": {"x": 1}}}]}),
    (
        "skill_cover[1]",
        {"skill_cover": [{"day": 0, "starts": 1, "ends": 20, "skill": "a", "need": 1, "under": 1}]},
    ),
    ("wishes[1].person", {"wishes": [{"person": "x", "day": 0, "shift": None, "wanted": True, "weight": 1}]}),
    ("present[1].shift", {"present": [{"staff": "olena", "day": 0, "shift": "x"}]}),
]


@pytest.mark.parametrize(("field", "part"), WRONG, ids=[field for field, _ in WRONG])
async def test_a_problem_that_contradicts_itself_is_named(
    desk: Desk, tmp_path: Path, field: str, part: dict[str, Any]
) -> None:
    (tmp_path / "present.json").write_text(present(), encoding="utf-8")
    good: dict[str, Any] = msgspec.to_builtins(parse_roster(FILE, "file", tmp_path))
    wrong = good | part
    told = refusal(await desk.ask("POST", "/problem", {"version": 0, "problem": wrong}), 422, "bad-roster")
    assert told["field"] == field


async def test_a_hall_file_that_the_roster_names_is_the_hall_it_is_brought_to(desk: Desk) -> None:
    text = FILE.replace('time_zone = "Etc/GMT"\n', 'hall = "somewhere.toml"\n')
    await desk.do("POST", "/problem", upload(text=text))
    unknown = text.replace("skills = { passport = 1.0 }", "skills = { weddings = 1.0 }")
    refusal(await desk.ask("POST", "/problem", upload(1, unknown)), 422, "bad-roster")


async def test_a_table_becomes_a_workbook_with_the_same_cells(desk: Desk) -> None:
    rows: list[list[Any]] = [["=1+1", 2.5, None], ["Олена", -1, "08:00"]]
    body = {"title": "День: [1]?", "columns": ["Людина", "Б", "В"], "rows": rows}
    answer = await desk.ask("POST", "/sheet", body)
    assert answer.is_success
    [sheet] = load_workbook(io.BytesIO(answer.content)).worksheets
    read = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=3)]
    assert read == [body["columns"], *rows]


async def test_a_roster_may_be_large_and_everything_else_not(desk: Desk) -> None:
    large = {"title": "x", "columns": ["a"], "rows": [["x" * 190]] * 1_000}
    assert (await desk.ask("POST", "/sheet", large)).is_success
    answer = await desk.http.post(f"/api/v1/halls/{TRIED}/plan/changed", json={"changes": large["rows"]})
    assert answer.status_code == 413


def test_the_roster_of_the_demonstration_begins_in_the_week_of_today(tmp_path: Path) -> None:
    (tmp_path / "present.json").write_text(present(), encoding="utf-8")
    problem, plan = parse_roster(FILE, "file", tmp_path), parse_hall(tried_hall())
    rosters = Rosters(database(tmp_path))
    for weeks in (30, 60):  # once there is one, nobody's changes are overwritten
        bring_roster(rosters, plan, problem, NOON + weeks * 7 * 86_400)
        kept = rosters.newest(TRIED)
        assert kept is not None
        assert (kept.version.version, kept.version.in_force) == (1, True)
        assert kept.problem.start == problem.start + timedelta(weeks=30)  # type: ignore[operator]


def test_the_problem_that_is_told_is_one(tmp_path: Path) -> None:
    (tmp_path / "present.json").write_text(present(), encoding="utf-8")
    problem = parse_roster(FILE, "file", tmp_path)
    assert msgspec.convert(problem_view(problem), Problem) == problem
