"""Whose word a run stands by, in `vivavoce watch`: what an identity key revoked counts, whoever tells it."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from vivavoce.line.catalog import Catalog
from vivavoce.line.events import CatalogSeen, SealSeen
from vivavoce.line.sealing import Sealing
from vivavoce.seal.signer import Signer
from vivavoce.seal.statement import DeviceStatement, Founding, FoundingSide, Revocation
from vivavoce.terminal.judge import Judge

START_US = 1_795_293_847_350_000


@dataclass
class Watched:
    """North brought an identity key; its device goes on air as often as is wanted."""

    identity: Signer = field(default_factory=Signer)
    device: Signer = field(default_factory=Signer)
    runs: int = 0

    def __post_init__(self) -> None:
        sides = (FoundingSide("north", "North", "en", self.identity.public),)
        self.founding = Founding("k7m2xq4vw9", "A talk", 1, sides)
        self.judge = Judge(self.founding)

    def revocation(self, *, later_us: int = 0, by: Signer | None = None) -> bytes:
        said = Revocation(self.device.public, START_US + later_us).to_bytes()
        return (by or self.identity).envelope("revocation", self.founding.digest, said)

    def goes_on_air(self, later_us: int, device: Signer | None = None, *revocations: bytes) -> None:
        """Its papers and two seals come."""
        epoch_us, device = START_US + later_us, device or self.device
        said = DeviceStatement(device.public, "north", "laptop", 0, START_US + 10**12).to_bytes()
        self.runs += 1
        run = f"{self.runs:016x}"
        sealing = Sealing(
            self.founding.digest,
            seat="north",
            run=run,
            epoch_us=epoch_us,
            device=device,
            vouchers=[self.identity.envelope("device", self.founding.digest, said)],
            revocations=revocations,
        )
        self.judge.take(CatalogSeen("north", Catalog(run, epoch_us, {}), epoch_us))
        self.judge.take(SealSeen("north", 0, 0, sealing.papers, epoch_us))
        for index in (1, 2):
            now_us = epoch_us + 180_000 * index
            self.judge.take(SealSeen("north", 0, index, sealing.seal(now_us)[1], now_us))
            self.judge.tick(now_us)

    @property
    def stands(self) -> tuple[str, str | None]:
        of = self.judge.of("north")
        return of.state, of.code


@pytest.fixture
def watched() -> Watched:
    return Watched()


REVOKED = ("broken", "seal.run")


def test_a_run_that_nobody_revoked_stands_by_its_identity_key(watched: Watched) -> None:
    watched.goes_on_air(0)
    assert watched.stands != REVOKED
    assert watched.judge.of("north").by == "identity"


def test_the_host_is_asked_once_when_a_run_begins(watched: Watched) -> None:
    assert not watched.judge.unasked
    watched.goes_on_air(0)
    assert watched.judge.unasked
    watched.judge.revoke([])
    assert not watched.judge.unasked
    watched.goes_on_air(1_000_000)
    assert watched.judge.unasked


@pytest.mark.parametrize("before", [True, False])
def test_a_run_that_begins_after_the_revocation_is_broken_whenever_the_host_tells(
    watched: Watched, before: bool
) -> None:
    if before:
        watched.judge.revoke([watched.revocation()])
    watched.goes_on_air(0)
    if not before:
        assert watched.stands != REVOKED
        watched.judge.revoke([watched.revocation()])
    assert watched.stands == REVOKED


@pytest.mark.parametrize("why", ["later", "by a stranger", "no envelope"])
def test_a_run_stands_where_the_host_tells_a_revocation_that_is(why: str, watched: Watched) -> None:
    told = {
        "later": watched.revocation(later_us=1),
        "by a stranger": watched.revocation(by=Signer()),
        "no envelope": b"x" * 128,
    }
    watched.goes_on_air(0)
    watched.judge.revoke([told[why]])
    assert watched.stands != REVOKED


def test_what_a_later_runs_papers_revoke_holds_for_those_after_it(watched: Watched) -> None:
    lost, new = watched.device, Signer()
    watched.goes_on_air(1_000_000, new, watched.revocation())
    assert watched.stands != REVOKED
    watched.goes_on_air(2_000_000, lost)
    assert watched.stands == REVOKED
    watched.goes_on_air(3_000_000, new)
    assert watched.stands != REVOKED
