"""The data folder: made if it is missing, held by one host at a time, and home of the host's secret."""

from __future__ import annotations

import contextlib
import fcntl
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from vivavoce.discussion.secrets import is_secret, new_secret
from vivavoce.errors import UnavailableError

__all__ = ["SECRET_FILE", "held", "host_secret"]

SECRET_FILE = "host-secret"  # noqa: S105  the file's name
_LOCK_FILE = "lock"


@contextlib.contextmanager
def held(folder: Path) -> Iterator[Path]:
    """The folder, which no other host has while the context lasts. A host that was killed holds nothing.

    Raises UnavailableError `data.read_only`, `data.in_use`, `disk.full`.
    """
    try:
        folder.mkdir(mode=0o750, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(b"\0" * 4096)
            probe.flush()
        lock = os.open(folder / _LOCK_FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
    except OSError as error:
        raise _unusable(folder, error) from None
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = os.read(lock, 20).decode("ascii", "replace").strip()
            by = f", process {holder}" if holder.isdigit() else ""
            raise UnavailableError("data.in_use", f"Another host works in {folder}{by}.") from None
        os.ftruncate(lock, 0)
        os.write(lock, str(os.getpid()).encode())
        yield folder
    finally:
        os.close(lock)


def host_secret(folder: Path) -> tuple[Path, str]:
    """The file that holds the host's secret, and the secret; drawn anew if there is none or it is no secret.
    Raises UnavailableError `data.read_only`, `disk.full`."""
    path = folder / SECRET_FILE
    try:
        with contextlib.suppress(FileNotFoundError):
            text = path.read_text("ascii", "replace").strip()
            if is_secret(text):
                return path, text
        secret = new_secret()
        # Whole or not at all, and never readable by others, not even for a moment.
        descriptor, name = tempfile.mkstemp(dir=folder, prefix=SECRET_FILE)  # 0600
        with os.fdopen(descriptor, "w") as file:
            file.write(secret + "\n")
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except OSError as error:
        raise _unusable(folder, error) from None
    return path, secret


def _unusable(folder: Path, error: OSError) -> UnavailableError:
    said = f"The data folder {folder} cannot be written: {error.strerror or error}."
    return UnavailableError("disk.full" if error.errno == 28 else "data.read_only", said)
