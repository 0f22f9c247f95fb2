"""A UDP forwarder between a browser and a host: the network that a test can cut, thin and count.

It runs in a thread of its own so that a test may block. Each client gets its own socket towards the
host, as a NAT would give it, and a new one after `rebind()`, as a change of network would.
"""

from __future__ import annotations

import contextlib
import random
import selectors
import socket
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType

Address = tuple[str, int]


@dataclass
class Counted:
    packets: int = 0
    bytes: int = 0


_QUEUE_S = 0.2
_LEAST_QUEUE = 3_000


class _Line:
    """One direction of so many bits a second, with a queue before it; what does not fit is dropped."""

    def __init__(self) -> None:
        self.bits_s: float | None = None
        self._waiting: deque[tuple[int, Callable[[], object]]] = deque()
        self._bytes = 0
        self._free_s = 0.0

    def put(self, size: int, send: Callable[[], object]) -> None:
        if self.bits_s is None and not self._waiting:
            send()
        elif self.bits_s is None or self._bytes + size <= max(_LEAST_QUEUE, self.bits_s * _QUEUE_S / 8):
            if not self._waiting:
                self._free_s = max(self._free_s, time.monotonic())
            self._waiting.append((size, send))
            self._bytes += size

    def let_go(self) -> float | None:
        """Send what is due; how long until the next is, in seconds."""
        while self._waiting:
            size, send = self._waiting[0]
            leaves_s = self._free_s + (size * 8 / self.bits_s if self.bits_s is not None else 0)
            left = leaves_s - time.monotonic()
            if left > 0:
                return left
            self._free_s = leaves_s
            self._waiting.popleft()
            self._bytes -= size
            send()
        return None


@dataclass
class Forwarder:
    """Listens on a port of its own (`port`) and forwards to `target`. loss: 0 to 1, each way, seeded."""

    target: Address
    loss: float = 0.0
    to_host: Counted = field(default_factory=Counted)
    to_client: Counted = field(default_factory=Counted)

    def __post_init__(self) -> None:
        self._front = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._front.bind(("127.0.0.1", 0))
        self.port = int(self._front.getsockname()[1])
        self._backs: dict[Address, socket.socket] = {}
        self._clients: dict[socket.socket, Address] = {}
        self._cut = False
        self._stop = threading.Event()
        self._random = random.Random(7)
        self._lines = (_Line(), _Line())
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._front, selectors.EVENT_READ)
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Forwarder:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join(timeout=5)
        for back in self._backs.values():
            back.close()
        self._front.close()
        self._selector.close()

    def cut(self) -> None:
        """The cable is pulled: nothing passes either way."""
        self._cut = True

    def mend(self) -> None:
        self._cut = False

    @property
    def is_cut(self) -> bool:
        return self._cut

    def thin(self, *, to_host: float | None = None, to_client: float | None = None) -> None:
        """Carry so many bits a second from now on, with a queue of 200 ms before; None for no limit."""
        self._lines[0].bits_s, self._lines[1].bits_s = to_host, to_client

    def rebind(self) -> None:
        """The client's network changes: the host sees its packets from another address."""
        with self._lock:
            for back in self._backs.values():
                self._selector.unregister(back)
                back.close()
            self._backs.clear()
            self._clients.clear()

    def _run(self) -> None:
        while not self._stop.is_set():
            wait = min([0.1, *(left for line in self._lines if (left := line.let_go()) is not None)])
            for key, _ in self._selector.select(timeout=wait):
                sock = key.fileobj
                assert isinstance(sock, socket.socket)
                with self._lock:
                    self._forward(sock)

    def _forward(self, sock: socket.socket) -> None:
        try:
            data, sender = sock.recvfrom(65536)
        except OSError:
            return
        outwards = sock is self._front
        counted = self.to_host if outwards else self.to_client
        counted.packets += 1
        counted.bytes += len(data)
        if self._cut or self._random.random() < self.loss:
            return
        if not outwards:
            client = self._clients.get(sock)
            if client:
                self._lines[1].put(len(data), lambda: self._send(self._front, data, client))
            return
        back = self._backs.get(sender)
        if back is None:
            back = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            back.connect(self.target)
            self._backs[sender] = back
            self._clients[back] = sender
            self._selector.register(back, selectors.EVENT_READ)
        self._lines[0].put(len(data), lambda: self._send(back, data))

    @staticmethod
    def _send(sock: socket.socket, data: bytes, to: Address | None = None) -> None:
        # Its client may have moved on while it waited.
        with contextlib.suppress(OSError):
            if to is None:
                sock.send(data)
            else:
                sock.sendto(data, to)
