"""A real host in a process of its own, as a stranger would start it."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

VIVAVOCE = Path(sys.executable).with_name("vivavoce")


@dataclass
class Host:
    """A running `vivavoce serve`. url: where its pages are. address: where it listens, if not on loopback."""

    process: subprocess.Popen[str]
    port: int
    data: Path
    log: Path
    secure: bool = False
    address: str | None = None

    @property
    def url(self) -> str:
        if self.address is not None:
            return f"https://{self.address}:{self.port}"
        return f"https://127.0.0.1:{self.port}" if self.secure else f"http://localhost:{self.port}"

    def request(self, method: str, path: str, body: object = None, *, bearer: str | None = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data=data, method=method)
        request.add_header("Content-Type", "application/json")
        if bearer:
            request.add_header("Authorization", f"Bearer {bearer}")
        trusting = ssl._create_unverified_context() if self.url.startswith("https:") else None
        with urllib.request.urlopen(request, timeout=20, context=trusting) as answer:
            text = answer.read().decode()
        return json.loads(text) if text else None

    def new_discussion(self, **facts: Any) -> Any:
        # From this machine's loopback no secret is asked for.
        secret = (self.data / "host-secret").read_text().strip() if self.address is not None else None
        return self.request("POST", "/api/discussions", facts, bearer=secret)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        if self.process.poll() is None:
            self.process.send_signal(how)
        return self.process.wait(timeout=20)


def free_port() -> int:
    with socket.socket() as tcp:
        tcp.bind(("127.0.0.1", 0))
        return int(tcp.getsockname()[1])


@contextlib.contextmanager
def serving(
    data: Path,
    *options: str,
    port: int | None = None,
    secure: bool = False,
    inside: Sequence[str] = (),
    address: str | None = None,
) -> Iterator[Host]:
    """A host that answers; it is stopped, and by force if need be, at the end. secure: it serves HTTPS.

    inside: a command that runs it elsewhere, in a network namespace. address: to listen on, off loopback; it
    then serves HTTPS by its own certificate."""
    port = port or free_port()
    data.mkdir(parents=True, exist_ok=True)
    log = data.parent / f"{data.name}.log"
    if address is not None:
        options = ("--host", address, *options)
    with log.open("a") as out:
        process = subprocess.Popen(
            [*inside, str(VIVAVOCE), "serve", "--data", str(data), "--port", str(port), *options],
            stdout=out,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
    host = Host(process, port, data, log, secure, address)
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                host.request("GET", "/api/clock")
                break
            except OSError:
                if process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"the host did not start:\n{log.read_text()}") from None
                time.sleep(0.1)
        yield host
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
