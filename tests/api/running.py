"""A real server as a child process, to be started, killed and started again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from vikno.api.access import Grant, Role
from vikno.api.people.registry import People
from vikno.api.people.tokens import Tokens
from vikno.queue.journal.database import FILE_NAME, open_database, sqlite_url

PROGRAM = Path(sys.executable).with_name("vikno")
HALL = "demo"
START_SECONDS_MAX = 30.0
SERVICES = {"passport": "A", "residence": "B", "social": "C", "pickup": "D"}
WINDOWS = {
    "w-1": ("passport", "residence", "social", "pickup"),
    "w-2": ("passport", "residence"),
    "w-3": ("social", "pickup", "passport"),
    "w-4": ("residence", "social"),
}


def zone_of_noon() -> str:
    """A time zone in which it is about noon, so that no test ever meets midnight by accident."""
    return f"Etc/GMT{datetime.now(UTC).hour - 12:+d}"


def hall_text(
    hall: str = HALL,
    *,
    services: Mapping[str, str] = SERVICES,
    windows: Mapping[str, Iterable[str]] = WINDOWS,
    time_zone: str | None = None,
    opens: str = "00:00",
    closes: str = "24:00",
    after_close: str = "serve",
) -> str:
    """A hall file; open at any hour unless said otherwise."""
    parts = [
        f'format = 1\n[hall]\nid = "{hall}"\nname = {{ en = "Hall {hall}", uk = "Зала {hall}" }}',
        f'languages = ["uk", "en"]\ntime_zone = "{time_zone or zone_of_noon()}"',
        f'opens = "{opens}"\ncloses = "{closes}"\nafter_close = "{after_close}"\n',
    ]
    parts += [
        f'[[services]]\nid = "{service}"\nprefix = "{prefix}"\nname = {{ en = "{service}" }}\n'
        for service, prefix in services.items()
    ]
    parts += [
        f'[[windows]]\nid = "{window}"\nskills = {{ {", ".join(f"{skill} = 1.0" for skill in skills)} }}\n'
        for window, skills in windows.items()
    ]
    return "\n".join(parts)


class Server:
    """`vikno serve` on the hall files of a folder. It keeps the port of its first start, as real ones do.

    Its database is SQLite in the folder, unless `address` names another.
    """

    def __init__(self, folder: Path, bytecode: Path, *halls: str, address: str = "") -> None:
        self.data = folder / "data"
        self.address = address or sqlite_url(self.data)
        self._log = folder / "errors.log"
        self.files = []
        for number, text in enumerate(halls or (hall_text(),), 1):
            file = folder / f"hall-{number}.toml"
            file.write_text(text, encoding="utf-8")
            self.files.append(str(file))
        self.url = ""
        self.port = 0
        # An installed server has its byte code on the disk: compiling it is not what a start is measured by.
        self._environment = {
            name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"
        } | {"PYTHONPYCACHEPREFIX": str(bytecode), "VIKNO_DATABASE_URL": address}
        self._process: subprocess.Popen[str] | None = None

    @property
    def database(self) -> Path:
        """Where the journal lies, on SQLite."""
        return self.data / FILE_NAME

    @property
    def pid(self) -> int:
        """The process."""
        assert self._process is not None
        return self._process.pid

    @property
    def api(self) -> str:
        """The address of the first hall."""
        return f"{self.url}api/v1/halls/{HALL}"

    def spawn(self, program: Sequence[str] = ()) -> None:
        """Start the process, or another program in its place, without waiting for it."""
        # Whom fifo calls can be told in a test without reckoning; `options` may name another policy.
        serve = [str(PROGRAM), "serve", *self.files, "--data", str(self.data), "--port", str(self.port)]
        serve += ["--policy", "fifo"]
        with self._log.open("a") as log:
            self._process = subprocess.Popen(
                program or serve,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env=self._environment,
                encoding="utf-8",
            )

    def start(self, program: Sequence[str] = ()) -> None:
        """Start, and wait until the address is printed."""
        self.spawn(program)
        line = self.output.readline()
        assert " at http://127.0.0.1:" in line, f"the server did not start: {line!r}"
        self.url = line.rsplit(" at ", 1)[1].strip()
        self.port = int(self.url.rstrip("/").rsplit(":", 1)[1])

    @property
    def output(self) -> IO[str]:
        """What the process prints."""
        assert self._process is not None
        assert self._process.stdout is not None
        return self._process.stdout

    def kill(self) -> int:
        """`kill -9`."""
        return self._end(signal.SIGKILL)

    def terminate(self) -> int:
        """Ask it to stop, and wait until it has."""
        return self._end(signal.SIGTERM)

    def wait(self) -> int:
        """Until it ends by itself."""
        assert self._process is not None
        code = self._process.wait(START_SECONDS_MAX)
        self.output.close()
        self._process = None
        return code

    def _end(self, how: signal.Signals) -> int:
        if self._process is None:
            return 0
        self._process.send_signal(how)
        return self.wait()

    def check_log(self) -> None:
        """Nothing it logged is an error that nobody caught."""
        log = self._log.read_text(encoding="utf-8") if self._log.exists() else ""
        assert "Traceback" not in log, log

    def tokens(self) -> Tokens:
        """The tokens of its database."""
        return People(open_database(self.address)).tokens

    def token(self, role: Role, window: str | None = None, hall: str = HALL) -> str:
        """A new token."""
        return self.tokens().issue(Grant(role, hall, window))


def bearer(token: str) -> dict[str, str]:
    """The header that says who asks."""
    return {"Authorization": f"Bearer {token}"}


class Deadline:
    """A limit for waiting in small steps until something is so."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds
        self._seconds = seconds

    def check(self, what: str) -> None:
        """Fail once the time is over."""
        assert time.monotonic() < self._end, f"not within {self._seconds} s: {what}"
