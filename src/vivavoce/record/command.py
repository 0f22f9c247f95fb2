"""`vivavoce export`: a record's tracks as one MP4."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from vivavoce.record.export import Exported, export_mp4
from vivavoce.record.telling import bars, plain_errors

__all__ = ["export"]


def export(
    record: Annotated[
        Path,
        typer.Argument(
            metavar="RECORD", help="A record's folder: <data>/records/<discussion>.", show_default=False
        ),
    ],
    mp4: Annotated[Path, typer.Option("--mp4", help="The file to write.", show_default=False)],
    as_json: Annotated[bool, typer.Option("--json", help="Say what was written as one JSON object.")] = False,
) -> None:
    """Write a record as one standard MP4 with every side's tracks.

    Nothing is transcoded and every timestamp is kept to the microsecond; the sides stand to each other as
    the host received them. A record may be exported while it is still being written. Exit 0: written. 2: the
    record cannot be read, holds nothing, or the file cannot be written; the line says why.
    """
    with plain_errors(as_json=as_json), bars() as shown:
        exported = export_mp4(
            record,
            mp4,
            reading=shown.of("Reading"),
            judging=shown.of("Verifying"),
            writing=shown.of("Writing"),
        )
    if as_json:
        typer.echo(json.dumps(exported.to_json()))
    else:
        _tell(exported)


def _tell(exported: Exported) -> None:
    typer.echo(f"{exported.mp4}: {exported.seconds:.1f} s, {exported.size / 1e6:.1f} MB, {exported.verdict}")
    for track in exported.tracks:
        filled = f", {track.filled} filled" if track.filled else ""
        typer.echo(f"  {track.number}  {track.name}  ({track.codec}, {track.samples} samples{filled})")
    for gap in exported.gaps:
        groups = f"groups {gap['from_group']} to {gap['to_group']}"
        typer.echo(f"  gap: {gap['seat']}/{gap['track']} {groups}: {gap['why']}")
    for reason, count in exported.left_out.items():
        typer.echo(f"  left out: {count} samples: {reason}")
    for finding in exported.findings:
        typer.echo(f"  {finding.where}: {finding.what}")
    for run in exported.unended:
        typer.echo(f"  {run} has no end: more may have followed")
