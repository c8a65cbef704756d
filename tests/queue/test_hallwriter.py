"""What is written as a hall file reads back as the same hall, whatever stands in it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from vikno.queue.hallfile import parse_hall, read_hall_file
from vikno.queue.hallwriter import write_hall
from vikno.queue.plan import (
    OVERTAKEN_MAX,
    WAITED_MAX_MINUTES,
    Distribution,
    HallPlan,
    Service,
    Timed,
    Visits,
    WindowPlan,
)

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "hall-file.md").read_text(encoding="utf-8")
EXAMPLE = re.findall(r"```toml\n(.*?)```", DOCUMENT, re.DOTALL)[0]
ENDLESS = 100_000.0

identifiers = st.text("abcz09-", min_size=1, max_size=12)
texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12).filter(str.strip)
names = st.dictionaries(st.sampled_from(["uk", "en", "Якась", "a b", '"']), texts, min_size=1, max_size=3)
shares = st.floats(0.0, 1.0)
minutes = st.floats(0.0, ENDLESS)
positive = st.floats(0.0, ENDLESS, exclude_min=True)
clocks = st.integers(0, 24 * 60)
NOBODY = st.just(0.0)
"""The share that leaves at once, where the file has no place for one."""


def some(values: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(values, min_size=1, max_size=8).map(tuple)


@st.composite
def distributions(draw: st.DrawFn, zero: st.SearchStrategy[float] = NOBODY) -> Distribution:
    low = draw(minutes)
    return draw(
        st.one_of(
            st.builds(Distribution, st.just("exponential"), mean=positive, zero=zero),
            st.builds(Distribution, st.just("constant"), mean=minutes, zero=zero),
            st.builds(
                Distribution, st.sampled_from(["gamma", "lognormal"]), mean=positive, cv=positive, zero=zero
            ),
            st.builds(
                Distribution,
                st.just("uniform"),
                low=st.just(low),
                high=st.floats(low, ENDLESS, exclude_min=not low),
                zero=zero,
            ),
            st.builds(Distribution, st.just("empirical"), values=some(minutes), zero=zero),
        ).filter(lambda found: found.high != 0.0)
    )


@st.composite
def by_time(draw: st.DrawFn, values: st.SearchStrategy[Any]) -> tuple[tuple[int, Any], ...]:
    starts = sorted(draw(st.sets(clocks, max_size=12)))
    return tuple((start, draw(values)) for start in starts)


def timed(zero: st.SearchStrategy[float] = NOBODY) -> st.SearchStrategy[Timed]:
    one = st.tuples(st.tuples(st.just(0), distributions(zero)))
    return st.one_of(st.just(()), one, by_time(distributions(zero)))


@st.composite
def periods(draw: st.DrawFn) -> tuple[tuple[int, int], ...]:
    edges = sorted(draw(st.sets(clocks, max_size=6)))
    return tuple(zip(edges[::2], edges[1::2], strict=False))


arrivals = by_time(st.floats(0.0, ENDLESS))


@st.composite
def plans(draw: st.DrawFn) -> HallPlan:
    """Any hall that a file can describe; without labels, which follow from the identifiers."""
    known = draw(st.lists(identifiers, min_size=1, max_size=4, unique=True))
    services = tuple(
        Service(
            id=service,
            prefix=draw(st.text("ABЖЇ", min_size=1, max_size=3)),
            name=draw(names),
            target_minutes=draw(positive),
            priority=draw(st.integers(-100, 100)),
            arrivals=draw(arrivals),
            service=draw(timed()),
            patience=draw(timed(shares)),
            no_show=draw(shares),
            no_show_minutes=draw(minutes),
        )
        for service in known
    )
    factors = st.floats(0.0, 100.0, exclude_min=True)
    skills = st.dictionaries(st.sampled_from(known), factors, min_size=1)
    ids = draw(st.lists(identifiers, min_size=2, max_size=5, unique=True))
    everything = {service: draw(factors) for service in draw(st.permutations(known))}
    windows = (
        *(WindowPlan(window, "", draw(skills), draw(periods())) for window in ids[1:]),
        WindowPlan(ids[0], "", everything, draw(periods())),
    )
    kinds = st.permutations(known).map(lambda kind: tuple(kind[: 1 + len(kind) // 2]))
    opens = draw(st.integers(0, 24 * 60 - 1))
    return HallPlan(
        id=draw(identifiers),
        name=draw(names),
        time_zone=draw(st.sampled_from(["UTC", "Europe/Kyiv", "America/Argentina/Buenos_Aires"])),
        languages=tuple(draw(st.permutations(["uk", "en", "crh"]))[: draw(st.integers(1, 3))]),
        opens=opens,
        closes=draw(st.integers(opens + 1, 24 * 60)),
        services=services,
        windows=windows,
        after_close=draw(st.sampled_from(["serve", "leave"])),
        waiting_places=draw(st.none() | st.integers(1, 100_000)),
        target_minutes=draw(positive),
        busyness_shape=draw(st.none() | st.floats(0.0, 1e9, exclude_min=True)),
        visits=tuple(
            Visits(kind, rates)
            for kind, rates in draw(st.lists(st.tuples(kinds, arrivals), max_size=2))
            if len(kind) > 1 and rates
        ),
        overtaken_max=draw(st.just(OVERTAKEN_MAX) | st.integers(0, 100_000)),
        waited_max_minutes=draw(st.just(WAITED_MAX_MINUTES) | positive),
    )


def unlabelled(plan: HallPlan) -> HallPlan:
    return replace(plan, windows=tuple(replace(window, label="") for window in plan.windows))


def sections(plan: HallPlan) -> list[str]:
    """Everywhere a comment may stand."""
    return [
        *("", "hall", "dispatch", "demand"),
        *(f"services.{service.id}" for service in plan.services),
        *(f"windows.{window.id}" for window in plan.windows),
        *(f"visits.{'+'.join(visits.services)}" for visits in plan.visits),
    ]


@settings(max_examples=60, deadline=None)
@given(plans(), st.lists(st.text(max_size=200), max_size=3))
def test_a_written_hall_reads_as_the_same_hall(plan: HallPlan, comments: list[str]) -> None:
    text = write_hall(plan, dict.fromkeys(sections(plan), comments))
    read = parse_hall(text)
    assert unlabelled(read) == plan
    assert [list(window.skills) for window in read.windows] == [list(w.skills) for w in plan.windows]
    assert parse_hall(write_hall(read)) == read


HALL_FILES = sorted(set((ROOT / "examples").glob("*.toml")) - set((ROOT / "examples").glob("*_roster.toml")))


@pytest.mark.parametrize("file", HALL_FILES, ids=lambda file: file.name)
def test_the_examples_survive(file: Path) -> None:
    plan = read_hall_file(file)
    assert parse_hall(write_hall(plan)) == plan


def test_each_comment_stands_above_its_section() -> None:
    plan = parse_hall(EXAMPLE)
    said = {section: [f"about {section or 'all'}", "more"] for section in sections(plan)}
    text = write_hall(plan, said)
    heads = {"": "format = 1", "hall": "[hall]", "dispatch": "[dispatch]", "demand": "[demand]"}
    for section in said:
        about = f"# about {section or 'all'}\n# more\n"
        name = section.split(".")[0]
        assert about + heads.get(section, f"[[{name}]]") in text
        if "." in section and name != "visits":
            assert f'[[{name}]]\nid = "{section.split(".")[1]}"' in text.split(about)[1]


def test_a_long_comment_is_broken_into_lines() -> None:
    text = write_hall(parse_hall(EXAMPLE), {"": ["word " * 100]})
    comments = [line for line in text.splitlines() if line.startswith("#")]
    assert len(comments) > 1
    assert all(len(line) <= 110 for line in comments)
    assert sum(line.count("word") for line in comments) == 100


def test_only_a_bound_of_its_own_is_written() -> None:
    """One that the program gives by itself may be better in its next version."""
    plan = parse_hall(EXAMPLE)
    usual = replace(plan, overtaken_max=OVERTAKEN_MAX, waited_max_minutes=WAITED_MAX_MINUTES)
    assert "[dispatch]" not in write_hall(usual)
    assert "[dispatch]\novertaken_max = 0\n\n" in write_hall(replace(usual, overtaken_max=0))
    assert "[dispatch]\nwaited_max_minutes = 45.0\n\n" in write_hall(replace(usual, waited_max_minutes=45.0))
