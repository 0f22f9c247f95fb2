"""Writing an MP4 out of a record's files.

It is written beside its name and takes it when it is complete and on disk; a failure leaves nothing.
"""

from __future__ import annotations

import contextlib
import errno
import os
from collections import OrderedDict
from pathlib import Path
from typing import BinaryIO

from vivavoce.errors import UnavailableError, YourInputError
from vivavoce.record.contents import Progress, Track
from vivavoce.record.lanes import Fill, Piece, Plan
from vivavoce.record.mp4 import Layout

__all__ = ["Files", "check_place", "write_mp4"]

_MAX_OPEN = 64


def check_place(mp4: Path) -> None:
    """Raises YourInputError `input.option` where no file can be."""
    if mp4.is_dir() or not mp4.parent.is_dir():
        raise YourInputError(
            "input.option", f"{str(mp4)!r} cannot be a file.", remedy="Name a file to write."
        )


def write_mp4(mp4: Path, made: Plan, layout: Layout, behind: bytes, progress: Progress | None) -> int:
    """Write the file, in place of what has its name, and give its size. behind: the boxes after the samples.

    Raises UnavailableError `disk.full` or `data.read_only`.
    """
    staged = mp4.with_name(f".{mp4.name}.{os.getpid()}.part")
    try:
        with staged.open("wb") as out:
            out.write(layout.head)
            _copy(out, made, layout.order, layout.media_bytes, progress)
            out.write(behind)
            out.flush()
            os.fsync(out.fileno())
            size = out.tell()
        staged.replace(mp4)
    except OSError as error:
        raise _written(mp4, error) from None
    finally:
        with contextlib.suppress(OSError):
            staged.unlink(missing_ok=True)
    return size


def _copy(
    out: BinaryIO, made: Plan, order: list[tuple[int, int, int]], total: int, progress: Progress | None
) -> None:
    done = 0
    with contextlib.closing(Files()) as files:
        sources = [_Source(pieces, files) for pieces in made.pieces]
        for number, first, last in order:
            for row in range(first, last):
                done += out.write(sources[number].read(row))
            if progress:
                progress(done, total)


class _Source:
    """The bytes of a lane's rows. Rows are asked for in order. files: opened ones, shared by all lanes."""

    def __init__(self, pieces: list[Piece | Fill], files: Files) -> None:
        self._pieces = pieces
        self._files = files
        self._at = 0

    def read(self, row: int) -> bytes:
        while row >= self._pieces[self._at].first + len(self._pieces[self._at]):
            self._at += 1
        piece = self._pieces[self._at]
        if isinstance(piece, Fill):
            return piece.packets[row - piece.first]
        return self._files.sample(piece.track, piece.rows[row - piece.first])


class Files:
    """Keeps the files open that were read last: a long record has more than a process may open."""

    def __init__(self) -> None:
        self._open: OrderedDict[Path, BinaryIO] = OrderedDict()

    def open(self, path: Path) -> BinaryIO:
        file = self._open.pop(path, None) or path.open("rb")
        self._open[path] = file
        if len(self._open) > _MAX_OPEN:
            self._open.popitem(last=False)[1].close()
        return file

    def sample(self, track: Track, row: int) -> bytes:
        """The bytes of a recorded sample."""
        samples = track.samples
        file = self.open(track.files[samples.file[row]])
        file.seek(samples.offset[row])
        return file.read(samples.size[row])

    def close(self) -> None:
        for file in self._open.values():
            file.close()


def _written(mp4: Path, error: OSError) -> UnavailableError:
    what = f"{str(mp4)!r} cannot be written: {error.strerror}."
    if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
        return UnavailableError("disk.full", what, remedy="Free some space, or name a file on another disk.")
    return UnavailableError("data.read_only", what, remedy="Name a file that you may write.")
