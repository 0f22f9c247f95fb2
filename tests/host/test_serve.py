"""`vivavoce serve` as a stranger starts it: one line where to go, one clear line where it cannot."""

from __future__ import annotations

import os
import re
import signal
import sqlite3
import subprocess
import urllib.error
from pathlib import Path

import pytest

from tests.fakes.databases import new_database, postgresql
from tests.fakes.hosts import VIVAVOCE, serving

MODEST = {key: value for key, value in os.environ.items() if not key.startswith("VIVAVOCE_")}


def serve(*options: str | Path | int, **environment: str) -> subprocess.CompletedProcess[str]:
    """A start that is expected to fail."""
    return subprocess.run(
        [str(VIVAVOCE), "serve", *map(str, options)],
        capture_output=True,
        text=True,
        timeout=60,
        env={**MODEST, **environment},
    )


def refused(done: subprocess.CompletedProcess[str], code: str) -> str:
    """The one line on standard error, of a start that was refused with `code`."""
    assert done.returncode == 2, done.stderr
    assert done.stdout == ""
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("vivavoce: ")
    assert lines[0].endswith(f"[{code}]")
    return lines[0]


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_host_says_in_one_line_where_to_go_and_stops_cleanly(tmp_path: Path, how: signal.Signals) -> None:
    with serving(tmp_path / "data") as host:
        host.new_discussion()
        assert host.stop(how) == 0
        text = host.log.read_text()
    assert len(re.findall(r"^Vivavoce is at http://localhost:\d+/", text, flags=re.MULTILINE)) == 1
    assert "Traceback" not in text
    assert (tmp_path / "data" / "host-secret").read_text().strip() not in text


def test_neither_secrets_nor_names_reach_the_hosts_log(tmp_path: Path) -> None:
    with serving(tmp_path / "data", "--verbose") as host:
        sides = [{"name": "Quixote", "language": "es"}, {"name": "Panza", "language": "es"}]
        made = host.new_discussion(title="Windmills", sides=sides)
        secret = made["sides"][0]["stage_url"].partition("#")[2]
        seat = f"/api/discussions/{made['id']}/seats/north"
        grant = host.request("POST", f"{seat}/air", {"device": "rocinante-1"}, bearer=secret)
        with pytest.raises(urllib.error.HTTPError):
            host.request("GET", seat, bearer="a-wrong-secret")
        host.request("DELETE", f"{seat}/air", bearer=grant["token"])
        host.stop()
        text = host.log.read_text()
    assert made["id"] in text
    for private in ("Quixote", "Panza", "Windmills", "rocinante", "a-wrong-secret", secret, grant["token"]):
        assert private not in text


def test_what_was_there_is_there_again_after_the_host_was_killed(tmp_path: Path) -> None:
    with serving(tmp_path / "data") as host:
        made = host.new_discussion(title="Kept")
        secret = made["sides"][0]["stage_url"].partition("#")[2]
        seat = f"/api/discussions/{made['id']}/seats/north"
        grant = host.request("POST", f"{seat}/air", {"device": "a-device"}, bearer=secret)
        host.stop(signal.SIGKILL)
    with serving(tmp_path / "data") as host:
        now = host.request("GET", seat, bearer=secret)
        assert (now["on_air"], now["run"]) == (True, grant["run"])
        host.request("DELETE", f"{seat}/air", bearer=grant["token"])


def test_a_second_host_on_the_same_data_is_refused_and_the_first_goes_on(tmp_path: Path) -> None:
    with serving(tmp_path / "data") as host:
        line = refused(serve("--data", tmp_path / "data", "--port", 0), "data.in_use")
        assert f"process {host.process.pid}" in line
        assert str(tmp_path / "data") in line
        host.new_discussion()


def test_a_busy_port_is_named(tmp_path: Path, busy_tcp: int, busy_udp: int) -> None:
    assert f"TCP port {busy_tcp}" in refused(serve("--data", tmp_path, "--port", busy_tcp), "port.busy")
    assert str(busy_udp) in refused(serve("--data", tmp_path, "--port", busy_udp), "port.busy")


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    assert str(file) in refused(serve("--data", file / "data"), "data.read_only")
    assert str(file) in refused(serve("--data", file), "data.read_only")


def test_a_database_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    with serving(tmp_path / "data") as host:
        host.stop()
    path = tmp_path / "data" / "vivavoce.db"
    with sqlite3.connect(path) as db:
        db.execute("UPDATE alembic_version SET version_num = '0999'")
    db.close()
    assert "0999" in refused(serve("--data", tmp_path / "data", "--port", 0), "data.newer")


def test_a_database_that_is_damaged_is_named(tmp_path: Path) -> None:
    (tmp_path / "vivavoce.db").write_bytes(b"not a database, " * 500)
    assert "vivavoce.db" in refused(serve("--data", tmp_path, "--port", 0), "data.damaged")


OPTIONS = {
    ("--port", "70000"): "input.option",
    ("--host", "no such name"): "input.option",
    ("--host", "192.0.2.7", "--port", "0"): "input.option",
    ("--relay", "http://relay.example"): "input.option",
    ("--database", "mysql://a:geheim@b/c"): "input.option",
    ("--database", "postgresql://a:geheim@127.0.0.1:1/c", "--port", "0"): "database.unreachable",
    ("--tls-cert", "/nowhere.pem"): "tls.unusable",
    ("--tls-cert", "/nowhere.pem", "--tls-key", "/nowhere.key"): "tls.unusable",
}


@pytest.mark.parametrize("options", OPTIONS, ids=" ".join)
def test_an_option_that_cannot_be_is_named(options: tuple[str, ...], tmp_path: Path) -> None:
    line = refused(serve("--data", tmp_path, *options), OPTIONS[options])
    assert "geheim" not in line


def test_a_number_that_is_none_is_told_by_the_command_itself(tmp_path: Path) -> None:
    done = serve("--data", tmp_path, "--port", "eighty")
    assert done.returncode == 2
    assert "--port" in done.stderr


def test_settings_come_from_the_environment_too(tmp_path: Path) -> None:
    assert "70000" in refused(serve(VIVAVOCE_DATA=str(tmp_path), VIVAVOCE_PORT="70000"), "input.option")


def test_a_host_on_postgresql_is_the_only_one_on_its_database(tmp_path: Path) -> None:
    with postgresql(tmp_path / "pg") as uri:
        database = new_database(uri)
        with serving(tmp_path / "one", "--database", database) as host:
            made = host.new_discussion(title="Kept")
            line = refused(
                serve("--data", tmp_path / "other", "--port", 0, "--database", database), "data.in_use"
            )
            assert "test_" in line
            host.stop(signal.SIGKILL)
        with serving(tmp_path / "two", "--database", database) as host:
            assert host.request("GET", f"/api/discussions/{made['id']}")["title"] == "Kept"
        assert not (tmp_path / "one" / "vivavoce.db").exists()


def test_the_commands_help_names_every_option() -> None:
    done = subprocess.run([str(VIVAVOCE), "serve", "--help"], capture_output=True, text=True, env=MODEST)
    for option in (
        "--data",
        "--host",
        "--port",
        "--relay",
        "--database",
        "--tls-cert",
        "--tls-key",
        "--sessions",
    ):
        assert option in done.stdout
