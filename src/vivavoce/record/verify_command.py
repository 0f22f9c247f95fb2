"""`vivavoce verify`: whether a record's evidence holds."""

from __future__ import annotations

import gc
import json
import re
import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from vivavoce.errors import VivavoceError, YourInputError
from vivavoce.record.verdicts import Judged, clock_text
from vivavoce.record.verify import verify as judge

__all__ = ["verify"]

_BY = {"identity": "by its own key", "host": "key introduced by the host", None: "by nobody's word"}
_PATIENCE_S = 1.0
"""Before it, no bar is worth looking at."""


def verify(
    record: Annotated[
        Path,
        typer.Argument(
            metavar="RECORD", help="A record's folder: <data>/records/<discussion>.", show_default=False
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
    """Judge a record offline: what is proven for which seconds, what is not, and what cannot be known.

    Exit 0: the evidence holds. 1: it does not; the lines say what, where and by which rule. 2: it cannot be
    read. What is missing is told, and does not by itself make it false.
    """
    try:
        if not re.fullmatch(r"([0-9a-fA-F]{64})?", founding):
            raise YourInputError("input.option", "--founding takes 64 hex digits.")
        gc.disable()  # what is kept of a record is no garbage, and looking for some takes a tenth of it
        judged = _with_bar(record, founding)
    except VivavoceError as error:
        if as_json:
            said = {"code": error.code, "message": error.message, "remedy": error.remedy}
            typer.echo(json.dumps({"error": said}))
        print(f"{error.message} {error.remedy}", file=sys.stderr)  # noqa: T201
        raise typer.Exit(2) from None
    if as_json:
        typer.echo(json.dumps(judged.to_json()))
    else:
        _tell(judged)
    raise typer.Exit(0 if judged.holds else 1)


def _with_bar(record: Path, founding: str) -> Judged:
    if not sys.stderr.isatty():
        return judge(record, founding)
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    columns = TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn()
    bar = Progress(*columns, console=Console(stderr=True), transient=True)
    task = bar.add_task("Verifying", total=None)
    begun = time.monotonic()

    def progress(done: int, total: int) -> None:
        if time.monotonic() - begun > _PATIENCE_S:
            bar.start()
            bar.update(task, completed=done, total=total)

    try:
        return judge(record, founding, progress)
    finally:
        bar.stop()


def _tell(judged: Judged) -> None:
    typer.echo(f"{judged.discussion}, {clock_text(judged.seconds)}: {judged.verdict}")
    for side in judged.sides:
        open_end = "" if side.ended else "; no end seal"
        typer.echo(f"  {side.side}  {side.proven_seconds:.1f} s proven, {_BY[side.by]}{open_end}")
    for one in judged.findings:
        where = " ".join(part for part in (one.side, one.track) if part)
        times = f"{clock_text(one.from_s)} to {clock_text(one.until_s)}"
        typer.echo(f"  {one.judgement}: {times} {where}: {one.what} [{one.code}]")
    for unknown in judged.unknown:
        typer.echo(f"  not known: {unknown}")
