"""Where the processor goes: the time of every thread of every process under this one, by what each is for."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

_TICK_S = 1 / os.sysconf("SC_CLK_TCK")
MAIN = "main"


@dataclass(frozen=True)
class Thread:
    """A thread's processor time, seconds since it began. role: of its process."""

    role: str
    process: int
    name: str
    spent_s: float


def threads(roots: Mapping[str, Sequence[int]]) -> dict[tuple[int, int], Thread]:
    """Every thread of these processes and their children, by process and thread. roots: by a name, which goes
    before the role. What ends meanwhile is left out."""
    found: dict[tuple[int, int], Thread] = {}
    for name, pids in roots.items():
        for pid in pids:
            for process in _family(pid):
                try:
                    role = f"{name} {role_of(process.cmdline())}".strip()
                    for folder in Path(f"/proc/{process.pid}/task").iterdir():
                        thread = int(folder.name)
                        label, spent = parse_stat((folder / "stat").read_text())
                        if thread == process.pid:
                            label = MAIN
                        found[process.pid, thread] = Thread(role, process.pid, label, spent)
                except (psutil.Error, OSError):
                    continue
    return found


def _family(pid: int) -> list[psutil.Process]:
    try:
        process = psutil.Process(pid)
        return [process, *process.children(recursive=True)]
    except psutil.Error:
        return []


def parse_stat(text: str) -> tuple[str, float]:
    """A thread's name and processor seconds from its line in /proc; the name may hold blanks and brackets."""
    name, _, rest = text.partition("(")[2].rpartition(")")
    fields = rest.split()
    # utime and stime are the 14th and 15th fields of the line; the state, the third, is the first here.
    return name, (int(fields[11]) + int(fields[12])) * _TICK_S


def role_of(command: Sequence[str]) -> str:
    """What a process of Chromium is for; empty for other programs."""
    options = dict(one.removeprefix("--").partition("=")[::2] for one in command if one.startswith("--"))
    kind = options.get("type")
    if kind == "utility":
        service = options.get("utility-sub-type", "").split(".")[-1]
        return {
            "NetworkService": "network service",
            "AudioService": "audio service",
            "VideoCaptureService": "camera service",
            "StorageService": "storage service",
        }.get(service, service)
    if kind:
        return {"gpu-process": "gpu process"}.get(kind, kind)
    return "browser" if any("chrom" in Path(one).name for one in command[:1]) else ""


def spent(
    before: dict[tuple[int, int], Thread], after: dict[tuple[int, int], Thread]
) -> dict[tuple[str, int, str], float]:
    """Seconds between two looks, by role, process and thread name; threads of one name are added up."""
    told: dict[tuple[str, int, str], float] = defaultdict(float)
    for key, thread in after.items():
        then = before.get(key)
        told[thread.role, thread.process, thread.name] += thread.spent_s - (then.spent_s if then else 0.0)
    return dict(told)
