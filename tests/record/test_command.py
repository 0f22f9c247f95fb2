"""`vivavoce export`: what it says, and how it ends."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from tests.fakes.samples import encode_sound
from tests.fakes.sides import DISCUSSION, Side
from tests.record.conftest import MakeRecordNow
from vivavoce.record.command import export

app = typer.Typer()
app.command()(export)


@pytest.fixture
def record(make_record_now: MakeRecordNow) -> Path:
    return make_record_now([Side("north", [encode_sound()], lose=lambda _name, group, _index: group == 9)])


def test_it_says_what_it_wrote_and_what_is_missing(record: Path, tmp_path: Path) -> None:
    done = CliRunner().invoke(app, [str(record), "--mp4", str(tmp_path / "out.mp4")])
    assert done.exit_code == 0
    assert "4.0 s" in done.stdout
    assert "unsealed" in done.stdout
    assert "1  North, floor, en  (opus, 199 samples, 1 filled)" in done.stdout
    assert "gap: north/floor.1 groups 9 to 9: missing" in done.stdout


def test_with_json_it_says_one_object(record: Path, tmp_path: Path) -> None:
    done = CliRunner().invoke(app, [str(record), "--mp4", str(tmp_path / "out.mp4"), "--json"])
    said = json.loads(done.stdout)
    assert said["discussion"] == DISCUSSION
    assert said["mp4"] == str(tmp_path / "out.mp4")
    assert said["verdict"] == "unsealed"
    assert said["tracks"][0]["name"] == "North, floor, en"


def test_what_cannot_be_read_is_one_line_and_exit_2(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, [str(tmp_path / "nothing"), "--mp4", str(tmp_path / "out.mp4")])
    assert done.exit_code == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert "nothing" in done.stderr
    assert done.stderr.startswith("vivavoce: ")
    assert done.stderr.endswith("[record.unreadable]\n")


def test_with_json_an_error_is_an_object_too(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, [str(tmp_path / "nothing"), "--mp4", str(tmp_path / "o.mp4"), "--json"])
    assert done.exit_code == 2
    assert json.loads(done.stdout)["error"]["code"] == "record.unreadable"


def test_its_help_says_what_to_give() -> None:
    done = CliRunner().invoke(app, ["--help"])
    assert done.exit_code == 0
    assert "RECORD" in done.stdout
    assert "--mp4" in done.stdout
