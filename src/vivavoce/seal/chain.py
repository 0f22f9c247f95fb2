"""One run's seals, one after the other (docs/formats/seal.md, S9 to S11).

Seals come as they come: doubled, late, some never. What came is linked to its neighbours by hash; two
different ones with one number are told apart and prove that the side made two.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from vivavoce.errors import EvidenceError
from vivavoce.seal.config import parse_config
from vivavoce.seal.digest import tagged
from vivavoce.seal.envelope import open_envelope, purpose
from vivavoce.seal.keys import key_id
from vivavoce.seal.seal import Flags, Seal, parse_seal

__all__ = ["Chain", "Linked"]

_KEPT: Final = 600
"""Numbers that are remembered behind the newest: two minutes of seals."""


@dataclass(frozen=True, slots=True)
class Linked:
    """A seal that holds. known: everything from the beginning of what was received up to it is there.
    after_us, before_us: between it and the one before, and the one after, by their clock; 0 where that is
    not there. skipped: it stands so far ahead that nobody waits for what is between: how many those are."""

    seal: Seal
    known: bool
    after_us: int
    before_us: int
    skipped: int


@dataclass(slots=True)
class _Kept:
    digest: bytes
    prev: bytes
    clock_us: int


class Chain:
    """founding: the founding hash. key: the run's public key. statement: the run statement's envelope."""

    def __init__(self, founding: bytes, key: bytes, statement: bytes) -> None:
        self._key = key
        self._kid = key_id(key)
        self._aad = purpose("seal", founding)
        self._first = tagged("vv/seal/1", statement)
        self._kept: dict[int, _Kept] = {}
        self._configs: dict[int, bytes] = {}
        self._names: dict[str, int] = {}
        self._end: int | None = None
        self._from: int | None = None
        self._known = -1
        self._newest = -1

    @property
    def newest(self) -> int:
        """The highest number so far, -1 before the first."""
        return self._newest

    @property
    def ended(self) -> bool:
        """The side said that nothing follows, and nothing before it is waited for."""
        return self._end is not None and self._known >= self._end

    @property
    def whole(self) -> bool:
        """Every seal from the run's first to the newest is there."""
        return self._from == 0 and self._known == self._newest

    @property
    def missing(self) -> list[int]:
        """Numbers between what was received that have not come."""
        if self._from is None:
            return []
        return [number for number in range(self._known + 1, self._newest) if number not in self._kept]

    def receive(self, raw: bytes) -> Linked | None:
        """Take a seal as it came; None for one that is there already, or far behind.

        Raises EvidenceError: `seal.form`; `seal.signature` and `seal.key`; `seal.chain` where it does not
        fit those beside it, or follows the end; `seal.fork` where another with its number is there;
        `seal.clock` where its clock stands before that of the one before; `seal.config` where a track's
        configuration changed. What was refused leaves no trace.
        """
        envelope = open_envelope(raw)
        if envelope.kid != self._kid:
            raise EvidenceError("seal.signature", "The seal names a key that is not the run's.")
        envelope.check(self._key, self._aad)
        seal = parse_seal(envelope.payload)
        if seal.seq < self._newest - _KEPT:
            return None
        digest = tagged("vv/seal/1", raw)
        if (there := self._kept.get(seal.seq)) is not None:
            if there.digest == digest:
                return None
            raise EvidenceError("seal.fork", f"There are two different seals with the number {seal.seq}.")
        self._fits(seal, digest)
        skipped = 0
        if seal.seq > self._newest + _KEPT and self._from is not None:
            skipped = seal.seq - self._newest - 1 + len(self.missing)
            self._begin_anew(seal.seq)
        self._keep(seal, digest)
        before, after = self._kept.get(seal.seq - 1), self._kept.get(seal.seq + 1)
        return Linked(
            seal,
            known=seal.seq <= self._known,
            after_us=seal.clock_us - before.clock_us if before else 0,
            before_us=after.clock_us - seal.clock_us if after else 0,
            skipped=skipped,
        )

    def give_up(self) -> int:
        """Wait no longer for what is missing. Returns how many those are."""
        missing = self.missing
        if missing:
            self._begin_anew(missing[-1] + 1)
            self._catch_up()
        return len(missing)

    def _begin_anew(self, seq: int) -> None:
        self._from, self._known = seq, seq - 1

    def _fits(self, seal: Seal, digest: bytes) -> None:
        before, after = self._kept.get(seal.seq - 1), self._kept.get(seal.seq + 1)
        prev = self._first if seal.seq == 0 else before.digest if before else None
        if (prev is not None and seal.prev != prev) or (after and after.prev != digest):
            raise EvidenceError("seal.chain", f"Seal {seal.seq} does not fit those beside it.")
        if self._end is not None and seal.seq > self._end:
            raise EvidenceError("seal.chain", f"Seal {seal.seq} follows the end, which was {self._end}.")
        if seal.flags & Flags.END and self._newest > seal.seq:
            raise EvidenceError("seal.chain", f"Seal {seal.seq} is the end, and others follow it.")
        if (before and seal.clock_us < before.clock_us) or (after and after.clock_us < seal.clock_us):
            raise EvidenceError("seal.clock", f"The clock of seal {seal.seq} goes back.")
        configs, names = dict(self._configs), dict(self._names)
        for track, config in seal.configs:
            name = parse_config(config).name
            if configs.setdefault(track, config) != config or names.setdefault(name, track) != track:
                raise EvidenceError("seal.config", f"Seal {seal.seq} changes the configuration of {name}.")

    def _keep(self, seal: Seal, digest: bytes) -> None:
        self._kept[seal.seq] = _Kept(digest, seal.prev, seal.clock_us)
        self._newest = max(self._newest, seal.seq)
        self._configs.update(seal.configs)
        self._names.update((parse_config(config).name, track) for track, config in seal.configs)
        if seal.flags & Flags.END:
            self._end = seal.seq
        if self._from is None:
            self._begin_anew(seal.seq)
        self._catch_up()
        if len(self._kept) > 2 * _KEPT:
            self._kept = {number: one for number, one in self._kept.items() if number >= self._newest - _KEPT}

    def _catch_up(self) -> None:
        assert self._from is not None
        while self._known + 1 in self._kept:
            self._known += 1
        while self._from - 1 in self._kept:
            self._from -= 1
