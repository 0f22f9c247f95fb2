"""`vivavoce clip`: what it says, and how it ends."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from tests.record.test_clip import record
from vivavoce.errors import YourInputError
from vivavoce.record.clip_command import clip, microseconds

__all__ = ["record"]

app = typer.Typer()
app.command()(clip)


def run(*arguments: str | Path) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, [str(one) for one in arguments])
    return done.exit_code, done.stdout, done.stderr


def test_it_says_what_it_cut_and_whether_that_holds(record: Path, tmp_path: Path) -> None:
    out = tmp_path / "clip.mp4"
    code, said, _ = run(record, "--from", "0:03.2", "--until", "4.3", "--mp4", out)
    assert code == 0
    assert "00:03.2 to 00:04.3 of k7m2xq4vw9" in said
    assert "it holds" in said
    assert "1  North, picture, hd" in said


def test_with_json_it_says_one_object(record: Path, tmp_path: Path) -> None:
    out = tmp_path / "clip.mp4"
    code, text, _ = run(record, "--from", "3.2", "--until", "4.3", "--mp4", out, "--json")
    assert code == 0
    said = json.loads(text)
    assert (said["from_s"], said["until_s"], said["verdict"]) == (3.2, 4.3, "it holds")
    assert len(said["founding"]) == 64


@pytest.mark.parametrize("times", [("x", "2"), ("0", "1:75"), ("3", "2"), ("99", "100")])
def test_times_that_are_none_are_one_line_and_exit_2(
    record: Path, tmp_path: Path, times: tuple[str, str]
) -> None:
    code, said, error = run(record, "--from", times[0], "--until", times[1], "--mp4", tmp_path / "c.mp4")
    assert (code, said) == (2, "")
    assert error.count("\n") == 1


def test_with_json_an_error_is_an_object_too(tmp_path: Path) -> None:
    code, said, _ = run(tmp_path / "no", "--from", "0", "--until", "1", "--mp4", tmp_path / "c.mp4", "--json")
    assert code == 2
    assert json.loads(said)["error"]["code"] == "record.unreadable"


@pytest.mark.parametrize(
    ("text", "us"),
    [
        ("90", 90_000_000),
        ("1:30", 90_000_000),
        ("00:01:30.5", 90_500_000),
        ("0.25", 250_000),
        ("100:00:00", 360_000_000_000),
        ("75:00", 4_500_000_000),
    ],
)
def test_times_are_read_as_people_write_them(text: str, us: int) -> None:
    assert microseconds("--from", text) == us


@pytest.mark.parametrize("text", ["", "-1", "1:60", "1:60:00", "1:2:3:4", "one", "1,5", "٣", "1e3", ":30"])
def test_what_is_no_time_names_the_option_and_the_value(text: str) -> None:
    with pytest.raises(YourInputError, match=r"--until") as caught:
        microseconds("--until", text)
    assert caught.value.code == "input.option"
