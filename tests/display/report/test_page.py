"""The report as a page: complete in itself, true to the JSON, the same every time, in every language."""

from __future__ import annotations

import ast
import html
import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

import vikno.display.report
from tests.display.report.reading import Exact, Report
from tests.simulation.running import SEED, experiment
from vikno.api.report import render_report
from vikno.display import catalog
from vikno.display.catalog import CatalogError
from vikno.display.contrast import SHAPES, contrast
from vikno.display.report import plots, render
from vikno.display.report.figures import FAIRNESS, FIGURES, VISITORS, WAITS, WORK
from vikno.display.report.svg import PAINT, SERIES
from vikno.queue.plan import HallPlan
from vikno.scheduler import POLICIES
from vikno.simulation.experiment import Experiment
from vikno.simulation.results import results
from vikno.simulation.summary import Summary

PACKAGE = Path(vikno.display.report.__file__).parent
ROOT = PACKAGE.parents[2]
COMMAND = "vikno simulate hall.toml --policy fifo --policy priority --days 12 --seed 7"
DAYS = 12
SIZE_MAX = 1_000_000
HOSTILE = "\"'><script>alert($1)</script>&{{7*7}}"
ATTRIBUTES_THAT_LOAD = {"src", "srcset", "action", "data", "poster", "background"}


@cache
def lived() -> Experiment:
    return experiment(DAYS)


def rendered(language: str = "en", policies: int = 2, hall: HallPlan | None = None) -> str:
    summaries = dict(list(lived().summaries.items())[:policies])
    return render_report(hall or lived().scenarios[0].plan, summaries, SEED, COMMAND, language)


@cache
def page(policies: int = 2) -> Report:
    return Report(rendered(policies=policies))


@cache
def told() -> dict[str, Any]:
    return results(lived())["policies"]  # type: ignore[no-any-return]


def exact(estimate: dict[str, float | None]) -> Exact:
    return tuple(number for number in estimate.values() if number is not None)


@pytest.mark.parametrize("policies", [1, 2])
def test_the_page_needs_nothing_from_anywhere(policies: int) -> None:
    report = page(policies)
    assert "http" not in report.html.lower()
    assert "@import" not in report.html
    assert set(re.findall(r"url\(([^)]{1,2})", report.html)) <= {
        "#" + letter for letter in "abcdefghiklmnopqrstuvwxyz"
    }
    for tag, attrs in report.elements:
        assert tag not in {"script", "iframe", "object", "embed", "img"}
        assert not ATTRIBUTES_THAT_LOAD.intersection(attrs)
        assert not any(name.startswith("on") for name in attrs)
        if "href" in attrs:
            assert (attrs["href"] or "").startswith("data:," if tag == "link" else "#")
    assert len(report.html.encode()) < SIZE_MAX


def test_names_in_the_page_are_unique_and_all_that_is_referred_to_is_there() -> None:
    report = page()
    assert len(report.ids) == len(set(report.ids))
    referred = set(re.findall(r"url\(#([^)]+)\)", report.html))
    for _, attrs in report.elements:
        referred.update((attrs.get("aria-labelledby") or "").split())
        if (attrs.get("href") or "").startswith("#"):
            referred.add((attrs["href"] or "")[1:])
    assert referred
    assert referred <= set(report.ids)


def test_every_figure_of_the_hall_is_the_one_of_the_json() -> None:
    table = page().tables["The whole hall"]
    assert table.heads == ["Figure", *told()]
    for figure in FIGURES:
        assert table.rows[figure.name] == [exact(policy[figure.key]) for policy in told().values()]


@pytest.mark.parametrize("policy", ["fifo", "priority"])
def test_every_figure_of_every_service_is_the_one_of_the_json(policy: str) -> None:
    report = page()
    captions = {
        f"Visitors by service, and the work of its windows: {policy}": (*VISITORS, *WORK),
        f"Waits by service: {policy}": WAITS,
        f"Fairness by service: {policy}": FAIRNESS,
    }
    for caption, figures in captions.items():
        table = report.tables[caption]
        assert table.heads == ["Service", *(figure.name for figure in figures)]
        for service, found in told()[policy]["services"].items():
            assert table.rows[service] == [exact(found[figure.key]) for figure in figures]


def test_long_waits_and_overtaking_stand_together_for_each_service() -> None:
    table = page().tables["By service"]
    for service, rows in table.rows.items():
        assert rows == [
            exact(policy["services"][service][key])
            for policy in told().values()
            for key in ("wait_p95", "overtaken_share")
        ]
    assert list(table.rows) == list(told()["fifo"]["services"])


def test_every_policy_is_explained() -> None:
    """One that was learned goes by the name of its file."""
    plan, days = lived().scenarios[0].plan, lived().summaries["fifo"].tallies
    summaries = {name: Summary(plan, days) for name in (*POLICIES, "small-hall.json")}
    report = render_report(plan, summaries, SEED, COMMAND, "en")
    for policy in (*POLICIES, "learned"):
        assert html.escape(render.POLICIES[policy]) in report


def test_every_figure_of_every_window_is_the_one_of_the_json() -> None:
    plan = lived().scenarios[0].plan
    table = page().tables["Windows"]
    for window in plan.windows:
        each = [policy["windows"][window.id] for policy in told().values()]
        assert table.rows[window.label] == [
            exact(one[key]) for one in each for key in ("occupancy", "served")
        ]


def test_differences_are_those_of_the_json() -> None:
    table = page().tables["Differences from fifo"]
    compared = results(lived())["compared"]["priority"]
    names = {figure.key: figure.name for figure in FIGURES}
    for key, found in compared.items():
        if key in names:
            assert table.rows[names[key]] == [exact(found["difference"])]


def test_what_is_shown_of_a_number_is_that_number_rounded() -> None:
    for shown, number in page().shown:
        read = float(shown.replace(",", "").replace("\N{MINUS SIGN}", "-").removesuffix("%"))
        percent = shown.endswith("%") or abs(read - number) > abs(read - 100 * number)
        assert read == pytest.approx(100 * number if percent else number, abs=0.0501)


def test_the_page_says_how_to_repeat_it() -> None:
    text = page().text
    for words in (COMMAND, f"Seed {SEED}", f"Days {DAYS}", "vikno 0.", "numpy", "matplotlib", "simpy"):
        assert words in text


def test_the_same_results_give_the_same_bytes() -> None:
    assert rendered() == page().html


def test_the_command_writes_the_same_bytes_whenever_it_runs(tmp_path: Path) -> None:
    hall = ROOT / "examples" / "wola.toml"
    written = []
    for hash_seed in ("1", "2"):
        path = tmp_path / f"{hash_seed}.html"
        vikno = [sys.executable, "-c", "from vikno.api.cli import main; main()"]
        order = ["simulate", str(hall), "--policy", "fifo", "--days", "2", "--report", str(path)]
        subprocess.run([*vikno, *order], check=True, env=os.environ | {"PYTHONHASHSEED": hash_seed})
        written.append(path.read_bytes())
    assert written[0] == written[1]
    assert b"--days 2 --seed 1" in written[0]


def test_names_cannot_break_out_of_the_page() -> None:
    plan = lived().scenarios[0].plan
    hostile = replace(
        plan,
        name={"en": HOSTILE},
        services=tuple(replace(service, name={"en": f"{HOSTILE} {service.id}"}) for service in plan.services),
        windows=tuple(replace(window, label=f"{HOSTILE} {window.id}") for window in plan.windows),
    )
    summaries = {f"{HOSTILE} {name}": summary for name, summary in lived().summaries.items()}
    report = Report(render_report(hostile, summaries, SEED, HOSTILE))
    assert "<script" not in report.html
    assert "{{7*7}}" in report.text
    assert "script" not in {tag for tag, _ in report.elements}
    assert not [name for _, attrs in report.elements for name in attrs if name.startswith(("on", '"', "'"))]


def test_every_drawing_says_what_it_is() -> None:
    drawings = [attrs for tag, attrs in page().elements if tag == "svg" and attrs.get("class") == "plot"]
    labels = [attrs["aria-label"] for attrs in drawings]
    assert len(labels) == len(set(labels))
    assert all(attrs["role"] == "img" for attrs in drawings)
    assert {"Wait by time of arrival: fifo", "How long people wait: priority", "Occupancy by window"} <= set(
        labels
    )


def test_every_table_has_a_caption_and_scopes() -> None:
    elements = page().elements
    tags = [tag for tag, _ in elements]
    assert tags.count("table") == tags.count("caption")
    assert all(attrs.get("scope") in {"col", "row"} for tag, attrs in elements if tag == "th")


def test_drawings_take_their_colours_from_the_page() -> None:
    html = page().html
    assert not re.search("|".join(PAINT.values()), html)
    drawn = "".join(re.findall(r'<svg class="plot".*?</svg>', html, re.DOTALL))
    assert not re.search(r"#[0-9a-f]{6}", drawn)
    assert set(re.findall(r"var\((--[a-z0-9-]+)\)", drawn)) <= set(re.findall(r"(--[a-z0-9-]+):", html))


def test_the_colours_of_policies_can_be_seen_and_are_not_all_that_tells_them_apart() -> None:
    style = (PACKAGE / "report.css").read_text(encoding="utf-8")
    pairs = re.findall(r"--series-\d: var\(--if-light, (#\w{6})\) var\(--if-dark, (#\w{6})\)", style)
    assert len(set(pairs)) == len(SERIES)
    for light, dark in pairs:
        assert contrast(light, "#ffffff") >= SHAPES
        assert contrast(dark, "#121e33") >= SHAPES
    assert len(set(map(str, plots.DASHES))) == len(set(plots.MARKS)) == len(SERIES)


def test_a_name_with_a_dollar_is_no_formula() -> None:
    summaries = {f"$x_{name}$": summary for name, summary in lived().summaries.items()}
    html = render_report(lived().scenarios[0].plan, summaries, SEED, COMMAND)
    assert ">$x_fifo$</text>" in html


def test_an_overloaded_hall_is_said_to_be() -> None:
    summary = lived().summaries["fifo"]
    plan = lived().scenarios[0].plan
    assert ("overloaded" in page(1).text) == (summary.overloaded() is not None)
    crowded = replace(
        plan,
        services=tuple(replace(service, arrivals=((0, 900.0),)) for service in plan.services),
    )
    overloaded = type(summary)(crowded, summary.tallies)
    said = overloaded.overloaded()
    assert said is not None
    assert said in Report(render_report(crowded, {"fifo": overloaded}, SEED, COMMAND)).text
    uk = Report(render_report(crowded, {"fifo": overloaded}, SEED, COMMAND, "uk"))
    assert "Зал перевантажений" in uk.text


def sentences_of_the_report() -> set[str]:
    """Every msgid of the package: `t("…")` in its code and in its page."""
    found = set(
        re.findall(r'\bt\(["\'](.*?)["\'][,)]', (PACKAGE / "report.html").read_text(encoding="utf-8"))
    )
    for path in PACKAGE.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                called = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
                if called == "t":
                    found.add(str(node.args[0].value))
    return found


@pytest.mark.parametrize("language", [code for code in catalog.languages() if code != "en"])
def test_every_sentence_of_the_report_is_translated(language: str) -> None:
    messages = catalog.read_messages(catalog.LOCALES / f"{language}.po", language)
    assert len(sentences_of_the_report()) > len(FIGURES)
    assert not sentences_of_the_report() - messages.keys()


def test_a_ukrainian_report_has_no_english_word() -> None:
    plan = lived().scenarios[0].plan
    named = replace(
        plan,
        name={"uk": "Зал"},
        services=tuple(replace(each, name={"uk": f"Послуга {at}"}) for at, each in enumerate(plan.services)),
        windows=tuple(replace(each, label=str(at)) for at, each in enumerate(plan.windows)),
    )
    report = Report(rendered("uk", hall=named))
    labels = " ".join(attrs.get("aria-label") or "" for _, attrs in report.elements)
    versions = {"Python", "vikno", "numpy", "scipy", "simpy", "matplotlib"}
    known = {"fifo", "priority", *versions, *re.findall(r"[A-Za-z]{2,}", COMMAND)}
    assert not set(re.findall(r"[A-Za-z]{2,}", report.text + labels)) - known
    assert "змодельованих днів" in report.text


def test_an_unknown_language_is_refused_with_the_known_ones() -> None:
    with pytest.raises(CatalogError, match="there are: bg, en, ru, uk"):
        rendered("xx")
