"""Promise: what a side seals reaches viewers and sinks untouched, and holds there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Self

import pytest

from tests.fakes.line import DISCUSSION, Network, SinkTwin
from tests.line.parts import CLOCK, House, Talking, house, until
from vivavoce.errors import PeerError
from vivavoce.line.broadcast import OutTrack
from vivavoce.line.events import SealSeen
from vivavoce.line.hostjudge import HostJudge
from vivavoce.line.publish import Publisher
from vivavoce.line.sealed import SealsCopy
from vivavoce.line.sealing import Sealing
from vivavoce.line.watch import Watcher
from vivavoce.seal.leavesframe import MOST_LEAVES, LeavesFrame, is_leaves
from vivavoce.seal.papers import parse_papers
from vivavoce.seal.signer import Signer
from vivavoce.seal.statement import Founding, FoundingSide, run_of
from vivavoce.seal.verdict import Verdict
from vivavoce.terminal.judge import Judge, Judgement

pytestmark = pytest.mark.anyio

FOUNDING = Founding(DISCUSSION, "On the bridge", 1, (FoundingSide("north", "North", "en"),))
VERIFIED = Judgement("verified", None, "host", ended=False)


def sealed(at: House, *, port: int | None = None) -> Publisher:
    """North, sealing."""
    grant = at.authority.tokens["token-north"]
    epoch_us = CLOCK.now_us()
    return Publisher(
        url=at.url if port is None else f"https://127.0.0.1:{port}/line",
        fingerprint=at.relay.fingerprint,
        token="token-north",
        path=grant.path,
        run=grant.run,
        epoch_us=epoch_us,
        clock=CLOCK,
        sealing=Sealing(FOUNDING.digest, seat="north", run=grant.run, epoch_us=epoch_us, device=Signer()),
    )


def judged(sink: SinkTwin) -> Verdict:
    """The verdict of the seals and samples that a sink was told, in order of arrival and at once."""
    papers = parse_papers(sink.seals[0][3])
    run, _ = run_of(FOUNDING, papers.statement, papers.device)
    verdict = Verdict(FOUNDING.digest, run.run, run.key, papers.statement)
    for samples in sink.samples.values():
        for one in samples:
            verdict.sample(one.track, one.group, one.index, one.timestamp_us, one.key, one.data, 0)
    for _, _, index, raw in sink.seals:
        if index > 0 and not is_leaves(raw):
            verdict.seal(raw, 0)
    verdict.tick(1)
    return verdict


class Judging:
    """A viewer that judges what comes, as it comes. Entered, it does so in the background.
    saw: what it thought of north after each event."""

    def __init__(self, at: House, watcher: Watcher) -> None:
        self._at, self._watcher = at, watcher
        self._task: asyncio.Task[None] | None = None
        self.judge = Judge(FOUNDING)
        self.saw: list[Judgement] = []

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run())
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._task is not None
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        async with self._watcher:
            async for event in self._watcher:
                self.judge.take(event)
                if self.judge.unnamed:
                    for run, device in self._at.relay.devices(DISCUSSION).values():
                        self.judge.name(run, bytes.fromhex(device))
                self.saw.append(self.judge.of("north"))


async def test_what_is_sealed_holds_at_a_sink_and_has_an_end(tmp_path: Path) -> None:
    async with house(tmp_path) as at:
        async with sealed(at) as north, Talking(north):
            await until(lambda: len(at.sink.seals) > 15, "three seconds of seals")
        await asyncio.sleep(0.2)
        verdict = judged(at.sink)
        assert verdict.history == []
        assert verdict.state == "verified"
        assert verdict.chain.ended
        assert at.relay.devices(DISCUSSION)["north"][0] == "0123456789abcdef"
        numbers = [(group, index) for _, group, index, _ in at.sink.seals]
        assert numbers == sorted(set(numbers)), "each once, in order"


async def test_a_bit_that_was_changed_is_found(tmp_path: Path) -> None:
    async with house(tmp_path) as at:
        async with sealed(at) as north, Talking(north):
            await until(lambda: len(at.sink.seals) > 8, "some seals")
        await asyncio.sleep(0.2)
        picture = at.sink.samples["north/hd.1"][7]
        object.__setattr__(picture, "data", b"\x01" + picture.data[1:])
        verdict = judged(at.sink)
        assert verdict.state == "broken"
        assert [finding.code for finding in verdict.history] == ["sample.altered"]


async def test_a_viewer_who_joins_later_judges_from_there(tmp_path: Path) -> None:
    async with house(tmp_path) as at, sealed(at) as north, Talking(north):
        await until(lambda: len(at.sink.seals) > 15, "it goes on for a while")
        async with Judging(at, at.watcher()) as viewer:
            await until(lambda: viewer.judge.of("north") == VERIFIED, "it holds")
            await asyncio.sleep(1)
        assert viewer.saw[-1] == VERIFIED
        assert {judgement.state for judgement in viewer.saw} <= {"unsealed", "pending", "verified"}


async def test_whoever_joins_is_given_the_newest_seals_and_not_all_that_are_kept(tmp_path: Path) -> None:
    async with house(tmp_path) as at, sealed(at) as north, Talking(north):
        await until(lambda: len(at.sink.seals) > 55, "eight seconds of seals", timeout_s=30)
        newest = max(group for _, group, _, _ in at.sink.seals)
        groups: set[int] = set()

        async def watch() -> None:
            async with at.watcher(patience_us=2_000_000) as watcher:
                async for event in watcher:
                    if isinstance(event, SealSeen):
                        groups.add(event.group)

        watching = asyncio.create_task(watch())
        await until(lambda: max(groups, default=0) > newest, "a group after it joined")
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
        assert min(groups) >= newest - 2, groups


async def test_the_seals_of_a_time_without_a_line_come_afterwards(tmp_path: Path) -> None:
    async with house(tmp_path) as at, Network(at.port) as network:
        async with sealed(at, port=network.port) as north, Talking(north):
            await until(lambda: len(at.sink.seals) > 8, "it goes on for a while")
            network.down = True
            await asyncio.sleep(3)
            network.down = False
            before = len(at.sink.seals)
            await until(lambda: len(at.sink.seals) > before + 25, "what was sealed meanwhile, too")
        papers = parse_papers(at.sink.seals[0][3])
        run, _ = run_of(FOUNDING, papers.statement, papers.device)
        verdict = Verdict(FOUNDING.digest, run.run, run.key, papers.statement)
        for _, _, index, raw in at.sink.seals:
            if index > 0:
                verdict.seal(raw, 0)
        assert verdict.chain.missing == []
        assert "seal.missing" not in {finding.code for finding in verdict.history}


async def test_a_judge_that_fails_does_not_hold_up_the_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(self: HostJudge, sample: object) -> None:
        raise RuntimeError("a fault")

    monkeypatch.setattr(HostJudge, "sample", fails)
    async with (
        house(tmp_path, founding=lambda discussion: FOUNDING) as at,
        sealed(at) as north,
        Talking(north),
    ):
        await until(lambda: len(at.sink.seals) > 8, "it goes on")
        assert len(at.sink.samples["north/hd.1"]) > 10
        assert at.sink.verdicts == []


async def test_the_hosts_verdict_is_told_to_the_sinks(tmp_path: Path) -> None:
    async with house(tmp_path, founding=lambda discussion: FOUNDING) as at:
        async with sealed(at) as north, Talking(north):
            await until(lambda: ("north", "verified", None) in at.sink.verdicts, "a verdict")
        await asyncio.sleep(0.2)
        assert "broken" not in {state for _, state, _ in at.sink.verdicts}


def copy(told: list[tuple[int, int, bytes]]) -> SealsCopy:
    def tell(group: int, index: int, raw: bytes) -> None:
        told.append((group, index, raw))

    return SealsCopy(lambda: OutTrack("seals", None), tell)


def _frames() -> tuple[bytes, bytes]:
    device = Signer()
    sealing = Sealing(FOUNDING.digest, seat="north", run="01" * 8, epoch_us=0, device=device)
    return sealing.papers, sealing.seal(0)[1]


@pytest.mark.parametrize(
    ("what", "take"),
    [
        ("no papers at the beginning", lambda papers, seal: (0, 0, seal)),
        ("papers in the place of a seal", lambda papers, seal: (0, 1, papers)),
        ("what is no seal", lambda papers, seal: (0, 1, b"abc")),
        ("nothing", lambda papers, seal: (0, 1, b"")),
        ("what is too large", lambda papers, seal: (0, 1, bytes(1 << 17))),
        ("one seal too many", lambda papers, seal: (0, 11, seal)),
    ],
)
def test_the_host_refuses(what: str, take: Callable[[bytes, bytes], tuple[int, int, bytes]]) -> None:
    told: list[tuple[int, int, bytes]] = []
    with pytest.raises(PeerError) as refused:
        copy(told).take(*take(*_frames()), 0)
    assert refused.value.code == "line.sample"
    assert told == [], what


LEAVES = LeavesFrame(1, 100, [bytes(32)] * 8).to_bytes()
MANY = LeavesFrame(1, 100, [bytes(32)] * MOST_LEAVES).to_bytes()


@pytest.mark.parametrize(
    ("what", "frames", "taken"),
    [
        ("leaves between seals", lambda seal: [seal, LEAVES, seal, LEAVES], 4),
        ("ten seals and as many leaves as may be", lambda seal: [seal] * 10 + [LEAVES] * 16, 26),
        ("an eleventh seal after leaves", lambda seal: [LEAVES, *[seal] * 11], 11),
        ("seventeen of leaves", lambda seal: [LEAVES] * 17, 16),
        ("more than 64 KiB of leaves", lambda seal: [MANY, LEAVES, MANY], 2),
        ("leaves without their form", lambda seal: [LEAVES[:-1]], 0),
        ("leaves of nothing", lambda seal: [b"\x83\x01\x02\x40"], 0),
    ],
)
def test_a_group_of_seals_has_leaves_among_them(
    what: str, frames: Callable[[bytes], list[bytes]], taken: int
) -> None:
    told: list[tuple[int, int, bytes]] = []
    seals = copy(told)
    papers, seal = _frames()
    seals.take(0, 0, papers, 0)
    given = frames(seal)
    for index, raw in enumerate(given[:taken], 1):
        seals.take(0, index, raw, 0)
    assert [raw for _, _, raw in told[1:]] == given[:taken], what
    if taken < len(given):
        with pytest.raises(PeerError) as refused:
            seals.take(0, taken + 1, given[taken], 0)
        assert refused.value.code == "line.sample"
        assert len(told) == taken + 1


def test_leaves_are_no_beginning_of_a_group() -> None:
    told: list[tuple[int, int, bytes]] = []
    for index in (0, 1):
        with pytest.raises(PeerError):
            copy(told).take(0, index, LEAVES, 0)
    assert told == []


def test_papers_do_not_change_within_a_run() -> None:
    told: list[tuple[int, int, bytes]] = []
    seals = copy(told)
    first, second = _frames()[0], _frames()[0]
    seals.take(0, 0, first, 0)
    with pytest.raises(PeerError):
        seals.take(1, 0, second, 0)


def test_a_frame_that_comes_again_is_handed_on_once_and_groups_may_come_in_any_order() -> None:
    told: list[tuple[int, int, bytes]] = []
    seals = copy(told)
    papers, seal = _frames()
    seals.take(1, 0, papers, 0)
    seals.take(0, 0, papers, 0)
    seals.take(0, 1, seal, 0)
    seals.whole(1)
    assert seals.next_group == 0
    seals.take(0, 0, papers, 0)
    seals.take(0, 1, seal, 0)
    seals.take(0, 2, seal, 0)
    seals.whole(0)
    assert seals.next_group == 2
    seals.take(1, 0, papers, 0)
    assert [place[:2] for place in told] == [(1, 0), (0, 0), (0, 1), (0, 2)]
