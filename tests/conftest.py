"""Fixtures that every room uses."""

from __future__ import annotations

import socket
import sys
from pathlib import Path

import pytest
from hypothesis import settings

# No test times anything: a busy machine is no fault.
settings.register_profile("vivavoce", deadline=None)
settings.load_profile("vivavoce")

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # tests.fakes, tools


@pytest.fixture(scope="session")
def anyio_backend() -> tuple[str, dict[str, bool]]:
    """Everything that a host does is tried on the loop that a host has (vivavoce/loop.py)."""
    return "asyncio", {"use_uvloop": True}


@pytest.fixture
def free_port() -> int:
    """A port that nobody holds for TCP and UDP at this moment."""
    for _ in range(50):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tcp:
            tcp.bind(("127.0.0.1", 0))
            port = int(tcp.getsockname()[1])
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
                try:
                    udp.bind(("127.0.0.1", port))
                except OSError:
                    continue
            return port
    raise RuntimeError("no port is free for both TCP and UDP")
