"""What the record's commands share: how long work is shown, and how what stands in the way is told."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from vivavoce.errors import VivavoceError
from vivavoce.record.contents import Progress

if TYPE_CHECKING:
    import rich.progress

__all__ = ["Bars", "bars", "plain_errors"]

_PATIENCE_S = 1.0
"""Before it, no bar is worth looking at."""


@contextmanager
def plain_errors(*, as_json: bool) -> Iterator[None]:
    """An error of the tree is one line on standard error, the same as of every command, with `as_json` an
    object on standard output too, and exit 2."""
    try:
        yield
    except VivavoceError as error:
        if as_json:
            said = {"code": error.code, "message": error.message, "remedy": error.remedy}
            typer.echo(json.dumps({"error": said}))
        print(f"vivavoce: {error}", file=sys.stderr)  # noqa: T201
        raise typer.Exit(2) from None


class Bars:
    """A bar for each kind of work, once it takes long, and only before a person."""

    def __init__(self) -> None:
        self._begun = time.monotonic()
        self._shown: rich.progress.Progress | None = None
        self._tasks: dict[str, rich.progress.TaskID] = {}
        self._silent = not sys.stderr.isatty()

    def of(self, what: str) -> Progress:
        """what: `Reading`."""

        def progress(done: int, total: int) -> None:
            if self._silent or time.monotonic() - self._begun < _PATIENCE_S:
                return
            shown = self._shown or self._begin()
            if what not in self._tasks:
                self._tasks[what] = shown.add_task(what, total=total)
            shown.update(self._tasks[what], completed=done, total=total)

        return progress

    def end(self) -> None:
        if self._shown:
            self._shown.stop()

    def _begin(self) -> rich.progress.Progress:
        from rich.console import Console
        from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

        columns = TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn()
        self._shown = Progress(*columns, console=Console(stderr=True), transient=True)
        self._shown.start()
        return self._shown


@contextmanager
def bars() -> Iterator[Bars]:
    shown = Bars()
    try:
        yield shown
    finally:
        shown.end()
