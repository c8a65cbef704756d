"""A hall file is read whole or refused in one line that names file, field and remedy."""

from __future__ import annotations

import copy
import math
import re
import tomllib
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import fields

from tests.conftest import ALWAYS_OPEN_HALL, SMALL_HALL
from tests.queue.toml import to_toml
from vikno.queue.errors import HallFileError
from vikno.queue.hallfile import FILE_BYTES_MAX, parse_hall, read_hall_file
from vikno.queue.plan import (
    OVERTAKEN_MAX,
    WAITED_MAX_MINUTES,
    Distribution,
    HallPlan,
    Service,
    Visits,
    WindowPlan,
)

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "hall-file.md").read_text(encoding="utf-8")
EXAMPLE = re.findall(r"```toml\n(.*?)```", DOCUMENT, re.DOTALL)[0]
TABLE: dict[str, Any] = tomllib.loads(EXAMPLE)

Path_ = tuple[str | int, ...]
REQUIRED = {
    "format",
    "hall",
    "hall.id",
    "hall.name",
    "hall.opens",
    "hall.closes",
    "services",
    "services.id",
    "services.prefix",
    "services.name",
    "windows",
    "visits.services",
    "visits.arrivals",
    "windows.id",
    "windows.skills",
}
PARAMETERS = {"distribution", "mean", "cv", "low", "high", "values"}


def walk(value: Any, path: Path_ = ()) -> Iterator[Path_]:
    """The paths of all fields and elements."""
    items: list[tuple[str | int, Any]] = []
    if isinstance(value, dict):
        items = list(value.items())
    elif isinstance(value, list):
        items = list(enumerate(value))
    for key, item in items:
        yield (*path, key)
        yield from walk(item, (*path, key))


def broken(path: Path_, change: Any) -> dict[str, Any]:
    """The example with one value changed; `...` removes it."""
    table = copy.deepcopy(TABLE)
    place: Any = table
    for key in path[:-1]:
        place = place[key]
    if change is ...:
        del place[path[-1]]
    else:
        place[path[-1]] = change
    return table


def mistake(table: dict[str, Any]) -> HallFileError | None:
    """The one line that a table is refused with, if it is."""
    try:
        parse_hall(to_toml(table), "some.toml")
    except HallFileError as error:
        assert_one_line(error)
        return error
    return None


def refused(table: dict[str, Any]) -> HallFileError:
    error = mistake(table)
    assert error is not None, "read without a word"
    return error


def assert_one_line(error: HallFileError) -> None:
    """File, field, problem, remedy: short enough to read, in one line."""
    text = str(error)
    assert text == f"{error.file}: {error.field}: {error.problem}; {error.remedy}"
    assert error.file == "some.toml"
    assert error.field
    assert error.problem
    assert error.remedy
    assert len(text.splitlines()) == 1
    assert len(text) < 400


def named(path: Path_) -> str:
    """How the error names a path: tables and rows are counted from 1, and a pair is named by its row."""
    text = ""
    for before, key in pairwise(("", *path)):
        if isinstance(key, str):
            text += f".{key}"
        elif isinstance(before, str):
            text += f"[{key + 1}]"
    return text.lstrip(".")


def kind(path: Path_) -> str:
    return ".".join(key for key in path if isinstance(key, str))


PATHS = list(walk(TABLE))
FIELDS = [path for path in PATHS if isinstance(path[-1], str)]
TEXTS = {"en", "uk"}


def test_the_documented_example_is_read_as_it_says() -> None:
    plan = parse_hall(EXAMPLE)
    assert (plan.id, plan.time_zone, plan.languages) == ("wola", "Europe/Kyiv", ("uk", "en"))
    assert (plan.opens, plan.closes, plan.after_close) == (8 * 60, 16 * 60, "serve")
    assert (plan.waiting_places, plan.target_minutes, plan.busyness_shape) == (200, 20.0, 28.7)
    assert (plan.overtaken_max, plan.waited_max_minutes) == (20, 90.0)
    passport, residence, pickup = plan.services
    assert passport == Service(
        id="passport",
        prefix="A",
        name={"uk": "Паспорт", "en": "Passport"},
        target_minutes=15.0,
        priority=1,
        arrivals=((480, 4.0), (600, 7.5), (840, 3.0)),
        service=((0, Distribution("lognormal", mean=16.0, cv=0.5)),),
        patience=((0, Distribution("exponential", mean=30.0, zero=0.1)),),
        no_show=0.03,
        no_show_minutes=1.0,
    )
    assert residence.target_minutes == 20.0, "the hall's, for it has none of its own"
    assert residence.service == (
        (480, Distribution("gamma", mean=9.0, cv=0.7)),
        (720, Distribution("empirical", values=(4.5, 7.0, 7.5, 12.0, 21.0))),
    )
    assert pickup.service == ((0, Distribution("constant", mean=2.5)),)
    skills, periods = {"passport": 1.0, "residence": 1.2}, ((480, 720), (780, 1020))
    assert plan.windows == (
        *(WindowPlan(f"w-{n}", str(n), skills, periods) for n in (1, 2, 3)),
        WindowPlan("desk-4", "4", {"pickup": 1.0}),
    )


def test_an_example_with_everything_once_is_read() -> None:
    """Each part of the format as its description gives it, with a second service for the second skill."""
    example = """
format = 1
[hall]
id = "wola"
name = { uk = "ЦНАП", en = "Service centre" }
time_zone = "Europe/Kyiv"
languages = ["uk", "en"]
opens = "08:00"
closes = "16:00"
after_close = "serve"
waiting_places = 200
target_minutes = 20

[[services]]
id = "passport"
prefix = "A"
name = { uk = "Паспорт", en = "Passport" }
target_minutes = 15
priority = 0
arrivals = [["08:00", 4.0], ["10:00", 7.5]]
service = { distribution = "lognormal", mean = 16.0, cv = 0.5 }
patience = { distribution = "exponential", mean = 30.0, zero = 0.1 }
no_show = 0.03
no_show_minutes = 1.0

[[services]]
id = "residence"
prefix = "B"
name = { en = "Residence" }

[[windows]]
id = "w"
count = 3
skills = { passport = 1.0, residence = 0.8 }
open = [["08:00", "12:00"], ["13:00", "17:00"]]

[[visits]]
services = ["residence", "passport"]
arrivals = [["08:00", 0.5]]

[dispatch]
overtaken_max = 0
waited_max_minutes = 0.5

[demand]
busyness_shape = 28.7
"""
    plan = parse_hall(example)
    assert plan.demand[-1] == Visits(("residence", "passport"), ((480, 0.5),))
    assert [window.id for window in plan.windows] == ["w-1", "w-2", "w-3"]
    assert plan.service["passport"].patience[0][1] == Distribution("exponential", mean=30.0, zero=0.1)
    assert plan.service["residence"].patience == ()
    assert (plan.overtaken_max, plan.waited_max_minutes) == (0, 0.5)
    with pytest.raises(HallFileError, match=r"windows\[1\].skills.residence: is not a service"):
        parse_hall(re.sub(r'\[\[services\]\]\nid = "residence"\n.*\n.*\n', "", example))


@pytest.mark.parametrize("table", ["", "[dispatch]"])
def test_a_hall_without_a_bound_of_its_own_has_the_usual_one(table: str) -> None:
    plan = parse_hall(f"{SMALL_HALL}\n{table}")
    assert (plan.overtaken_max, plan.waited_max_minutes) == (OVERTAKEN_MAX, WAITED_MAX_MINUTES)


@pytest.mark.parametrize("text", [SMALL_HALL, ALWAYS_OPEN_HALL])
def test_the_halls_of_the_tests_are_read(text: str) -> None:
    assert parse_hall(text).id == "small"


def test_every_key_of_the_format_is_documented_and_in_the_example() -> None:
    keys = {path[-1] for path in FIELDS} - TEXTS
    for struct in (HallPlan, Service, Distribution):
        assert {field.name for field in fields(struct)} <= keys
    assert {"count", "skills", "open"} <= keys
    tables = {"hall", "services", "windows", "visits", "dispatch", "demand"}
    for key in keys - tables - {"passport", "residence", "pickup"}:
        assert f"`{key}`" in DOCUMENT


@pytest.mark.parametrize("path", FIELDS, ids=named)
def test_a_missing_field_is_named_or_has_a_default(path: Path_) -> None:
    table = broken(path, ...)
    if kind(path).startswith("windows.skills."):
        assert "no window has the skill" in str(refused(table)) or "at least one" in str(refused(table))
    elif kind(path) in REQUIRED or path[-1] in PARAMETERS:
        error = refused(table)
        assert (error.field, error.problem) == (named(path), "is missing")
    else:
        parse_hall(to_toml(table))


WRONG_TYPES: tuple[Any, ...] = (
    True,
    -1,
    3.5,
    "",
    "x\ny",
    [],
    {},
    [[]],
    [{}],
    ["x"],
    {"x": "y"},
    math.nan,
    10**400,
)


@pytest.mark.parametrize("path", PATHS, ids=named)
def test_a_mistyped_value_is_refused_where_it_stands(path: Path_) -> None:
    """Every value is replaced by one of every type; what is not fit for it is named by its path."""
    accepted = []
    for wrong in WRONG_TYPES:
        table = broken(path, wrong)
        error = mistake(table)
        if error is None:
            accepted.append(wrong)
            continue
        here, there = named(path), error.field
        near = there.startswith(here) or here.startswith(there)
        assert near or kind(path) in CONTRADICTING, f"{wrong!r} at {here}: {error}"
    assert len(accepted) <= 3, f"{named(path)} takes anything: {accepted}"
    assert True not in [value for value in accepted if isinstance(value, bool)]


CONTRADICTING = {
    "services.id",  # then the windows name a service that is not there
    "hall.closes",
    "hall.opens",
    "windows",
    "services",
    "services.arrivals",
    "windows.skills",
    "windows.open",
}


@pytest.mark.parametrize(
    ("path", "value", "field", "words"),
    [
        (("format",), 2, "format", "format = 1"),
        (("format",), True, "format", "format = 1"),
        (("hall", "id"), "Wola", "hall.id", "a-z"),
        (("hall", "id"), "w" * 41, "hall.id", "40"),
        (("hall", "time_zone"), "Europe/Kijow", "hall.time_zone", "IANA"),
        (("hall", "time_zone"), "../../etc/passwd", "hall.time_zone", "IANA"),
        (("hall", "languages"), ["uk", "uk"], "hall.languages", "different"),
        (("hall", "languages"), ["Ukrainian"], "hall.languages", "language codes"),
        (("hall", "opens"), "25:00", "hall.opens", "clock time"),
        (("hall", "opens"), "24:01", "hall.opens", "clock time"),
        (("hall", "opens"), "8.00", "hall.opens", "08:00"),
        (("hall", "closes"), "08:00", "hall.closes", "not after opens"),
        (("hall", "closes"), "07:59", "hall.closes", "not after opens"),
        (("hall", "after_close"), "stay", "hall.after_close", '"serve" or "leave"'),
        (("hall", "waiting_places"), 0, "hall.waiting_places", "1 to 100000"),
        (("hall", "target_minutes"), 0, "hall.target_minutes", "above 0"),
        (("hall", "target_minutes"), 100_001, "hall.target_minutes", "out of range"),
        (("services", 1, "id"), "passport", "services.id", "twice"),
        (("services", 0, "prefix"), "A1", "services[1].prefix", "letters"),
        (("services", 0, "prefix"), "ABCD", "services[1].prefix", "letters"),
        (("services", 0, "priority"), 101, "services[1].priority", "-100 to 100"),
        (("services", 0, "no_show"), 1.01, "services[1].no_show", "0 to 1"),
        (("services", 0, "arrivals"), [["10:00", 1], ["09:00", 2]], "services[1].arrivals[2]", "order"),
        (("services", 0, "arrivals"), [["10:00", 1], ["10:00", 2]], "services[1].arrivals[2]", "order"),
        (("services", 0, "arrivals"), [["10:00"]], "services[1].arrivals[1]", "pair"),
        (("services", 0, "arrivals"), [["10:00", -1]], "services[1].arrivals[1]", "out of range"),
        (("services", 0, "service", "distribution"), "normal", "services[1].service.distribution", "gamma"),
        (("services", 0, "service", "cv"), 0, "services[1].service.cv", "out of range"),
        (("services", 0, "service", "zero"), 0.1, "services[1].service.zero", "not a known key"),
        (("services", 0, "patience", "zero"), 1.1, "services[1].patience.zero", "0 to 1"),
        (("services", 1, "patience", "high"), 19, "services[2].patience.high", "below low"),
        (("services", 1, "service", 1, 1, "values"), [], "services[2].service[2].values", "list"),
        (("services", 1, "service", 1, 1, "values"), [-1], "services[2].service[2].values[1]", "range"),
        (("windows", 0, "count"), 0, "windows[1].count", "1 to 500"),
        (("windows", 0, "skills"), {}, "windows[1].skills", "at least one"),
        (("windows", 0, "skills", "visa"), 1.0, "windows[1].skills.visa", "passport, residence, pickup"),
        (("windows", 0, "skills", "passport"), 0, "windows[1].skills.passport", "above 0"),
        (("windows", 1, "id"), "w-2", "windows.id", "twice"),
        (("windows", 1, "skills"), {"passport": 1.0}, "services[3].id", "no window has the skill"),
        (("windows", 0, "open"), [["12:00", "08:00"]], "windows[1].open[1]", "ends before"),
        (("windows", 0, "open"), [["08:00", "12:00"], ["11:00", "13:00"]], "windows[1].open[2]", "overlaps"),
        (("dispatch",), 30, "dispatch", "must be a table"),
        (("dispatch", "overtaken_max"), -1, "dispatch.overtaken_max", "0 to 100000"),
        (("dispatch", "overtaken_max"), 100_001, "dispatch.overtaken_max", "0 to 100000"),
        (("dispatch", "overtaken_max"), 30.0, "dispatch.overtaken_max", "whole number"),
        (("dispatch", "overtaken_max"), "none", "dispatch.overtaken_max", "for example 30"),
        (("dispatch", "waited_max_minutes"), 0, "dispatch.waited_max_minutes", "above 0"),
        (("dispatch", "waited_max_minutes"), 100_001, "dispatch.waited_max_minutes", "out of range"),
        (("dispatch", "waited_max_minutes"), math.inf, "dispatch.waited_max_minutes", "out of range"),
        (("dispatch", "waited_max_minutes"), "1 h", "dispatch.waited_max_minutes", "for example 60"),
        (("demand", "busyness_shape"), 0, "demand.busyness_shape", "28.7"),
        (("visits", 0, "services"), ["passport"], "visits[1].services", "2 to 8"),
        (("visits", 0, "services"), "passport", "visits[1].services", "2 to 8"),
        (("visits", 0, "services"), ["passport", "wedding"], "visits[1].services", "use some of passport"),
        (("visits", 0, "services"), ["passport", ["x"]], "visits[1].services", "is not a service"),
        (("visits", 0, "services"), ["passport", "passport"], "visits[1].services", "name each once"),
        (("windows", 0, "id"), "w" * 39, "windows[1].id", "40"),
    ],
)
def test_what_is_out_of_range_or_contradicts_is_refused(
    path: Path_, value: Any, field: str, words: str
) -> None:
    error = refused(broken(path, value))
    assert error.field == field
    assert words in str(error)


TABLES: tuple[Path_, ...] = (
    (),
    ("hall",),
    ("services", 0),
    ("services", 0, "service"),
    ("services", 0, "patience"),
    ("windows", 0),
    ("visits", 0),
    ("dispatch",),
    ("demand",),
)


@pytest.mark.parametrize("path", TABLES, ids=named)
@pytest.mark.parametrize("key", ["colour", "a\nb", "ідентифікатор", ""])
def test_an_unknown_key_is_refused_in_every_table(path: Path_, key: str) -> None:
    error = refused(broken((*path, key), 1))
    assert error.problem == "is not a known key"
    assert error.remedy.startswith(("known here: ", "did you mean"))
    assert repr(key).strip("'") in error.field


def test_a_misspelt_key_is_answered_with_the_right_one() -> None:
    assert "did you mean 'prefix'?" in str(refused(broken(("services", 0, "prefixx"), "A")))


def test_windows_and_services_are_limited() -> None:
    assert "at most 500" in str(refused(broken(("windows", 0, "count"), 500)))
    services = [{**TABLE["services"][2], "id": f"s{n}"} for n in range(501)]
    table = broken(("services",), services)
    table["windows"] = [{"id": "w", "skills": {f"s{n}": 1.0 for n in range(501)}}]
    assert "at most 500" in str(refused(table))


@pytest.mark.parametrize(
    ("ids", "labels"),
    [
        (["w-1", "w-2"], ["1", "2"]),
        (["a-07", "b-12"], ["7", "12"]),
        (["a-1", "b-1"], ["1", "2"]),
        (["left", "w-9"], ["1", "2"]),
    ],
)
def test_labels_tell_windows_apart(ids: list[str], labels: list[str]) -> None:
    table = copy.deepcopy(TABLE)
    everything = {"passport": 1.0, "residence": 1.0, "pickup": 1.0}
    table["windows"] = [{"id": window, "skills": everything} for window in ids]
    assert [window.label for window in parse_hall(to_toml(table)).windows] == labels


@pytest.mark.parametrize(
    "text",
    [
        "format = ",
        "format = 1\nformat = 1",
        "\x00",
        f"format = {'1' * 5_000}",
        f"format = {'[' * 5_000}{']' * 5_000}",
        f"format = 1\nhall.{'a.' * 3_000}a = 1",
        "",
    ],
    ids=["cut off", "key twice", "control character", "endless number", "deep list", "deep table", "empty"],
)
def test_what_is_no_toml_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(HallFileError) as error:
        parse_hall(text, "some.toml")
    assert_one_line(error.value)


def test_a_file_that_cannot_be_read_is_refused_in_one_line(tmp_path: Path) -> None:
    file = tmp_path / "hall.toml"
    with pytest.raises(HallFileError, match="cannot be read"):
        read_hall_file(file)
    with pytest.raises(HallFileError, match="cannot be read"):
        read_hall_file(tmp_path)
    file.write_bytes(b"format = 1 # \xff")
    with pytest.raises(HallFileError, match="not UTF-8 at byte 13"):
        read_hall_file(file)
    file.write_bytes(b"#" * (FILE_BYTES_MAX + 1))
    with pytest.raises(HallFileError, match="larger than"):
        read_hall_file(file)
    file.write_text(EXAMPLE, encoding="utf-8")
    assert read_hall_file(str(file)) == parse_hall(EXAMPLE)
    file.write_bytes(b"\xef\xbb\xbf" + EXAMPLE.encode())
    assert read_hall_file(file) == parse_hall(EXAMPLE), "some editors begin a file with a mark"


keys = st.sampled_from(sorted({str(path[-1]) for path in FIELDS})) | st.text(max_size=4)
scalars = (
    st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(("08:00", "lognormal", "passport", "Europe/Kyiv", "A", 10**400))
    | st.dates()
    | st.datetimes()
    | st.times()
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=600, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(PATHS), values), min_size=1, max_size=4))
def test_whatever_stands_in_the_file_it_is_read_or_refused_in_one_line(
    changes: list[tuple[Path_, Any]],
) -> None:
    table = copy.deepcopy(TABLE)
    for path, value in changes:
        place: Any = table
        try:
            for key in path[:-1]:
                place = place[key]
            place[path[-1]] = value
        except (LookupError, TypeError):
            continue  # an earlier change took the place away
    mistake(table)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(keys, values, max_size=5) | st.text(max_size=40))
def test_whatever_text_comes_it_is_refused_in_one_line(table: dict[str, Any] | str) -> None:
    with pytest.raises(HallFileError) as error:
        parse_hall(table if isinstance(table, str) else to_toml(table), "some.toml")
    assert_one_line(error.value)
