"""A record's store in memory, with faults by name."""

from __future__ import annotations

import errno
import threading
from collections import Counter

__all__ = ["MemoryStore"]


class MemoryStore:
    """room: bytes that still fit. fault: an errno that every append to a track or its seals raises. most:
    bytes that a file may have. gate: appends wait while it is clear."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.synced: dict[str, bytes] = {}
        self.room = 1 << 40
        self.fault = 0
        self.most = 1 << 40
        self.gate = threading.Event()
        self.gate.set()
        self.calls: Counter[str] = Counter()

    def append(self, path: str, data: bytes) -> None:
        self.calls["append"] += 1
        self.gate.wait()
        if self.fault and path.endswith((".mp4", ".log")):
            raise OSError(self.fault, "a fault was asked for")
        if len(data) > self.room:
            raise OSError(errno.ENOSPC, "No space left on device")
        if len(self.files.get(path, b"")) + len(data) > self.most:
            raise OSError(errno.EFBIG, "File too large")
        self.room -= len(data)
        self.files[path] = self.files.get(path, b"") + data

    def replace(self, path: str, data: bytes) -> None:
        self.calls["replace"] += 1
        if len(data) > self.room:
            raise OSError(errno.ENOSPC, "No space left on device")
        self.files[path] = self.synced[path] = data

    def exists(self, path: str) -> bool:
        return path in self.files

    def release(self, path: str) -> None:
        self.calls["release"] += 1
        if path in self.files:
            self.synced[path] = self.files[path]

    def sync(self) -> None:
        self.calls["sync"] += 1
        self.synced = dict(self.files)

    def free_bytes(self) -> int:
        return self.room
