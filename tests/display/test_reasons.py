"""The reason of a call in words: every rule, every language, every number, and nothing that is not stored."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.queue.scene import Scene
from vikno.display import catalog
from vikno.display.reasons import FIRST, TO_VISITORS, figure, limit, sentence, to_visitor
from vikno.queue import commands as c
from vikno.queue import events as e
from vikno.queue.plan import HallPlan
from vikno.queue.policy import Why
from vikno.scheduler import POLICIES

LANGUAGES = tuple(catalog.languages())
NOBODY = {"nobody-waiting", "better-window", "longer-free", "quicker-soon"}
COMPARING = ("nearest-target", "shortest-here", "best-here")
BOUNDS = ("overtaken-enough", "waited-enough")
API = Path(__file__).parents[2] / "docs" / "api.md"

minutes = st.floats(0, 600)
parts = st.fixed_dictionaries(
    {},
    optional={
        "pressure": st.floats(0, 9),
        "rate": st.floats(0.1, 60),
        "fit": st.floats(0, 1),
        "overtaken": st.integers(0, 200).map(float),
    },
)
numbers = st.lists(st.integers(1, 999).map("M{}".format), max_size=5).map(tuple)


@st.composite
def reasons(draw: st.DrawFn) -> Why:
    """A reason of any rule, as any policy may have stored it, also one of a later version."""
    named = draw(numbers)
    return Why(
        policy="index",
        rule=draw(st.sampled_from((*FIRST, "a-rule-of-tomorrow"))),
        waited_minutes=draw(minutes),
        waiting=draw(st.integers(0, 300)),
        overtook=draw(st.sampled_from((0, len(named), len(named) + 7))),
        overtook_numbers=named,
        score=draw(parts),
        against=draw(parts),
    )


def test_the_rules_that_have_words_are_those_of_the_documentation() -> None:
    section = API.read_text(encoding="utf-8").split("`rule` is one of\n", 1)[1].split("\n```", 1)[0]
    heads = [
        line.partition(":" if "bound" in line or "nobody" in line else "\0")[0]
        for line in section.split("\n")
    ]
    assert set(re.findall(r"`([a-z]+(?:-[a-z]+)+)`", "\n".join(heads))) == set(FIRST)
    assert set(TO_VISITORS) == set(FIRST) - NOBODY


@pytest.mark.parametrize("language", LANGUAGES)
@given(why=reasons(), number=st.sampled_from(("A12", "K3")))
def test_every_reason_is_whole_in_every_language(language: str, why: Why, number: str) -> None:
    said = sentence(why, language, number)
    assert "{" not in said
    assert said.endswith(".")
    assert (number in said) is (why.rule not in NOBODY)
    assert why.rule not in said


@pytest.mark.parametrize("rule", FIRST)
def test_each_rule_has_words_of_its_own_in_each_language(rule: str) -> None:
    said = {language: sentence(Why("index", rule, 14.2), language, "A12") for language in LANGUAGES}
    assert len(set(said.values())) == len(LANGUAGES)
    others = [sentence(Why("index", other, 14.2), "uk", "A12") for other in FIRST if other != rule]
    assert said["uk"] not in others


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("rule", [*TO_VISITORS, None, "a-rule-of-tomorrow"])
@given(count=st.integers(0, 300), most=st.none() | st.integers(0, 300))
def test_a_visitor_is_told_no_number_but_how_many_and_the_limit(
    language: str, rule: str | None, count: int, most: int | None
) -> None:
    passed = {"count": count, "rule": rule, "most": most}
    said = " ".join(to_visitor(passed, language))
    assert "{" not in said
    assert {int(figures) for figures in re.findall(r"\d+", said)} <= {count, most}
    assert bool(said) is (count > 0)
    assert bool(limit(passed, language)) is (most is not None)


def test_a_visitor_who_does_not_wait_is_told_nothing() -> None:
    assert to_visitor(None, "uk") == limit(None, "uk") == []


@pytest.mark.parametrize(
    ("n", "words"),
    [
        (1, "пройшла 1 людина, що прийшла"),
        (3, "пройшли 3 людини, що прийшли"),
        (11, "пройшли 11 людей, що прийшли"),
        (21, "пройшла 21 людина, що прийшла"),
        (30, "пройшли 30 людей, що прийшли"),
    ],
)
def test_ukrainian_counts_those_who_went_before(n: int, words: str) -> None:
    assert words in sentence(Why("index", "overtaken-enough", score={"overtaken": float(n)}), "uk", "K3")


@pytest.mark.parametrize(
    ("language", "n", "words"),
    [
        ("en", 1, "At most 1 visitor who came later goes before you"),
        ("en", 2, "At most 2 visitors who came later go before you"),
        ("en", 0, "Nobody who came later goes before you"),
        ("uk", 21, "може пройти щонайбільше 21 відвідувач,"),
        ("uk", 4, "можуть пройти щонайбільше 4 відвідувачі,"),
        ("uk", 12, "можуть пройти щонайбільше 12 відвідувачів,"),
    ],
)
def test_the_limit_agrees_with_its_number(language: str, n: int, words: str) -> None:
    [said] = limit({"count": 0, "rule": None, "most": n}, language)
    assert words in said


def test_the_sentences_of_a_weighing_policy_compare_with_the_one_overtaken() -> None:
    why = Why(
        "index",
        "shortest-here",
        3.0,
        5,
        3,
        ("M7", "A3", "K1"),
        {"rate": 6.0, "fit": 1.0},
        {"rate": 2.5, "fit": 0.4},
    )
    assert sentence(why, "en", "A12") == (
        "A12 first: takes little time at this window, 6 an hour. "
        "M7 came earlier, but takes longer here: 2.5 an hour."
    )
    assert "2,5 на годину" in sentence(why, "uk", "A12")
    best = replace(why, rule="best-here")
    assert sentence(best, "en", "A12").endswith("M7 came earlier, but is better served at other windows.")


@pytest.mark.parametrize("rule", COMPARING)
def test_a_comparison_that_its_figures_deny_is_not_made(rule: str) -> None:
    score, against = {"rate": 6.0, "fit": 1.0, "pressure": 0.9}, {"rate": 2.0, "fit": 0.4, "pressure": 0.7}
    why = Why("index", rule, 3.0, 5, 1, ("M7",), score, against)
    assert "M7 came earlier, but" in sentence(why, "en", "A12")
    for no_less in (score, {}):
        why = Why("index", rule, 3.0, 5, 1, ("M7",), score, no_less)
        assert sentence(why, "en", "A12").endswith("Goes before 1 person who came earlier: M7.")


@pytest.mark.parametrize("rule", BOUNDS)
def test_the_bound_says_whom_it_went_before(rule: str) -> None:
    why = Why("index", rule, 31.0, 9, 7, ("A1", "A2", "A3", "A4", "A5"), {"overtaken": 4.0})
    assert sentence(why, "en", "K3").endswith("Goes before 7 people who came earlier: A1, A2, A3, A4, A5 +2.")


@pytest.mark.parametrize("policy", POLICIES)
def test_every_rule_that_a_policy_gives_has_words(plan: HallPlan, policy: str) -> None:
    """A morning with more visitors than the windows take."""
    scene = Scene(replace(plan, overtaken_max=2, waited_max_minutes=9.0), policy=policy)
    windows = [window.id for window in plan.windows]
    for window in windows:
        scene.do(c.OpenWindow, window)
    for n in range(120):
        scene.issue(f"t{n}", plan.services[n * n % 3].id, priority=n % 7 // 6, after=7)
        window = windows[n % 6 // 2]
        if n % 2:
            scene.do(c.CallNext, window)
        elif scene.hall.windows[window].ticket:
            scene.do(c.FinishService, window)
    rules = {event.why.rule for event in scene.events if isinstance(event, e.TicketCalled | e.NobodyCalled)}
    assert rules <= set(FIRST)
    assert len(rules) > (policy != "fifo")


@given(reasons())
def test_what_the_journal_kept_is_what_is_said(why: Why) -> None:
    kept = msgspec.json.decode(msgspec.json.encode(why), type=Why)
    assert sentence(kept, "uk", "A12") == sentence(why, "uk", "A12")


def test_a_reason_of_an_old_journal_still_has_words() -> None:
    old = (
        b'{"policy":"priority","rule":"highest-priority","waited_minutes":3.6,'
        b'"waiting":2,"overtook":1,"overtook_numbers":["A1"]}'
    )
    said = sentence(msgspec.json.decode(old, type=Why), "en", "B1")
    assert said == "B1 first: has priority, and has waited 4 min. Goes before 1 person who came earlier: A1."


@pytest.mark.parametrize(
    ("value", "english", "ukrainian"),
    [(6.0, "6", "6"), (7.25, "7.3", "7,3"), (0.15, "0.2", "0,2"), (0.04, "0", "0"), (None, "–", "–")],
)
def test_a_rate_is_told_to_a_tenth(value: float | None, english: str, ukrainian: str) -> None:
    assert (figure(value, "en"), figure(value, "uk")) == (english, ukrainian)
