"""Network namespaces joined by one user-space forwarder: programs in them meet the path that was asked for.

    with Net(["side", "host", "viewer"], {("side", "host"): leg, ("host", "viewer"): leg}) as net:
        subprocess.Popen([*net.inside("host"), "vivavoce", "serve", "--host", net.address("host")])

Each namespace has one device, `wan`, with an address from 198.18.0.0/15 (RFC 2544, for benchmarks). Every
IPv4 packet between two of them goes through bench/parts/forwarder.py, QUIC, RTP and TCP alike. A link given
for (a, b) holds for both directions, each with its own queue and its own fate. This machine itself is a port
as well, `driver`, joined to all without impairment: to ask the host from outside the path.

Needs Linux, iproute2, util-linux, and root with CAP_NET_ADMIN and CAP_SYS_ADMIN. Its names hold the process's
number; what a process that was killed has left behind is cleared away at the next start.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import select
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bench.parts.link import Impairment

__all__ = ["DRIVER", "Net", "PathError", "missing"]

ROOT = Path(__file__).resolve().parent.parent.parent
DRIVER = "driver"
_NAMESPACES = Path("/run/netns")
_NAME = re.compile(r"vivavoce-(\d+)-[a-z]{1,12}")
_PORT = re.compile(r"[a-z]{1,12}")
_MTU = 1500
_CAP_NET_ADMIN, _CAP_SYS_ADMIN = 12, 21


class PathError(RuntimeError):
    """The path cannot be built here; the text says what is missing."""


def missing() -> str | None:
    """What this machine lacks for a path, in words; None if nothing is known to."""
    if not sys.platform.startswith("linux"):
        return "network namespaces are Linux's"
    for program in ("ip", "nsenter"):
        if shutil.which(program) is None:
            return f"the program {program} is not installed (Debian: iproute2, util-linux)"
    if not Path("/dev/net/tun").exists():
        return "the device /dev/net/tun is not there"
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("CapEff:"):
            held = int(line.split()[1], 16)
            for bit, name in ((_CAP_NET_ADMIN, "CAP_NET_ADMIN"), (_CAP_SYS_ADMIN, "CAP_SYS_ADMIN")):
                if not held >> bit & 1:
                    return f"this process has not the capability {name}: run it as root"
    return None


class Net:
    """Context manager: the namespaces and their forwarder.

    names: of the namespaces, 1 to 12 letters a to z. links: what is done between two of them, both ways
    alike; pairs that are not named are joined without impairment. seed: of every link's fate.
    Entering raises PathError where the machine lacks something.
    """

    def __init__(
        self, names: Sequence[str], links: Mapping[tuple[str, str], Impairment], *, seed: int = 1
    ) -> None:
        for name in names:
            if _PORT.fullmatch(name) is None or name == DRIVER:
                raise ValueError(f"{name!r} cannot be a namespace's name: 1 to 12 letters a to z.")
        for pair in links:
            if not set(pair) <= {*names, DRIVER} or len(set(pair)) != 2:
                raise ValueError(f"{pair} is no pair of {list(names)}.")
        self.names = tuple(names)
        self._links = dict(links)
        self._seed = seed
        self._pid = os.getpid()
        subnet = 2 + self._pid % 65_000
        self._prefix = f"198.{18 + (subnet >> 8 & 1)}.{subnet >> 9 & 255}."
        self._stack = contextlib.ExitStack()
        self._process: subprocess.Popen[bytes] | None = None
        self._unread = b""
        self._folder = Path()

    def address(self, name: str) -> str:
        """The IPv4 address of a namespace, or of the driver."""
        return self._prefix + str(1 if name == DRIVER else 10 + self.names.index(name))

    def namespace(self, name: str) -> str:
        return f"vivavoce-{self._pid}-{name}"

    def inside(self, name: str) -> list[str]:
        """What to put before a command, for it to run in a namespace."""
        return ["nsenter", f"--net={_NAMESPACES / self.namespace(name)}", "--"]

    def wrapper(self, name: str, program: Path | str) -> Path:
        """A script that runs a program in a namespace, for those who take the path of one executable."""
        script = self._folder / f"{name}-{Path(program).name}"
        script.write_text(f'#!/bin/sh\nexec {" ".join(self.inside(name))} {program} "$@"\n')
        script.chmod(script.stat().st_mode | stat.S_IXUSR)
        return script

    def __enter__(self) -> Self:
        lacking = missing()
        if lacking is not None:
            raise PathError(f"The path cannot be built: {lacking}.")
        clear_leftovers()
        with contextlib.ExitStack() as stack:
            self._folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="vivavoce-path-")))
            for name in self.names:
                _ip("netns", "add", self.namespace(name))
                stack.callback(_delete, self.namespace(name))
            self._start(stack)
            self._join()
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def change(self, between: tuple[str, str], both_ways: bool = False, **told: Any) -> float:
        """Change one direction, or both, from now on (`bits_s=800_000`); the wall clock's time of it, s."""
        pairs = [between, between[::-1]] if both_ways else [between]
        answer = self._ask({"change": [[*pair, told] for pair in pairs]})
        return float(answer["changed"])

    def counters(self) -> dict[str, Any]:
        """What each direction did since this was asked last (`links`, by `a>b`: see bench/parts/link.py,
        Counted), and how late the forwarder itself was (`late_ms`)."""
        return self._ask({"counters": True})

    def _start(self, stack: contextlib.ExitStack) -> None:
        process = subprocess.Popen(
            [sys.executable, "-m", "bench.parts.forwarder"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
        )
        self._process = process
        stack.callback(_end, process)
        links = []
        for (a, b), impairment in self._links.items():
            told = {name: getattr(impairment, name) for name in impairment.__dataclass_fields__}
            links += [[a, b, told, f"{self._seed} {a}>{b}"], [b, a, told, f"{self._seed} {b}>{a}"]]
        ports = [[name, self.address(name), self._device(name)] for name in (*self.names, DRIVER)]
        answer = self._ask({"ports": ports, "links": links})
        if "error" in answer:
            raise PathError(f"The path cannot be built: {answer['error']}.")

    def _device(self, name: str) -> str:
        number = self.names.index(name) if name != DRIVER else "d"
        return f"vv{self._pid}x{number}"

    def _join(self) -> None:
        for name in self.names:
            device, namespace = self._device(name), self.namespace(name)
            _ip("link", "set", device, "netns", namespace, "name", "wan")
            _ip("-n", namespace, "link", "set", "lo", "up")
            _up(["-n", namespace], "wan", self.address(name), self._prefix)
            # Without a way out a browser takes itself to be offline.
            _ip("-n", namespace, "route", "add", "default", "dev", "wan")
        _up([], self._device(DRIVER), self.address(DRIVER), self._prefix)

    def _ask(self, asked: dict[str, Any], patience_s: float = 10.0) -> dict[str, Any]:
        process = self._process
        if process is None or process.stdin is None or process.stdout is None:
            raise RuntimeError("the path is not entered")
        process.stdin.write(json.dumps(asked).encode() + b"\n")
        until = time.monotonic() + patience_s
        while b"\n" not in self._unread:
            ready, _, _ = select.select([process.stdout], [], [], max(0.0, until - time.monotonic()))
            more = os.read(process.stdout.fileno(), 65_536) if ready else b""
            if not more:
                raise PathError("The forwarder of the path has ended, or does not answer.")
            self._unread += more
        line, _, self._unread = self._unread.partition(b"\n")
        answer: dict[str, Any] = json.loads(line)
        return answer


def clear_leftovers() -> list[str]:
    """Delete the namespaces whose makers are gone, and end what still runs in them; their names."""
    cleared = []
    for entry in _NAMESPACES.iterdir() if _NAMESPACES.is_dir() else ():
        owner = _NAME.fullmatch(entry.name)
        if owner is None or Path(f"/proc/{owner[1]}").exists():
            continue
        _delete(entry.name)
        cleared.append(entry.name)
    return cleared


def _delete(namespace: str) -> None:
    """End whoever is left inside, then take the namespace away."""
    for how in (signal.SIGTERM, signal.SIGKILL):
        pids = subprocess.run(["ip", "netns", "pids", namespace], capture_output=True, text=True).stdout
        for pid in pids.split():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(pid), how)
        if not pids:
            break
        time.sleep(0.5)
    subprocess.run(["ip", "netns", "delete", namespace], capture_output=True)


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.stdin is not None:
        with contextlib.suppress(OSError):
            process.stdin.close()
    try:
        process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout is not None:
        process.stdout.close()


def _up(where: Sequence[str], device: str, address: str, prefix: str) -> None:
    _ip(*where, "address", "add", f"{address}/32", "dev", device)
    _ip(*where, "link", "set", device, "mtu", str(_MTU), "txqueuelen", "1000", "up")
    _ip(*where, "route", "add", f"{prefix}0/24", "dev", device, "src", address)


def _ip(*arguments: str) -> None:
    done = subprocess.run(["ip", *arguments], capture_output=True, text=True)
    if done.returncode:
        said = done.stderr.strip() or f"exit {done.returncode}"
        raise PathError(f"The path cannot be built: `ip {' '.join(arguments)}`: {said}.")
