"""`vivavoce verify`: what it says, and how it ends."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from tests.fakes.tampering import edit_samples
from tests.record.test_verify import Kept, at, clean, kept
from vivavoce.record.verdicts import clock_text, without
from vivavoce.record.verify_command import verify

__all__ = ["clean", "kept"]

app = typer.Typer()
app.command()(verify)


def test_a_record_that_holds_is_exit_0(kept: Kept) -> None:
    done = CliRunner().invoke(app, [str(kept.path)])
    assert done.exit_code == 0
    assert "k7m2xq4vw9, 00:04.5: it holds" in done.stdout
    assert "north  4.0 s proven, key introduced by the host" in done.stdout
    assert "south  4.0 s proven, by its own key" in done.stdout
    assert "not known: " in done.stdout


def test_one_that_does_not_is_exit_1_and_says_what_where_and_which_rule(kept: Kept) -> None:
    edit_samples(kept.hd, at(45, data=b"another picture"))
    done = CliRunner().invoke(app, [str(kept.path), "--json"])
    assert done.exit_code == 1
    said = json.loads(done.stdout)
    assert said["holds"] is False
    assert {"seconds", "sides", "findings", "unknown"} < set(said)
    first = said["findings"][0]
    assert (first["code"], first["judgement"]) == ("sample.altered", "broken")
    assert (first["side"], first["track"]) == ("north", "hd.1")
    assert first["from_s"] == pytest.approx(1.5, abs=0.3)
    plain = CliRunner().invoke(app, [str(kept.path)])
    assert plain.exit_code == 1
    assert "broken: 00:01" in plain.stdout
    assert "[sample.altered]" in plain.stdout


@pytest.mark.parametrize("more", [[], ["--founding", "12"], ["--founding", "x" * 64]])
def test_what_cannot_be_read_is_one_line_and_exit_2(tmp_path: Path, more: list[str]) -> None:
    done = CliRunner().invoke(app, [str(tmp_path / "nothing"), *more])
    assert done.exit_code == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1


def test_with_json_an_error_is_an_object_too(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, [str(tmp_path / "nothing"), "--json"])
    assert done.exit_code == 2
    assert json.loads(done.stdout)["error"]["code"] == "record.unreadable"


def test_seconds_are_told_as_people_read_them() -> None:
    assert [clock_text(one) for one in (0, 59.96, 3_723.44)] == ["00:00.0", "01:00.0", "62:03.4"]


def test_time_that_is_proven_is_counted_once_and_not_where_something_is_wrong() -> None:
    assert without([(0, 4), (1, 5)], [(2, 3), (2.5, 3.5)]) == pytest.approx(3.5)
    assert without([], [(0, 1)]) == 0
