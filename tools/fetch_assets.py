"""Fetches what the pages are made with, and lays it where the pages import it from.

Halls are often offline, so nothing may come from the network while a page runs; and there is no bundler, so
that a page is still readable in ten years. Hence: exact versions from npm (package-lock.json), the ES module
builds and the font copied into `vikno/display/static/vendor/`, and imports by package name rewritten to
relative file names, because the browsers of old hall screens know no import maps. One copy of Preact serves
all modules.

Run it as `python -m tools.fetch_assets` from the root of the project.
"""

import json
import re
import shutil
import subprocess
from pathlib import Path

from tools.node import ROOT, npm_command

NODE_MODULES = ROOT / "node_modules"
VENDOR = ROOT / "vikno" / "display" / "static" / "vendor"

# Import name in the packages -> (file in node_modules, file in vendor/).
MODULES = {
    "preact": ("preact/dist/preact.mjs", "preact.js"),
    "preact/hooks": ("preact/hooks/dist/hooks.mjs", "hooks.js"),
    "@preact/signals-core": ("@preact/signals-core/dist/signals-core.mjs", "signals-core.js"),
    "@preact/signals": ("@preact/signals/dist/signals.mjs", "signals.js"),
    "htm": ("htm/dist/htm.mjs", "htm.js"),
}
FONT_PACKAGE = "@fontsource-variable/inter"
# Ukrainian and Bulgarian need `cyrillic`, Kazakh and Tatar `cyrillic-ext`, Polish and Romanian `latin-ext`.
FONT_SUBSETS = ("cyrillic-ext", "cyrillic", "latin-ext", "latin")
PACKAGES = ("preact", "@preact/signals", "@preact/signals-core", "htm", FONT_PACKAGE)

IMPORTED_NAME = re.compile(r"""(\bfrom\s*|\bimport\s*)(["'])([^"']+)\2""")
SOURCE_MAP = re.compile(r"//# sourceMappingURL=\S+\s*$")
FONT_RULE = re.compile(r"/\* inter-(?P<subset>[a-z-]+)-wght-normal \*/\s*@font-face \{[^}]*\}")


def main() -> None:
    """Fetch the packages and write the vendor folder, whole or not at all."""
    install_packages()
    fresh = VENDOR.with_name("vendor.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    copy_modules(fresh)
    copy_font(fresh)
    write_licences(fresh)
    write_versions(fresh)
    shutil.rmtree(VENDOR, ignore_errors=True)
    fresh.rename(VENDOR)


def install_packages() -> None:
    """Install exactly what package-lock.json says into node_modules; no package may run a script."""
    arguments = [
        "ci",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--no-update-notifier",
        "--loglevel=error",
    ]
    if subprocess.run([*npm_command(), *arguments], cwd=ROOT, check=False).returncode != 0:
        message = "npm could not fetch the packages of package-lock.json; see above, then run make again"
        raise SystemExit(message)


def copy_modules(folder: Path) -> None:
    """Copy the ES modules, importing each other by relative file name."""
    for source, target in MODULES.values():
        text = (NODE_MODULES / source).read_text(encoding="utf-8")
        text = SOURCE_MAP.sub("", text).rstrip() + "\n"
        (folder / target).write_text(IMPORTED_NAME.sub(_relative_import, text), encoding="utf-8")


def _relative_import(match: re.Match[str]) -> str:
    keyword, quote, name = match.groups()
    if name not in MODULES:
        message = f"a module imports {name!r}, which is not in MODULES of tools/fetch_assets.py: add it"
        raise SystemExit(message)
    return f"{keyword}{quote}./{MODULES[name][1]}{quote}"


def copy_font(folder: Path) -> None:
    """Copy the variable font, one file a script, and write its @font-face rules as inter.css."""
    package = NODE_MODULES / FONT_PACKAGE
    css = (package / "wght.css").read_text(encoding="utf-8")
    rules = {match["subset"]: match.group() for match in FONT_RULE.finditer(css)}
    for subset in FONT_SUBSETS:
        name = f"inter-{subset}-wght-normal.woff2"
        shutil.copyfile(package / "files" / name, folder / name)
    kept = "\n\n".join(rules[subset] for subset in FONT_SUBSETS)
    (folder / "inter.css").write_text(kept.replace("url(./files/", "url(./") + "\n", encoding="utf-8")


def write_licences(folder: Path) -> None:
    """Write the licences of what is copied, as each of them asks."""
    texts = [
        f"{name}\n\n{(NODE_MODULES / name / 'LICENSE').read_text(encoding='utf-8')}" for name in PACKAGES
    ]
    (folder / "LICENSES.txt").write_text("\n\n".join(texts), encoding="utf-8")


def write_versions(folder: Path) -> None:
    """Write which version of each package this is."""
    versions = {name: _version(name) for name in PACKAGES}
    (folder / "VERSIONS.json").write_text(json.dumps(versions, indent=2) + "\n", encoding="utf-8")


def _version(package: str) -> str:
    manifest = json.loads((NODE_MODULES / package / "package.json").read_text(encoding="utf-8"))
    return str(manifest["version"])


if __name__ == "__main__":
    main()
