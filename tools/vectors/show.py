"""A side on air. Its keys are made of words."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from vivavoce.seal.config import PictureConfig, SoundConfig
from vivavoce.seal.envelope import purpose, sealed_up, to_be_signed
from vivavoce.seal.keys import key_id
from vivavoce.seal.sealer import Sealer
from vivavoce.seal.statement import Founding, FoundingSide, RunStatement


def private(word: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(f"vivavoce {word}".encode()).digest())


def public(key: Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes_raw()


IDENTITY, DEVICE, RUN, OTHER = (private(word) for word in ("identity", "device", "run", "other"))
RUN_ID = bytes.fromhex("9f86d081884c7d65")
EPOCH_US = 1_795_293_844_127_987
FOUNDING = Founding(
    "k7m2xq4vw9",
    "On the bridge",
    1_795_200_000_000_000,
    (FoundingSide("north", "Northland", "en"), FoundingSide("south", "Южный край", "ru", public(IDENTITY))),
)
HD = PictureConfig("hd.1", "avc1.42e01f", bytes.fromhex("0142e01fffe1"), 1280, 720, 0, 30_000)
SD = replace(HD, name="sd.1", codec="avc1.42e01e", width=640, height=360)
FLOOR = SoundConfig("floor.1", "opus", 48_000, 1, "en", "floor", "")


def signed(kind: str, payload: bytes, by: Ed25519PrivateKey, founding: Founding = FOUNDING) -> bytes:
    kid = key_id(public(by))
    return sealed_up(kid, payload, by.sign(to_be_signed(kid, purpose(kind, founding.digest), payload)))


STATEMENT = signed("run", RunStatement(RUN_ID, public(RUN), "north", EPOCH_US).to_bytes(), DEVICE)

Event = list[Any]
"""As vectors/README.md has it."""


@dataclass
class Show:
    """A side on air: a picture at 20 a second in groups of ten, packets of 50 ms, a seal every 180 ms."""

    run: bytes = RUN_ID
    key: Ed25519PrivateKey = RUN
    statement: bytes = STATEMENT
    apart_us: int = 180_000
    events: list[Event] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.sealer = Sealer(FOUNDING.digest, self.run, public(self.key), self.statement)
        self.hd = self.sealer.add(HD)
        self.floor = self.sealer.add(FLOOR)
        self.sealed_us = -1

    def seal(self, us: int, **options: Any) -> None:
        envelope = self.sealer.signed(self.key.sign(self.sealer.draft(us, **options)))
        self.events.append([us + 5_000, "seal", envelope.hex()])
        self.sealed_us = us

    def on_air(self, from_ms: int, until_ms: int, *, sd: bool = False) -> Show:
        small = self.sealer.add(SD) if sd else None
        for ms in range(from_ms, until_ms, 50):
            us, at = ms * 1000, ms // 50
            data = hashlib.sha256(f"picture {at}".encode()).digest()[:8]
            self.picture(self.hd, "hd.1", at, us, data)
            if small is not None:
                self.picture(small, "sd.1", at, us, data[:4])
            packet = hashlib.sha256(f"packet {at}".encode()).digest()[:4]
            self.sealer.sample(self.floor, at, 0, us, True, packet)
            self.events.append([us + 1_000, "sample", "floor.1", at, 0, us, 1, packet.hex()])
            if us - self.sealed_us >= self.apart_us or self.sealed_us < 0:
                self.seal(us)
            self.events.append([us + 6_000, "tick"])
        return self

    def picture(self, track: int, name: str, at: int, us: int, data: bytes) -> None:
        group, index = divmod(at, 10)
        self.sealer.sample(track, group, index, us, index == 0, data)
        self.events.append([us + 1_000, "sample", name, group, index, us, int(index == 0), data.hex()])

    def wait(self, from_ms: int, until_ms: int) -> Show:
        self.events += [[ms * 1000, "tick"] for ms in range(from_ms, until_ms, 100)]
        return self

    def change(self, how: Callable[[Event], Event | list[Event] | None]) -> Show:
        """how: what becomes of an event: another, several, or none."""
        changed: list[Event] = []
        for event in self.events:
            became = how(event)
            if became is None:
                continue
            changed += became if became and isinstance(became[0], list) else [became]
        self.events = changed
        return self


Scene = tuple[str, str, str, Show]
"""A name, what it is about, the clause that it stands on, and what became of the show."""


def on_air(until_ms: int = 2_000, *, sd: bool = False) -> Show:
    """From the first moment until `until_ms`. sd: with a smaller picture beside."""
    return Show().on_air(0, until_ms, sd=sd)
