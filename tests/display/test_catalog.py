"""The words: every sentence of the pages is translated, and numbers agree with their nouns."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import vikno.display
from vikno.display import catalog
from vikno.display.catalog import CatalogError

DISPLAY = Path(vikno.display.__file__).parent
PLACEHOLDER = re.compile(r"\{\w+\}")
PO_HEADER = """
msgid ""
msgstr ""
"Language: {language}\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Plural-Forms: {plurals}\\n"
"""


def sentences_of_the_pages() -> Iterator[tuple[str, str]]:
    """Every `t("…")` of scripts and templates, with the name of its file."""
    call = re.compile(r'\bt\(\s*"((?:[^"\\]|\\.)*)"')
    for path in [*DISPLAY.glob("static/js/*.js"), *DISPLAY.glob("templates/*.html")]:
        for sentence in call.findall(path.read_text(encoding="utf-8")):
            yield sentence, path.name


def written(tmp_path: Path, language: str, plurals: str, body: str) -> Path:
    path = tmp_path / f"{language}.po"
    path.write_text(PO_HEADER.format(language=language, plurals=plurals) + body, encoding="utf-8")
    return path


@pytest.mark.parametrize("language", [code for code in catalog.languages() if code != "en"])
def test_every_sentence_of_the_pages_is_translated(language: str) -> None:
    messages = catalog.read_messages(catalog.LOCALES / f"{language}.po", language)
    missing = {(said, where) for said, where in sentences_of_the_pages() if said not in messages}
    assert not missing


@pytest.mark.parametrize("language", catalog.languages())
def test_a_translation_uses_only_the_placeholders_of_its_sentence(language: str) -> None:
    for msgid, entry in catalog.load(language).messages.items():
        for text in [entry] if isinstance(entry, str) else entry.values():
            assert set(PLACEHOLDER.findall(text)) <= set(PLACEHOLDER.findall(msgid)), msgid


@pytest.mark.parametrize(
    ("n", "words"),
    [
        (0, "0 людей у черзі"),
        (1, "1 людина в черзі"),
        (3, "3 людини в черзі"),
        (5, "5 людей у черзі"),
        (11, "11 людей у черзі"),
        (12, "12 людей у черзі"),
        (21, "21 людина в черзі"),
        (104, "104 людини в черзі"),
        (111, "111 людей у черзі"),
    ],
)
def test_ukrainian_counts_people(n: int, words: str) -> None:
    assert catalog.translate("uk", "{n} people in line", n=n) == words


def test_english_counts_people() -> None:
    said = [catalog.translate("en", "{n} people in line", n=n) for n in (0, 1, 2, 21)]
    assert said == ["0 people in line", "1 person in line", "2 people in line", "21 people in line"]


def test_a_page_gets_its_language_by_categories_a_browser_knows() -> None:
    told = json.loads(catalog.catalog_json("uk"))
    assert told["language"] == "uk"
    own_names = {"bg": "Български", "en": "English", "ru": "Русский", "uk": "Українська"}
    assert told["languages"] == own_names
    assert set(told["messages"]["{n} people in line"]) == {"one", "few", "many", "other"}


def test_what_is_not_translated_is_said_in_english() -> None:
    assert catalog.translate("uk", "No such sentence: {what}", what="x") == "No such sentence: x"


def test_a_placeholder_nobody_fills_stays_as_it_is() -> None:
    assert catalog.translate("en", "{page} of {pages}", page=1) == "1 of {pages}"


@pytest.mark.parametrize("language", ["xx", "../uk", "", "UK/..", "uk.po"])
def test_an_unknown_language_is_refused_with_the_known_ones(language: str) -> None:
    with pytest.raises(CatalogError, match=r"there are: bg, en, ru, uk"):
        catalog.load(language)


def test_a_language_is_added_by_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    body = '\nmsgid "Back"\nmsgstr "Wstecz"\n'
    written(tmp_path, "pl", "nplurals=3; plural=(n==1 ? 0 : n%10>=2 && n%10<=4 ? 1 : 2);", body)
    (tmp_path / "en.po").write_bytes((catalog.LOCALES / "en.po").read_bytes())
    monkeypatch.setattr(catalog, "LOCALES", tmp_path)
    catalog.load.cache_clear()
    try:
        assert catalog.languages() == {"en": "English", "pl": "Polski"}
        assert catalog.translate("pl", "Back") == "Wstecz"
    finally:
        catalog.load.cache_clear()


def test_a_language_of_one_form_serves_every_number(tmp_path: Path) -> None:
    body = '\nmsgid "{n} people"\nmsgid_plural "{n} people"\nmsgstr[0] "{n}人"\n'
    path = written(tmp_path, "ja", "nplurals=1; plural=0;", body)
    assert catalog.read_messages(path, "ja") == {"{n} people": {"other": "{n}人"}}


def test_a_fuzzy_or_empty_translation_is_not_shown(tmp_path: Path) -> None:
    body = '\n#, fuzzy\nmsgid "Back"\nmsgstr "Weit"\n\nmsgid "Done"\nmsgstr ""\n'
    path = written(tmp_path, "de", "nplurals=2; plural=(n != 1);", body)
    assert catalog.read_messages(path, "de") == {}


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    path = written(tmp_path, "de", "nplurals=2; plural=(n != 1);", "\nBack = Zurück\n")
    with pytest.raises(CatalogError, match=r"de\.po"):
        catalog.read_messages(path, "de")


def test_a_missing_plural_form_is_named(tmp_path: Path) -> None:
    body = (
        '\nmsgid "{n} people"\nmsgid_plural "{n} people"\nmsgstr[0] "{n} człowiek"\nmsgstr[1] "{n} ludzi"\n'
    )
    path = written(tmp_path, "pl", "nplurals=2; plural=(n==1 ? 0 : n%10>=2 && n%10<=4 ? 1 : 2);", body)
    with pytest.raises(CatalogError, match="2 plural forms, not the 3"):
        catalog.read_messages(path, "pl")
