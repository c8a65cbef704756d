"""What is asked of every page: on a wall and in a pocket, dark and light, for everybody, in one language."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path
from typing import Literal

from playwright.sync_api import Page

from tests.pages.devices import POCKET, WALL

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
SIZES = {"wall": WALL, "pocket": POCKET}
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")

LATIN = r"[A-Za-z]{2,}"
STRANGE = {
    "en": r"[Ѐ-ӿ]{2,}",
    "uk": rf"{LATIN}|\w*[ыэёъ]\w*",
    "ru": rf"{LATIN}|\w*[іїєґ]\w*",
    "bg": rf"{LATIN}|\w*[іїєґыэё]\w*",
}
"""Words that are not of a language, by its letters."""

KNOWN = {"Українська", "English", "Vikno", "Esc", "CSV", "XLSX", "openapi", "json", "Shift", "Ctrl", "Delete"}
KNOWN |= {"BCDF", "GHJK"}
"""Words that are the same in every language."""

CHECK = """async (rules) => {
  document.getAnimations().forEach((one) => one.finish());
  const found = await axe.run(document, { runOnly: rules, resultTypes: ["violations"] });
  return found.violations.map(({ id, nodes }) =>
    `${id}: ` + nodes.slice(0, 3).map(({ html, failureSummary }) => `${html} ${failureSummary}`).join(" | "));
}"""

WIDER = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"

TEXTS = """() => {
  const told = [document.title];
  for (const one of document.querySelectorAll("*")) {
    for (const name of ["aria-label", "title", "alt", "placeholder"]) told.push(one.getAttribute(name) || "");
  }
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const { parentElement: parent, nodeValue: text } = walker.currentNode;
    if (!parent.closest("script, style, noscript, svg, [translate=no], [lang]:not(html)")) told.push(text);
  }
  return told.map((text) => text.trim()).filter(Boolean);
}"""


def check_whole(page: Page) -> None:
    """Nothing is wider than its screen or forbidden by WCAG 2.2 AA, as far as axe-core can tell."""
    page.evaluate(f"() => {{ {AXE.read_text(encoding='utf-8')} }}")
    found = []
    for (size, viewport), theme in product(SIZES.items(), THEMES):
        page.set_viewport_size(viewport)
        page.emulate_media(color_scheme=theme)
        wider = page.evaluate(WIDER)
        if wider > 0:
            found.append(f"{size} {theme}: {wider} px too wide")
        found += [f"{size} {theme}: {words}" for words in page.evaluate(CHECK, RULES)]
    assert not found, "\n".join(found)


def strangers(page: Page, language: str, *, known: frozenset[str] = frozenset()) -> list[str]:
    """Texts of the page with a word that is not of this language, but for `known` ones."""
    texts = page.evaluate(TEXTS)
    return [text for text in texts if set(re.findall(STRANGE[language], text)) - KNOWN - known]
