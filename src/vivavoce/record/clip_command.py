"""`vivavoce clip`: a part of a record as an MP4 that proves itself."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Annotated

import typer

from vivavoce.errors import YourInputError
from vivavoce.record.clip import Clipped, clip_mp4
from vivavoce.record.telling import bars, plain_errors
from vivavoce.record.verdicts import clock_text

__all__ = ["clip", "microseconds"]

_TIME = re.compile(
    r"(?:(?:(?P<h>[0-9]{1,3}):)?(?P<m>[0-9]{1,2}):)?(?P<s>[0-9]{1,6})(?:\.(?P<part>[0-9]{1,6}))?"
)


def clip(
    record: Annotated[
        Path,
        typer.Argument(
            metavar="RECORD", help="A record's folder: <data>/records/<discussion>.", show_default=False
        ),
    ],
    mp4: Annotated[Path, typer.Option("--mp4", help="The file to write.", show_default=False)],
    from_: Annotated[
        str,
        typer.Option("--from", metavar="TIME", help="90, 1:30 or 00:01:30.5", show_default=False),
    ],
    until: Annotated[
        str,
        typer.Option("--until", metavar="TIME", help="The same.", show_default=False),
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Say what was written as one JSON object.")] = False,
) -> None:
    """Cut from a record into an MP4 that `vivavoce verify` judges alone.

    Times are those of the record's export. Whole groups of pictures are taken, so the clip begins a little
    earlier and ends a little later, and sound goes with them. It says where it was cut from. Exit 0: written.
    2: the record cannot be read, has no seals or nothing in that time, or the file cannot be written.
    """
    with plain_errors(as_json=as_json):
        times = microseconds("--from", from_), microseconds("--until", until)
        with bars() as shown:
            clipped = clip_mp4(record, mp4, *times, reading=shown.of("Reading"), writing=shown.of("Writing"))
    if as_json:
        typer.echo(json.dumps(clipped.to_json()))
    else:
        _tell(clipped)


def microseconds(option: str, text: str) -> int:
    """`90`, `1:30`, `00:01:30.5`. Raises YourInputError `input.option`, which names the option."""
    found = _TIME.fullmatch(text.strip())
    hours, minutes, seconds = (int(found[name] or 0) if found else 0 for name in "hms")
    if found is None or (found["m"] and seconds > 59) or (found["h"] and minutes > 59):
        raise YourInputError(
            "input.option",
            f"{option} {text[:40]!r} is no time.",
            remedy="Write seconds, minutes:seconds or hours:minutes:seconds: 90, 1:30, 00:01:30.5.",
        )
    part = int((found["part"] or "").ljust(6, "0"))
    return 1_000_000 * (3600 * hours + 60 * minutes + seconds) + part


def _tell(clipped: Clipped) -> None:
    times = f"{clock_text(clipped.from_s)} to {clock_text(clipped.until_s)} of {clipped.judged.discussion}"
    size = f"{clipped.seconds:.1f} s, {clipped.size / 1e6:.1f} MB"
    typer.echo(f"{clipped.mp4}: {times}; {size}: {clipped.judged.verdict}")
    typer.echo(
        f"  begins at {clock_text(clipped.starts_s)} of the record, founded as {clipped.judged.founding}"
    )
    for track in clipped.tracks:
        typer.echo(f"  {track.number}  {track.name}  ({track.codec}, {track.samples} samples)")
    for one in clipped.judged.findings:
        typer.echo(f"  {one.judgement}: {one.side} {one.track}: {one.what} [{one.code}]")
