"""The process in which a source runs: `python -P -m vivavoce.line.sources.child`.

Reads one JSON line with what to run, then bytes of control (`g`: go on, `k`: a key picture next). The end of
its input means stop, so it never outlives whoever started it, however that one died. Writes frames (see
`frames`).
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from pathlib import Path
from typing import IO, Any

from vivavoce.errors import UnavailableError, VivavoceError
from vivavoce.line.sources import frames
from vivavoce.line.sources.source import Control, Source

__all__ = ["main", "source_of"]


class _SharedClock:
    """The starter's clock: the machine's steady clock is the same for both, so is what is added to it."""

    def __init__(self, offset_ns: int) -> None:
        self._offset_ns = offset_ns

    def now_us(self) -> int:
        return (self._offset_ns + time.monotonic_ns()) // 1000


def source_of(kind: str, options: dict[str, Any]) -> Source:
    """The source that `process.Spec` names. Imports only what that one needs."""
    if kind == "synthetic":
        from vivavoce.line.sources.synthetic import Synthetic

        return Synthetic(**options)
    if kind == "file":
        from vivavoce.line.sources.file import FileSource

        return FileSource(**options | {"path": Path(options["path"])})
    if kind == "camera":
        from vivavoce.line.sources.camera import Camera

        return Camera(**options)
    raise ValueError(f"no source is called {kind!r}")


def main() -> None:
    # Whatever a library prints must end up neither among the frames nor in the terminal; Python's own may.
    out = os.fdopen(os.dup(1), "wb", buffering=0)
    sys.stderr = os.fdopen(os.dup(2), "w", buffering=1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    line = _first_line()
    if not line:
        return
    spec = json.loads(line)
    control = Control()
    threading.Thread(target=_obey, args=(control,), daemon=True).start()
    try:
        source = source_of(spec["kind"], spec["options"])
        for event in source.events(_SharedClock(spec["offset_ns"]), control):
            _write(out, frames.encode(event))
    except BrokenPipeError:
        return
    except VivavoceError as error:
        _write(out, frames.encode_error(error))
    except Exception as error:
        fault = UnavailableError("internal", f"The source stopped: {type(error).__name__}: {error}.")
        _write(out, frames.encode_error(fault))
        raise


def _write(out: IO[bytes], frame: bytes) -> None:
    left = memoryview(frame)
    while left:
        left = left[out.write(left) :]


def _first_line() -> bytes:
    line = bytearray()
    while (byte := os.read(0, 1)) not in (b"", b"\n"):
        line += byte
    return bytes(line)


def _obey(control: Control) -> None:
    # Not through sys.stdin: a thread that waits in its buffer makes Python abort at its end.
    while command := os.read(0, 1):
        if command == b"k":
            control.key.set()
        elif command == b"g":
            control.go.set()
    control.stop.set()
    # A device that hangs must not keep the process: leave without it.
    time.sleep(2)
    os._exit(0)


if __name__ == "__main__":
    main()
