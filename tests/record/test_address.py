"""`vivavoce verify ADDRESS`: what lies there is fetched, with a cap, and judged as a file is."""

from __future__ import annotations

import json
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from tests.record.films import film_record
from vivavoce.errors import VivavoceError
from vivavoce.record.address import fetched
from vivavoce.record.export import export_mp4
from vivavoce.record.verify_command import verify

app = typer.Typer()
app.command()(verify)


@dataclass
class Site:
    """A web server with pages by their path: what it answers, and where it leads."""

    url: str = ""
    pages: dict[str, bytes] = field(default_factory=dict)
    leads: dict[str, str] = field(default_factory=dict)


@pytest.fixture
def site() -> Iterator[Site]:
    here = Site()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            pass

        def do_GET(self) -> None:
            data = here.pages.get(self.path)
            to = here.leads.get(self.path)
            self.send_response(302 if to else 404 if data is None else 200)
            if to:
                self.send_header("Location", to)
            self.send_header("Content-Length", str(len(data or b"")))
            self.end_headers()
            self.wfile.write(data or b"")

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    here.url = f"http://127.0.0.1:{server.server_port}"
    yield here
    server.shutdown()
    thread.join()
    server.server_close()


def test_an_mp4_at_an_address_is_judged(site: Site, tmp_path: Path) -> None:
    export_mp4(film_record(tmp_path, lossy=False), tmp_path / "film.mp4")
    data = (tmp_path / "film.mp4").read_bytes()
    site.pages["/film"] = data
    site.pages["/false"] = data[: len(data) // 2] + b"x" + data[len(data) // 2 + 1 :]
    site.leads["/moved"] = "/film"
    for path, code in (("/film", 0), ("/moved", 0), ("/false", 1)):
        done = CliRunner().invoke(app, [site.url + path, "--json"])
        assert done.exit_code == code, done.output
        said = json.loads(done.stdout)
        assert (said["holds"], said["file"]) == (code == 0, "mp4")


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/none", "host.unreachable"),
        ("/away", "input.option"),
        ("/file", "input.option"),
        ("/round", "host.unreachable"),
        ("/page", "record.unreadable"),
    ],
)
def test_what_cannot_be_fetched_or_is_no_mp4_is_said(site: Site, path: str, code: str) -> None:
    site.leads |= {"/away": "ftp://example.org/film.mp4", "/file": "file:///etc/passwd", "/round": "/round"}
    site.pages["/page"] = b"<!doctype html>"
    done = CliRunner().invoke(app, [site.url + path, "--json"])
    assert done.exit_code == 2
    assert json.loads(done.stdout)["error"]["code"] == code
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("address", ["ftp://example.org/a.mp4", "http://", "file:///etc/passwd"])
def test_other_addresses_are_refused(address: str) -> None:
    done = CliRunner().invoke(app, [address, "--json"])
    assert done.exit_code == 2
    assert json.loads(done.stdout)["error"]["code"] == "input.option"


def test_what_is_too_large_is_not_fetched(site: Site) -> None:
    site.pages["/large"] = bytes(5_000)
    told: list[tuple[int, int]] = []
    with fetched(f"{site.url}/large", lambda *done: told.append(done), most_bytes=5_000) as path:
        assert path.stat().st_size == 5_000
    assert not path.exists()
    assert told[-1] == (5_000, 5_000)
    short = fetched(f"{site.url}/large", lambda *_: None, most_bytes=4_999)
    with pytest.raises(VivavoceError, match=r"input\.too_large"), short:
        pass


@pytest.mark.parametrize("path", ["/none", "/film", "/away"])
def test_a_secret_in_an_address_is_not_repeated(
    path: str, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.pages["/film?token=secret"] = b"a film"
    site.leads["/away?token=secret"] = "ftp://user:secret@127.0.0.1/film.mp4#secret"
    if path == "/film":  # it is there, and no place to keep it
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    address = site.url.replace("//", "//user:secret@") + path + "?token=secret"
    done = CliRunner().invoke(app, [address, "--json"])
    assert done.exit_code == 2
    codes = {"/none": "host.unreachable", "/film": "disk.full", "/away": "input.option"}
    assert json.loads(done.stdout)["error"]["code"] == codes[path]
    assert "127.0.0.1" in done.stderr
    assert "secret" not in done.output


def test_a_fault_while_it_is_judged_is_not_the_disks(site: Site) -> None:
    site.pages["/film"] = b"a film"
    with pytest.raises(PermissionError), fetched(f"{site.url}/film", lambda *_: None):
        raise PermissionError
