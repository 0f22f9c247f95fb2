"""Where a record's files lie: the one place that appends, truncates and syncs."""

from __future__ import annotations

import contextlib
import os
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

__all__ = ["FileStore", "Store"]

_MAX_OPEN = 200
"""Of the 1 024 files that a process may hold by default, the host needs a few dozen itself."""

_fdatasync = getattr(os, "fdatasync", os.fsync)  # macOS has only the other


class Store(Protocol):
    """Paths are relative, with `/`. Every call may raise OSError; the store is then as it was before."""

    def append(self, path: str, data: bytes) -> None:
        """Add all of `data` to the end of a file, or nothing. Makes the file and its folders."""

    def replace(self, path: str, data: bytes) -> None:
        """Make `data` the whole of a file; a crash leaves the old or the new one. Survives power loss."""

    def exists(self, path: str) -> bool: ...

    def release(self, path: str) -> None:
        """No more will be appended; what was survives power loss."""

    def sync(self) -> None:
        """All that was appended until now survives power loss."""

    def free_bytes(self) -> int:
        """How much may still be written, by this user, where the files lie."""


@dataclass(slots=True)
class _Open:
    handle: int
    length: int
    dirty: bool = False


class FileStore:
    """Files under `root`, made readable by their owner and group only."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._files: OrderedDict[str, _Open] = OrderedDict()
        self._folders: set[Path] = set()  # whose entries changed since the last sync
        root.mkdir(parents=True, exist_ok=True, mode=0o750)

    def append(self, path: str, data: bytes) -> None:
        file = self._file(path)
        left = memoryview(data)
        try:
            while left:
                left = left[os.write(file.handle, left) :]
        except OSError:
            # Half a sample is worth nothing and would hide the samples after it until they are searched for.
            with contextlib.suppress(OSError):
                os.ftruncate(file.handle, file.length)
            raise
        file.length += len(data)
        file.dirty = True

    def replace(self, path: str, data: bytes) -> None:
        target = self._root / path
        self._make_folder(target.parent)
        staged = target.with_name(target.name + ".new")
        handle = os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o640)
        try:
            left = memoryview(data)
            while left:
                left = left[os.write(handle, left) :]
            os.fsync(handle)
        except OSError:
            with contextlib.suppress(OSError):
                staged.unlink()
            raise
        finally:
            os.close(handle)
        staged.replace(target)
        _sync_folder(target.parent)

    def exists(self, path: str) -> bool:
        return (self._root / path).exists()

    def release(self, path: str) -> None:
        file = self._files.pop(path, None)
        if file is not None:
            try:
                if file.dirty:
                    _fdatasync(file.handle)
            finally:
                os.close(file.handle)

    def sync(self) -> None:
        for file in self._files.values():
            if file.dirty:
                _fdatasync(file.handle)
                file.dirty = False
        while self._folders:
            folder = next(iter(self._folders))
            _sync_folder(folder)
            self._folders.discard(folder)

    def free_bytes(self) -> int:
        room = os.statvfs(self._root)
        return room.f_bavail * room.f_frsize

    def _file(self, path: str) -> _Open:
        file = self._files.get(path)
        if file is not None:
            self._files.move_to_end(path)
            return file
        while len(self._files) >= _MAX_OPEN:
            self.release(next(iter(self._files)))
        target = self._root / path
        self._make_folder(target.parent)
        new = not target.exists()
        handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o640)
        if new:
            self._folders.add(target.parent)
        file = self._files[path] = _Open(handle, os.fstat(handle).st_size)
        return file

    def _make_folder(self, folder: Path) -> None:
        missing = []
        while not folder.exists():
            missing.append(folder)
            folder = folder.parent
        for made in reversed(missing):
            made.mkdir(mode=0o750, exist_ok=True)
            self._folders |= {made, made.parent}


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
