"""The pages run in the browsers of old televisions: nothing newer than Chromium 87."""

import re
from pathlib import Path

import pytest

from tools.check_old_browsers import (
    LATER,
    LATER_PAGE,
    LATER_SCRIPT,
    LATER_STYLE,
    later_features,
    syntax_errors,
)

STATIC = Path(__file__).parents[2] / "vikno" / "display" / "static"
OURS = sorted(path for folder in ("css", "js") for path in (STATIC / folder).glob("*"))
SCRIPTS = sorted((STATIC / "js").glob("*.js"))


def test_there_are_pages_to_look_at() -> None:
    assert {path.suffix for path in OURS} == {".css", ".js"}


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.name)
def test_nothing_is_named_that_came_later(path: Path) -> None:
    assert later_features(path) == []


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_every_script_parses_as_ecmascript_2021(path: Path) -> None:
    assert syntax_errors(path) == []


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_scripts_import_by_path_and_need_no_import_map(path: Path) -> None:
    imported = re.findall(r'^(?:import|export) .*from "([^"]+)"', path.read_text("utf-8"), re.MULTILINE)
    assert [name for name in imported if not name.startswith((".", "/"))] == []


@pytest.mark.parametrize(
    ("kind", "line"),
    [
        (".js", "const last = list.at(-1);"),
        (".js", "const copy = structuredClone(state);"),
        (".js", "const key = crypto.randomUUID();"),
        (".css", "  .tile:has(.late) { color: red; }"),
        (".css", "  & .tile { color: red; }"),
        (".css", "  aspect-ratio: 16 / 9;"),
        (".css", "  height: 100dvh;"),
        (".css", "@container (min-width: 20rem) {"),
        (".css", "  color: color-mix(in srgb, red, blue);"),
        (".html", '<script type="importmap">'),
    ],
)
def test_the_check_knows_what_came_later(kind: str, line: str) -> None:
    assert any(re.search(pattern, line) for pattern in LATER[kind])


def test_each_kind_of_file_has_its_list() -> None:
    assert LATER[".js"] is LATER_SCRIPT
    assert LATER[".css"] is LATER_STYLE
    assert LATER[".html"].keys() >= LATER_PAGE.keys()
