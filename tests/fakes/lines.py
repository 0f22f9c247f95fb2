"""A line and a recorder that remember what they were told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass
class FakeClock:
    """Stands still until it is moved."""

    at_us: int = 1_795_293_844_000_000

    def now_us(self) -> int:
        return self.at_us


@dataclass
class FakeLine:
    """Stands in for the relay. shown: the newest state by discussion. ended: (discussion, seat, why).
    catalogued, sealing: what it answers, by seat, for every discussion. remembered: leaves, by (run, track,
    group, count)."""

    port: int = 4443
    fingerprint: str | None = "ab" * 32
    shown: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    ended: list[tuple[str, str, str]] = field(default_factory=list)
    forgotten: list[str] = field(default_factory=list)
    catalogued: dict[str, str] = field(default_factory=dict)
    sealing: dict[str, tuple[str, str]] = field(default_factory=dict)
    remembered: dict[tuple[str, int, int, int], bytes] = field(default_factory=dict)

    def publish_state(self, discussion: str, state: Mapping[str, Any]) -> None:
        self.shown[discussion] = state

    def end_run(self, discussion: str, seat: str, why: str) -> None:
        self.ended.append((discussion, seat, why))

    def catalogs(self, discussion: str) -> dict[str, str]:
        return self.catalogued

    def devices(self, discussion: str) -> dict[str, tuple[str, str]]:
        return self.sealing

    def leaves(self, discussion: str, run: str, track: int, group: int, count: int) -> bytes | None:
        return self.remembered.get((run, track, group, count))

    def forget(self, discussion: str) -> None:
        self.forgotten.append(discussion)


@dataclass
class FakeRecording:
    """Stands in for the recorder."""

    state: str = "running"
    opened: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    def open_discussion(self, discussion: str, facts: Mapping[str, Any]) -> None:
        self.opened[discussion] = facts

    def health(self) -> str:
        return self.state
