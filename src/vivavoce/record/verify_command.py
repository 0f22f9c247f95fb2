"""`vivavoce verify`: whether the evidence of a record, an exported MP4 or a clip holds."""

from __future__ import annotations

import gc
import json
import re
from pathlib import Path
from typing import Annotated

import typer

from vivavoce.errors import YourInputError
from vivavoce.record.address import fetched, is_address
from vivavoce.record.telling import Bars, bars, plain_errors
from vivavoce.record.verdicts import Judged, clock_text

__all__ = ["verify"]

_BY = {"identity": "by its own key", "host": "key introduced by the host", None: "by nobody's word"}


def verify(
    what: Annotated[
        str,
        typer.Argument(
            metavar="RECORD|MP4|ADDRESS",
            help="A record's folder, <data>/records/<discussion>; an exported MP4 or a clip; or an http(s)"
            " address of one.",
            show_default=False,
        ),
    ],
    founding: Annotated[
        str,
        typer.Option(
            metavar="HEX", help="The founding hash that the record has to have.", show_default=False
        ),
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Say what was found as one JSON object.")] = False,
) -> None:
    """Judge a record, an exported MP4 or a clip offline: what is proven for which seconds, what is not, and
    what cannot be known.

    Exit 0: the evidence holds. 1: it does not; the lines say what, where and by which rule. 2: it cannot be
    read. What is missing is told, and does not by itself make it false.
    """
    with plain_errors(as_json=as_json):
        if not re.fullmatch(r"([0-9a-fA-F]{64})?", founding):
            raise YourInputError("input.option", "--founding takes 64 hex digits.")
        gc.disable()  # what is kept of a record is no garbage, and looking for some takes a tenth of it
        with bars() as shown:
            judged = _judged(what, founding, shown)
    if as_json:
        typer.echo(json.dumps(judged.to_json()))
    else:
        _tell(judged)
    raise typer.Exit(0 if judged.holds else 1)


def _judged(what: str, founding: str, shown: Bars) -> Judged:
    # What judges the other kind takes as long to load as half a minute of a record to judge.
    if not is_address(what) and not Path(what).is_file():
        from vivavoce.record.verify import verify as verify_record

        return verify_record(Path(what), founding, shown.of("Verifying"))
    from vivavoce.record.verify_mp4 import verify_mp4

    if is_address(what):
        with fetched(what, shown.of("Fetching")) as path:
            return verify_mp4(path, founding, shown.of("Verifying"))
    return verify_mp4(Path(what), founding, shown.of("Verifying"))


def _tell(judged: Judged) -> None:
    cut = judged.cut
    where = f", a clip of {clock_text(cut.from_s)} to {clock_text(cut.until_s)}" if cut else ""
    name = judged.discussion or "this file"
    typer.echo(f"{name}{where}, {clock_text(judged.seconds)}: {judged.verdict}")
    for side in judged.sides:
        open_end = "" if side.ended or cut else "; no end seal"
        typer.echo(f"  {side.side}  {side.proven_seconds:.1f} s proven, {_BY[side.by]}{open_end}")
    for one in judged.findings:
        where = " ".join(part for part in (one.side, one.track) if part)
        times = f"{clock_text(one.from_s)} to {clock_text(one.until_s)}"
        typer.echo(f"  {one.judgement}: {times} {where}: {one.what} [{one.code}]")
    for side_name, _, track, from_s, until_s in cut.edges if cut else ():
        typer.echo(f"  cut: {side_name} {track} {clock_text(from_s)} to {clock_text(until_s)} of the clip")
    for unknown in judged.unknown:
        typer.echo(f"  not known: {unknown}")
