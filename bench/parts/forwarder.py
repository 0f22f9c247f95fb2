"""The process between the namespaces: takes IP packets from TUN devices, puts them where they are addressed.

    python -m bench.parts.forwarder        started by bench/parts/path.py, which speaks to it in lines of JSON

It reads on its standard input first the ports (name, address, device) and links (from, to, impairment, seed),
opens the devices and answers with `{"ready": true}`; then, at any time,

    {"change": [["side", "host", {"bits_s": 800000}], …]}   answered with the time at which it was done
    {"counters": true}                                      answered with what was counted since the last

It ends with its standard input, and its devices with it. Packets that are addressed to nobody are dropped. A
pair of ports without a link is joined without impairment.
"""

from __future__ import annotations

import contextlib
import fcntl
import gc
import json
import os
import select
import socket
import struct
import sys
import time
from dataclasses import replace
from typing import Any

from bench.parts.link import NS, Counted, Impairment, Link

_TUNSETIFF = 0x400454CA
_IFF_TUN = 0x0001
_IFF_NO_PI = 0x1000
_BATCH = 64
"""The most packets taken from one device before whatever is due is sent."""
_LATE_KEPT = 200_000
_IDLE_S = 0.5
_TOGETHER_S = 0.000_2
"""What is due within this leaves together: a wake-up for each packet takes processor from the browsers."""


def open_tun(name: str) -> int:
    """A TUN device of this name, not blocking. It goes when it is closed. OSError without the right to."""
    device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    try:
        fcntl.ioctl(device, _TUNSETIFF, struct.pack("16sH22x", name.encode(), _IFF_TUN | _IFF_NO_PI))
    except OSError:
        os.close(device)
        raise
    return device


class Forwarder:
    """Ports and the links between them."""

    def __init__(self, asked: dict[str, Any]) -> None:
        self._names: dict[bytes, str] = {}
        self._devices: dict[str, int] = {}
        for name, address, device in asked["ports"]:
            self._names[socket.inet_aton(address)] = name
            self._devices[name] = open_tun(device)
        self._ports = {device: name for name, device in self._devices.items()}
        self._links: dict[tuple[str, str], Link] = {
            (source, target): Link(Impairment(**told), seed) for source, target, told, seed in asked["links"]
        }
        self._busy: dict[tuple[str, str], int] = {}
        """Links with packets in them, and when each is to be asked next."""
        self._late_ns: list[int] = []
        self._unread = b""

    def run(self) -> None:
        """Forward until standard input ends."""
        _say({"ready": True})
        readers = [0, *self._ports]
        while True:
            wait = _IDLE_S
            if self._busy:
                wait = max(0.0, (min(self._busy.values()) - time.monotonic_ns()) / NS + _TOGETHER_S)
            # select, since its time-outs are finer than a millisecond.
            readable, _, _ = select.select(readers, [], [], min(wait, _IDLE_S))
            for device in readable:
                if device == 0:
                    if not self._commands():
                        return
                else:
                    self._take(device)
            self._put()

    def _take(self, device: int) -> None:
        source = self._ports[device]
        for _ in range(_BATCH):
            try:
                packet = os.read(device, 65_536)
            except BlockingIOError:
                return
            if packet[0] >> 4 != 4:
                continue
            target = self._names.get(packet[16:20])
            if target is None:
                continue
            link = self._links.get((source, target))
            if link is None:
                link = self._links[source, target] = Link(Impairment())
            link.send(packet, time.monotonic_ns())
            self._remember((source, target), link)

    def _remember(self, pair: tuple[str, str], link: Link) -> None:
        due = link.deadline()
        if due is None:
            self._busy.pop(pair, None)
        else:
            self._busy[pair] = due

    def _put(self) -> None:
        now_ns = time.monotonic_ns()
        for pair, due in list(self._busy.items()):
            if due > now_ns:
                continue
            link, target = self._links[pair], pair[1]
            if len(self._late_ns) < _LATE_KEPT:
                self._late_ns.append(now_ns - due)
            for packet in link.leaving(now_ns):
                # A device that is not up yet, or whose queue is full, loses it, as any network card does.
                with contextlib.suppress(OSError):
                    os.write(self._devices[target], packet)
            self._remember(pair, link)

    def _commands(self) -> bool:
        """Carry out what was asked for; False at the end."""
        more = os.read(0, 65_536)
        if not more:
            return False
        *lines, self._unread = (self._unread + more).split(b"\n")
        for line in lines:
            asked = json.loads(line)
            if "change" in asked:
                now_ns = time.monotonic_ns()
                for source, target, told in asked["change"]:
                    link = self._links[source, target]
                    link.change(replace(link.impairment, **told), now_ns)
                    self._remember((source, target), link)
                _say({"changed": time.time()})
            else:
                _say(self._counters())
        return True

    def _counters(self) -> dict[str, Any]:
        late = sorted(self._late_ns)
        told = {
            "links": {
                f"{source}>{target}": link.counted.told() for (source, target), link in self._links.items()
            },
            "late_ms": {
                f"p{q}": round(late[min(len(late) - 1, len(late) * q // 100)] / 1e6, 3) if late else None
                for q in (50, 99)
            },
        }
        for link in self._links.values():
            link.counted = Counted()
        self._late_ns.clear()
        return told


def _say(told: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


def main() -> None:
    # Ahead of the browsers: it needs little, but at once.
    with contextlib.suppress(OSError):
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
    asked = bytearray()
    while not asked.endswith(b"\n"):
        byte = os.read(0, 1)
        if not byte:
            return
        asked += byte
    try:
        forwarder = Forwarder(json.loads(asked))
    except OSError as error:
        _say({"error": f"/dev/net/tun: {error.strerror}"})
        return
    gc.disable()
    forwarder.run()


if __name__ == "__main__":
    main()
