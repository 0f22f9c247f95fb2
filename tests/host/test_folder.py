"""The data folder: one host, one secret."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from vivavoce import folder
from vivavoce.errors import UnavailableError


def test_a_folder_is_made_and_held_by_one_host(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "data"
    with folder.held(path):
        with pytest.raises(UnavailableError, match=f"process {os.getpid()}") as refusal, folder.held(path):
            pass
        assert refusal.value.code == "data.in_use"
    with folder.held(path):
        pass


@pytest.mark.parametrize("path", ["/dev/null/data", "/proc/vivavoce"])
def test_a_folder_that_cannot_be_made_is_named(path: str) -> None:
    with pytest.raises(UnavailableError, match=path) as refusal, folder.held(Path(path)):
        pass
    assert refusal.value.code == "data.read_only"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(UnavailableError, match=r"data\.read_only"), folder.held(tmp_path):
        pass


def test_the_hosts_secret_is_drawn_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    path, secret = folder.host_secret(tmp_path)
    assert folder.host_secret(tmp_path) == (path, secret)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert sorted(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("text", [b"", b"short\n", b"\xff" * 43, b"x" * 100_000])
def test_a_secret_that_is_none_is_drawn_anew(tmp_path: Path, text: bytes) -> None:
    (tmp_path / folder.SECRET_FILE).write_bytes(text)
    path, secret = folder.host_secret(tmp_path)
    assert len(secret) == 43
    assert secret.isascii()
    assert path.read_text().strip() == secret
