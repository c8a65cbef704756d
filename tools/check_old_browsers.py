"""Keeps the pages readable for the browsers of old hall screens: nothing newer than Chromium 87.

A television in a hall is replaced every ten years, and a page that its browser cannot parse stays white with
nobody told. So this checks two things in `vikno/display`: that every script parses as ECMAScript 2021 (by
acorn, a JavaScript parser), and that no script, style sheet or page names what came later. What a page can
do without, such as a nicer line break, may stay on a line that says `optional:` in a comment.

Run it as `python -m tools.check_old_browsers` from the root of the project.
"""

import re
import subprocess
from pathlib import Path

from tools.node import ROOT, node_command

DISPLAY = ROOT / "vikno" / "display"
ACORN = ROOT / "node_modules" / "acorn" / "bin" / "acorn"
OPTIONAL = "optional:"

# Pattern -> (the name to show, the Chromium version it came with).
LATER_SCRIPT = {
    r"\.at\(": (".at()", 92),
    r"\bstructuredClone\(": ("structuredClone()", 98),
    r"\brandomUUID\b": ("crypto.randomUUID()", 92),
    r"\bObject\.hasOwn\(": ("Object.hasOwn()", 93),
    r"\.findLast(Index)?\(": ("findLast()", 97),
    r"\.to(Sorted|Reversed|Spliced)\(": ("toSorted() and its like", 110),
    r"\b(Object|Map)\.groupBy\(": ("groupBy()", 117),
    r"\bPromise\.withResolvers\b": ("Promise.withResolvers()", 119),
    r"\bAbortSignal\.(timeout|any)\b": ("AbortSignal.timeout() and any()", 103),
}
LATER_STYLE = {
    r":(is|where)\(": (":is() and :where()", 88),
    r":has\(": (":has()", 105),
    r"^\s*&": ("nested rules", 112),
    r"@container\b|\d(cqw|cqh|cqi|cqb|cqmin|cqmax)\b": ("container queries", 105),
    r"@layer\b": ("@layer", 99),
    r"@media[^{]*[<>]": ("ranges in @media", 104),
    r"\baspect-ratio\s*:": ("aspect-ratio", 88),
    r"\baccent-color\s*:": ("accent-color", 93),
    r"\btext-wrap\s*:": ("text-wrap", 114),
    r"^\s*(translate|rotate|scale)\s*:": ("translate, rotate and scale as properties", 104),
    r"\b(color-mix|oklch|oklab|light-dark)\(": ("color-mix(), oklch(), light-dark()", 111),
    r"\bsubgrid\b": ("subgrid", 117),
    r"\d[dsl]v(h|w|min|max)\b": ("dvh, svh and lvh", 108),
}
LATER_PAGE = {
    r"importmap": ("import maps", 89),
    r"<[a-z][^>]*\binert\b": ("inert", 102),
    r"<[a-z][^>]*\bpopover\b": ("popover", 114),
}
LATER = {
    ".js": LATER_SCRIPT,
    ".css": LATER_STYLE,
    ".html": LATER_SCRIPT | LATER_STYLE | LATER_PAGE,
    ".jinja": LATER_SCRIPT | LATER_STYLE | LATER_PAGE,
}


def main() -> None:
    """Print every finding as `file:line: what`, and fail if there is one."""
    findings = []
    for path in sorted(DISPLAY.rglob("*")):
        if path.suffix == ".js":
            findings += syntax_errors(path)
        if path.suffix in LATER and "vendor" not in path.parts:
            findings += later_features(path)
    if findings:
        raise SystemExit("\n".join(findings))


def syntax_errors(path: Path) -> list[str]:
    """Return what keeps an ECMAScript 2021 parser from reading a module."""
    command = [*node_command(), str(ACORN), "--ecma2021", "--module", "--silent", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return []
    return [f"{path.relative_to(ROOT)}: does not parse as ECMAScript 2021: {done.stderr.strip()}"]


def later_features(path: Path) -> list[str]:
    """Return each line that names what Chromium 87 does not know."""
    findings = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        for pattern, (name, version) in LATER[path.suffix].items():
            if re.search(pattern, line) and OPTIONAL not in line:
                findings.append(f"{path.relative_to(ROOT)}:{number}: {name} came with Chromium {version}")
    return findings


if __name__ == "__main__":
    main()
