"""deploy/nginx.conf in a real nginx: TLS, HTTP/2, a command, a stream, and the figures kept from outside."""

from __future__ import annotations

import json
import re
import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from websockets.asyncio.client import connect

from tests.api.listening import path
from tests.api.running import HALL, PROGRAM, Deadline, Server, bearer, hall_text
from vikno.api.access import ANY_HALL, Role

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
OPENSSL = shutil.which("openssl")
EXAMPLE = Path(__file__).parents[2] / "deploy" / "nginx.conf"
SECONDS_MAX = 20.0
MAIN = """
user root;
worker_processes 1;
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 256; }}
http {{
{temporary}
include {folder}/vikno.conf;
}}
"""
TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")

pytestmark = pytest.mark.skipif(not (NGINX and OPENSSL), reason="untested without nginx and openssl")


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def bytecode(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("bytecode")


class Fronted:
    """A server behind the nginx of the example, on ports and with a certificate of its own."""

    def __init__(self, folder: Path, bytecode: Path) -> None:
        self.folder = folder
        self.port, self.plain = free_port(), free_port()
        self.url = f"https://localhost:{self.port}"
        self.server = Server(folder, bytecode, hall_text())
        known = ["--public-url", self.url, "--proxy", "127.0.0.1", "--port", "0"]
        self.server.start(
            [str(PROGRAM), "serve", *self.server.files, "--data", str(self.server.data), *known]
        )
        self._certify()
        self._configure()
        self.context = ssl.create_default_context(cafile=str(folder / "cert.pem"))

    def _certify(self) -> None:
        made = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
        names = ["-addext", "subjectAltName=DNS:localhost"]
        files = ["-keyout", str(self.folder / "key.pem"), "-out", str(self.folder / "cert.pem")]
        subprocess.run([str(OPENSSL), *made, *names, *files], check=True, capture_output=True)

    def _configure(self) -> None:
        text = EXAMPLE.read_text(encoding="utf-8")
        for before, after in (
            ("127.0.0.1:8080", f"127.0.0.1:{self.server.port}"),
            ("/etc/ssl/vikno/fullchain.pem", str(self.folder / "cert.pem")),
            ("/etc/ssl/vikno/privkey.pem", str(self.folder / "key.pem")),
            ("/var/log/nginx/vikno.log", str(self.folder / "vikno.log")),
            ("hall.example.org", "localhost"),
            ("listen 443", f"listen 127.0.0.1:{self.port}"),
            ("listen 80;", f"listen 127.0.0.1:{self.plain};"),
        ):
            assert before in text
            text = text.replace(before, after)
        text = re.sub(r"^ *listen \[::\].*\n", "", text, flags=re.MULTILINE)
        (self.folder / "vikno.conf").write_text(text, encoding="utf-8")
        temporary = "\n".join(f"{name}_temp_path {self.folder}/{name};" for name in TEMPORARY)
        main = MAIN.format(folder=self.folder, temporary=temporary)
        (self.folder / "nginx.conf").write_text(main, encoding="utf-8")

    def nginx(self, *options: str) -> list[str]:
        return [str(NGINX), "-p", str(self.folder), "-c", str(self.folder / "nginx.conf"), *options]


@pytest.fixture(scope="module")
def fronted(tmp_path_factory: pytest.TempPathFactory, bytecode: Path) -> Iterator[Fronted]:
    front = Fronted(tmp_path_factory.mktemp("fronted"), bytecode)
    done = subprocess.run(front.nginx("-t"), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    process = subprocess.Popen(front.nginx())
    deadline = Deadline(SECONDS_MAX)
    while True:
        deadline.check("nginx passes on what the server answers")
        try:
            if httpx.get(f"{front.url}/health/ready", verify=front.context).is_success:
                break
        except httpx.TransportError:
            continue
    yield front
    process.terminate()
    process.wait(SECONDS_MAX)
    front.server.kill()
    front.server.check_log()


async def test_a_command_and_its_stream_pass_through(fronted: Fronted) -> None:
    token = bearer(fronted.server.token(Role.MANAGER))
    secure = fronted.url.replace("https", "wss")
    async with connect(secure + path(), additional_headers=token, ssl=fronted.context, proxy=None) as stream:
        assert json.loads(await stream.recv())["type"] == "snapshot"
        async with httpx.AsyncClient(base_url=fronted.url, verify=fronted.context) as http:
            opened = await http.post(f"/api/v1/halls/{HALL}/windows/w-1/open", headers=token)
        assert opened.is_success
        assert json.loads(await stream.recv())["type"] == "window-opened"


def test_a_page_of_this_server_is_let_in_under_its_public_name(fronted: Fronted) -> None:
    """Origin and host agree through the proxy, so a browser that signs in is believed."""
    wrong = {"name": "nobody", "password": "wrong, but long enough"}
    url, own = f"{fronted.url}/api/v1/session", {"Origin": fronted.url}
    assert httpx.post(url, json=wrong, headers=own, verify=fronted.context).status_code == 401
    other = {"Origin": "https://elsewhere.example"}
    assert httpx.post(url, json=wrong, headers=other, verify=fronted.context).status_code == 403


def test_it_speaks_http_2_and_sends_who_comes_without_tls_to_it(fronted: Fronted) -> None:
    context = ssl.create_default_context(cafile=str(fronted.folder / "cert.pem"))
    context.set_alpn_protocols(["h2", "http/1.1"])
    with (
        socket.create_connection(("localhost", fronted.port), SECONDS_MAX) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as secure,
    ):
        assert secure.selected_alpn_protocol() == "h2"
    sent = httpx.get(f"http://localhost:{fronted.plain}/kiosk/{HALL}")
    assert (sent.status_code, sent.headers["Location"]) == (308, f"https://localhost/kiosk/{HALL}")


def test_figures_are_not_told_outside_and_a_large_body_is_stopped(fronted: Fronted) -> None:
    monitor = bearer(fronted.server.token(Role.MONITOR, hall=ANY_HALL))
    direct = httpx.get(f"{fronted.server.url}metrics", headers=monitor)
    assert direct.is_success
    assert httpx.get(f"{fronted.url}/metrics", headers=monitor, verify=fronted.context).status_code == 404
    large = httpx.post(f"{fronted.url}/api/v1/session", content=b"x" * 6_000_000, verify=fronted.context)
    assert large.status_code == 413


def test_nothing_of_a_ticket_is_in_its_logs(fronted: Fronted) -> None:
    token = bearer(fronted.server.token(Role.MANAGER))
    made = httpx.post(
        f"{fronted.url}/api/v1/halls/{HALL}/tickets",
        json={"services": ["passport"]},
        headers=token,
        verify=fronted.context,
    )
    ticket = made.json()["ticket"]["id"]
    httpx.get(f"{fronted.url}/api/v1/halls/{HALL}/tickets/{ticket}", headers=token, verify=fronted.context)
    logs = [file.read_text(encoding="utf-8") for file in fronted.folder.glob("*.log")]
    assert logs
    assert not any(ticket in log for log in logs)
