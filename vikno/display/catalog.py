"""The words of Vikno in the reader's language.

Every page, the visitor's phone and the templates take their words from one place: gettext
files in `locales`, one per language, whose msgids are the English sentences. A language
is added by adding its file. Pages cannot read gettext, so that each file is also told as
JSON, with plurals by CLDR category ("one", "few", "many", "other"), which a browser
chooses among with `Intl.PluralRules` and the server with Babel: both say the same.
"""

import gettext
import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TypeAlias

from babel import Locale, UnknownLocaleError
from babel.messages.catalog import Message
from babel.messages.pofile import PoFileError, read_po
from msgspec import Struct

from vikno.queue.errors import ViknoError

LOCALES = Path(__file__).parent / "locales"
SOURCE_LANGUAGE = "en"
# Enough whole numbers to meet every plural form of every language CLDR knows but those that
# begin at a million (French, Italian); these fall under "other".
PLURAL_SAMPLES = 1000

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*", re.IGNORECASE)

Translation: TypeAlias = str | dict[str, str]


class CatalogError(ViknoError):
    """A language that is not there, or a file of words that cannot be read."""


class Catalog(Struct, frozen=True):
    """The words of one language: English sentence to its translation."""

    language: str
    name: str
    messages: dict[str, Translation]

    def translate(self, msgid: str, params: Mapping[str, object]) -> str:
        """`msgid` in this language; `n` among `params` chooses the plural form."""
        entry = self.messages.get(msgid, msgid)
        if isinstance(entry, dict):
            entry = entry[_category(self.language, params, entry)]
        return _PLACEHOLDER.sub(lambda found: str(params.get(found[1], found[0])), entry)


def languages() -> dict[str, str]:
    """Every language there is a file for, with its own name: `{"uk": "Українська", …}`."""
    return {path.stem: _own_name(path.stem) for path in sorted(LOCALES.glob("*.po"))}


def translate(language: str, msgid: str, **params: object) -> str:
    """One sentence in `language`. An English one stands in where a translation is missing."""
    return load(language).translate(msgid, params)


@cache
def load(language: str) -> Catalog:
    """The words of `language`; CatalogError says what is wrong and which languages there are."""
    path = LOCALES / f"{language}.po"
    if not _LANGUAGE.fullmatch(language) or not path.is_file():
        known = ", ".join(languages())
        raise CatalogError(f"there is no language {language!r}; there are: {known}")
    messages: dict[str, Translation] = {}
    if language != SOURCE_LANGUAGE:
        messages |= load(SOURCE_LANGUAGE).messages
    messages |= read_messages(path, language)
    return Catalog(language, _own_name(language), messages)


@cache
def catalog_json(language: str) -> bytes:
    """The words of `language` for a page: `{"language", "name", "languages", "messages"}`."""
    catalog = load(language)
    told = {
        "language": catalog.language,
        "name": catalog.name,
        "languages": languages(),
        "messages": catalog.messages,
    }
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


def read_messages(path: Path, language: str) -> dict[str, Translation]:
    """The translated messages of one gettext file, plurals by CLDR category."""
    try:
        with path.open("rb") as file:
            catalog = read_po(file, locale=language, abort_invalid=True)
    except (PoFileError, UnicodeDecodeError) as error:
        raise CatalogError(f"{path.name}: {error}") from error
    forms = _forms_by_category(language, catalog.plural_expr)
    messages: dict[str, Translation] = {}
    for message in catalog:
        if message.id and not message.fuzzy and message.string:
            messages[_msgid(message)] = _translation(path, message, forms)
    return messages


def _translation(path: Path, message: Message, forms: Mapping[str, int]) -> Translation:
    if isinstance(message.string, str):
        return message.string
    strings = message.string or ()
    try:
        return {category: strings[form] for category, form in forms.items()}
    except IndexError as error:
        wanted, found = max(forms.values()) + 1, len(strings)
        raise CatalogError(
            f"{path.name}, line {message.lineno}: {_msgid(message)!r} has {found} plural forms, "
            f"not the {wanted} its header promises"
        ) from error


def _msgid(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def _forms_by_category(language: str, plural_expression: str) -> dict[str, int]:
    """Which gettext form each CLDR category of `language` is, found by trying numbers.

    "other" is the form of the last number where the language keeps that category for
    fractions only, as Ukrainian does.
    """
    form_of = gettext.c2py(plural_expression)
    forms: dict[str, int] = {}
    for number in range(PLURAL_SAMPLES):
        forms.setdefault(_locale(language).plural_form(number), form_of(number))
    forms.setdefault("other", max(forms.values()))
    return forms


def _category(language: str, params: Mapping[str, object], entry: Mapping[str, str]) -> str:
    number = params.get("n", 0)
    category = _locale(language).plural_form(number) if isinstance(number, int | float) else "other"
    return category if category in entry else "other"


def _own_name(language: str) -> str:
    name = _locale(language).get_display_name() or language
    return name[:1].upper() + name[1:]


def _locale(language: str) -> Locale:
    try:
        return Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError) as error:
        raise CatalogError(f"{language!r} is not a language that CLDR knows") from error
