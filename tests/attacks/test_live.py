"""Attack: whoever carries the line to a viewer changes it. Each is told what was done, and by which rule."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pytest

from tests.attacks.relay import Frame, Tamper, TamperingRelay
from tests.fakes.line import DISCUSSION, grant
from tests.line.parts import CLOCK, PICTURE, SMALL, SOUND, House, certificate, house, settle
from vivavoce.clock import ClockEstimate
from vivavoce.line.catalog import CATALOG_TRACK, SEALS_TRACK
from vivavoce.line.events import Event, SampleSeen
from vivavoce.line.publish import Publisher
from vivavoce.line.sample import decode_frame, encode_frame
from vivavoce.line.sealing import Sealing
from vivavoce.line.watch import Watcher
from vivavoce.seal.envelope import open_envelope
from vivavoce.seal.seal import parse_seal
from vivavoce.seal.signer import Signer
from vivavoce.seal.statement import Founding, FoundingSide
from vivavoce.terminal.judge import Judge

SIDES: Final = ("north", "south")
FOUNDING: Final = Founding(
    DISCUSSION, "On the bridge", 1, tuple(FoundingSide(seat, seat.title(), "en") for seat in SIDES)
)
BEFORE_S: Final = 2.0
"""The attacks begin when the viewers have seen so much untouched, and think well of it."""
ROOT: Final = Path(__file__).parents[2]
AFTER_S: Final = 5.0
HONEST: Final = {"unsealed", "pending", "verified", "late"}
"""What a side that nobody touches may be: on a busy machine its seals are late, as anybody's are."""
AT_ONCE: Final = 3
"""Host, sides, relays and viewers share one processor: with more of them samples come later than 600 ms after
their seals where it is busy, and that is a gap of nobody's making (V4)."""
LEAST_SAMPLES: Final = 100


@dataclass
class Attacker(Tamper):
    """Attacks north once it is armed, so that it is seen to be well before."""

    armed: bool = False
    did: int = 0

    def frames(self, frame: Frame) -> Iterable[bytes]:
        if not self.armed or frame.seat != "north":
            return (frame.payload,)
        changed = tuple(self.attack(frame))
        self.did += changed != (frame.payload,)
        return changed

    def attack(self, frame: Frame) -> Iterable[bytes]:
        return (frame.payload,)


class NoAttack(Attacker):
    """The control: the same relay, carrying everything as it is."""


@dataclass
class FlippedBit(Attacker):
    track: str = "hd.1"
    at: int = -1

    def attack(self, frame: Frame) -> Iterable[bytes]:
        if frame.track != self.track or self.did:
            return (frame.payload,)
        changed = bytearray(frame.payload)
        changed[self.at] ^= 1
        return (bytes(changed),)


@dataclass
class MovedTime(Attacker):
    by_us: int = 1

    def attack(self, frame: Frame) -> Iterable[bytes]:
        if frame.track != "floor.1" or self.did:
            return (frame.payload,)
        at_us, data = decode_frame(frame.payload)
        return (encode_frame(at_us + self.by_us, data),)


class DroppedSample(Attacker):
    def attack(self, frame: Frame) -> Iterable[bytes]:
        if frame.track == "hd.1" and frame.index == 5 and not self.did:
            return ()
        return (frame.payload,)


class DoubledSample(Attacker):
    def attack(self, frame: Frame) -> Iterable[bytes]:
        if frame.track != "hd.1" or frame.index != 5 or self.did:
            return (frame.payload,)
        at_us, data = decode_frame(frame.payload)
        return frame.payload, encode_frame(at_us + 1, data)


@dataclass
class SwappedSamples(Attacker):
    held: bytes | None = None

    def attack(self, frame: Frame) -> Iterable[bytes]:
        if frame.track != "hd.1" or self.did > 1:
            return (frame.payload,)
        if self.held is None and frame.index == 5:
            self.held = frame.payload
            return ()
        if self.held is None or frame.index != 6:
            return (frame.payload,)
        (first_us, first), (second_us, second) = decode_frame(self.held), decode_frame(frame.payload)
        return encode_frame(first_us, second), encode_frame(second_us, first)


@dataclass
class ReplayedGroups(Attacker):
    """What was shown before is shown again, as new."""

    kept: list[bytes] = field(default_factory=list)

    def frames(self, frame: Frame) -> Iterable[bytes]:
        if not self.armed and frame.seat == "north" and frame.track == "hd.1" and len(self.kept) < 20:
            self.kept.append(frame.payload)
        return super().frames(frame)

    def attack(self, frame: Frame) -> Iterable[bytes]:
        if frame.track != "hd.1" or frame.index >= len(self.kept):
            return (frame.payload,)
        at_us, _ = decode_frame(frame.payload)
        return (encode_frame(at_us, decode_frame(self.kept[frame.index])[1]),)


class AnotherTrack(Attacker):
    """The small picture under the large one's name."""

    def source(self, seat: str, track: str) -> tuple[str, str]:
        return (seat, "sd.1") if (seat, track) == ("north", "hd.1") else (seat, track)


class AnotherSide(Attacker):
    """South's voice under north's picture."""

    def source(self, seat: str, track: str) -> tuple[str, str]:
        return ("south", track) if (seat, track) == ("north", "floor.1") else (seat, track)


class SoundOfAnotherMoment(Attacker):
    def attack(self, frame: Frame) -> Iterable[bytes]:
        if frame.track != "floor.1":
            return (frame.payload,)
        at_us, data = decode_frame(frame.payload)
        return (encode_frame(at_us + 400_000, data),)


class EditedTails(Attacker):
    """The end of every group is edited, and then the group is reset, as if the network had done it."""

    def attack(self, frame: Frame) -> Iterable[bytes]:
        if frame.track != "hd.1" or frame.index < 7:
            return (frame.payload,)
        at_us, data = decode_frame(frame.payload)
        return (encode_frame(at_us, data[:-1] + b"\xff"),)

    def cuts(self, seat: str, track: str, group: int) -> bool:
        return self.armed and (seat, track) == ("north", "hd.1")


class WithheldGroups(Attacker):
    def group(self, seat: str, track: str, group: int) -> int | None:
        if self.armed and (seat, track) == ("north", "hd.1"):
            self.did += 1
            return None
        return group


class WithheldSeals(Attacker):
    def attack(self, frame: Frame) -> Iterable[bytes]:
        return () if frame.track == SEALS_TRACK else (frame.payload,)


class OneSealWithheld(Attacker):
    def attack(self, frame: Frame) -> Iterable[bytes]:
        return () if frame.track == SEALS_TRACK and frame.index == 4 and not self.did else (frame.payload,)


class DelayedSeals(Attacker):
    async def wait(self, frame: Frame) -> None:
        if self.armed and frame.track == SEALS_TRACK and frame.seat == "north":
            self.did += 1
            await asyncio.sleep(2.5)


class FlippedSeal(Attacker):
    def attack(self, frame: Frame) -> Iterable[bytes]:
        if frame.track != SEALS_TRACK or frame.index == 0 or self.did:
            return (frame.payload,)
        return (frame.payload[:60] + bytes([frame.payload[60] ^ 1]) + frame.payload[61:],)


@dataclass
class OlderSeals(Attacker):
    """Seals that were true before, in the place of the newer ones."""

    kept: list[bytes] = field(default_factory=list)

    def frames(self, frame: Frame) -> Iterable[bytes]:
        if not self.armed and frame.seat == "north" and frame.track == SEALS_TRACK and frame.index:
            self.kept.append(frame.payload)
        return super().frames(frame)

    def attack(self, frame: Frame) -> Iterable[bytes]:
        if frame.track != SEALS_TRACK or not frame.index:
            return (frame.payload,)
        return (self.kept[frame.index % len(self.kept)],)


@dataclass
class ForgedSeals(Attacker):
    """The relay seals what it sends itself, under a key of its own."""

    sealing: Sealing | None = None
    groups: dict[int, list[bytes]] = field(default_factory=dict)

    def frames(self, frame: Frame) -> Iterable[bytes]:
        if frame.seat != "north" or frame.track != SEALS_TRACK:
            return (frame.payload,)
        self.did += 1
        if self.sealing is None:
            self.sealing = Sealing(
                FOUNDING.digest, seat="north", run="0123456789abcdef", epoch_us=0, device=Signer()
            )
        if frame.index == 0:
            return (self.sealing.papers,)
        clock_us = parse_seal(open_envelope(frame.payload).payload).clock_us
        return (self.sealing.seal(clock_us)[1],)


class SealsOfAnotherSide(Attacker):
    def source(self, seat: str, track: str) -> tuple[str, str]:
        return ("south", track) if (seat, track) == ("north", SEALS_TRACK) else (seat, track)


class CroppedPicture(Attacker):
    """The catalogue says that the picture is smaller than what was sealed: somebody is cropped out."""

    def frames(self, frame: Frame) -> Iterable[bytes]:
        if frame.seat != "north" or frame.track != CATALOG_TRACK:
            return (frame.payload,)
        self.did += 1
        said = json.loads(frame.payload)
        said["video"]["renditions"]["hd.1"]["codedWidth"] = 320
        return (json.dumps(said).encode(),)


@dataclass(frozen=True)
class Case:
    attack: Callable[[], Attacker]
    states: frozenset[str]
    codes: frozenset[str]
    well_before: bool = True
    """The side is verified before the attack; otherwise the attack is there from the first frame on."""


def case(attack: Callable[[], Attacker], state: str, *codes: str, well_before: bool = True) -> Case:
    return Case(attack, frozenset(state.split()), frozenset(codes), well_before)


CASES: Final = {
    "nothing: the control": case(NoAttack, "verified"),
    "a bit of a picture": case(FlippedBit, "broken", "sample.altered"),
    "a bit of a sound": case(lambda: FlippedBit(track="floor.1"), "broken", "sample.altered"),
    "a bit of a time": case(lambda: FlippedBit(at=2), "broken", "sample.altered"),
    "a microsecond": case(MovedTime, "broken", "sample.altered"),
    "a sample dropped": case(DroppedSample, "broken", "sample.altered", "sample.hole"),
    "a sample doubled": case(DoubledSample, "broken", "sample.altered", "sample.foreign"),
    "two samples swapped": case(SwappedSamples, "broken", "sample.altered"),
    "pictures replayed as new": case(ReplayedGroups, "broken", "sample.altered"),
    "another track's pictures": case(AnotherTrack, "broken", "sample.altered", well_before=False),
    "another side's voice": case(AnotherSide, "broken", "sample.altered", well_before=False),
    "sound of another moment": case(SoundOfAnotherMoment, "broken", "sample.altered"),
    "edited tails, then a reset": case(EditedTails, "broken", "sample.altered"),
    "groups withheld": case(WithheldGroups, "gap", "sample.missing"),
    "seals withheld": case(WithheldSeals, "late", "seal.late"),
    "one seal withheld": case(OneSealWithheld, "gap", "seal.missing"),
    "seals delayed": case(DelayedSeals, "late", "seal.late"),
    "a bit of a seal": case(FlippedSeal, "broken", "seal.signature", "seal.form", "seal.chain"),
    "older seals": case(OlderSeals, "late", "seal.late"),
    "seals of its own": case(ForgedSeals, "broken", "seal.run", well_before=False),
    "seals of another side": case(SealsOfAnotherSide, "broken", "seal.run", well_before=False),
    "a picture cropped by its catalogue": case(CroppedPicture, "broken", "seal.config", well_before=False),
}


class Viewer:
    """Judges what it is given, as `vivavoce watch` does, and keeps every state that it saw."""

    def __init__(self, relay: TamperingRelay, at: House) -> None:
        self._at = at
        self.judge = Judge(FOUNDING)
        self.saw: dict[str, list[tuple[str, str | None]]] = {seat: [] for seat in SIDES}
        self.samples = 0
        self._watcher = Watcher(
            url=relay.url,
            fingerprint=relay.fingerprint,
            discussion=DISCUSSION,
            clock=CLOCK,
            host_clock=lambda: ClockEstimate(0, 1),
        )

    async def run(self) -> None:
        async with self._watcher, asyncio.TaskGroup() as group:
            group.create_task(self._tick())
            async for event in self._watcher:
                self._take(event)

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(0.1)
            if self.judge.unnamed:
                for run, device in self._at.relay.devices(DISCUSSION).values():
                    self.judge.name(run, bytes.fromhex(device))
            self.judge.tick(CLOCK.now_us())
            self._note()

    def _take(self, event: Event) -> None:
        self.samples += isinstance(event, SampleSeen)
        self.judge.take(event)
        self._note()

    def _note(self) -> None:
        for seat in SIDES:
            judgement = self.judge.of(seat)
            state = (judgement.state, judgement.code)
            if not self.saw[seat] or self.saw[seat][-1] != state:
                self.saw[seat].append(state)


class Speaking:
    """A side that talks and seals: 25 packets of sound, 12.5 large and 12.5 small pictures a second."""

    def __init__(self, publisher: Publisher) -> None:
        self._publisher = publisher
        self._start_us = CLOCK.now_us()

    async def run(self) -> None:
        self._publisher.set_tracks([PICTURE, SMALL, SOUND])
        self._publisher.write_clock(0, ClockEstimate(0, 1))
        tick = 0
        while True:
            at_us = CLOCK.now_us() - self._start_us
            self._publisher.write(SOUND.name, at_us, True, f"sound {tick}".encode() + bytes(60))
            if tick % 2 == 0:
                for name in (PICTURE.name, SMALL.name):
                    self._publisher.write(name, at_us, tick % 20 == 0, f"{name} {tick}".encode() + bytes(300))
            tick += 1
            await asyncio.sleep(0.04)


def _side(at: House, seat: str) -> Publisher:
    given = at.authority.tokens[f"token-{seat}"]
    epoch_us = CLOCK.now_us()
    return Publisher(
        url=at.url,
        fingerprint=at.relay.fingerprint,
        token=f"token-{seat}",
        path=given.path,
        run=given.run,
        epoch_us=epoch_us,
        clock=CLOCK,
        sealing=Sealing(FOUNDING.digest, seat=seat, run=given.run, epoch_us=epoch_us, device=Signer()),
    )


@asynccontextmanager
async def speaking(folder: Path) -> AsyncIterator[House]:
    """A host with both sides on air."""
    async with house(folder) as at, AsyncExitStack() as stack:
        at.authority.tokens["token-south"] = grant("south", run="fedcba9876543210")
        tasks = []
        for seat in SIDES:
            publisher = await stack.enter_async_context(_side(at, seat))
            tasks.append(asyncio.create_task(Speaking(publisher).run()))
        try:
            yield at
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


@dataclass
class Outcome:
    """What a viewer saw of an attack. before: until it was armed. found: the state that was waited for, and
    its code; after_ms: how long after the arming."""

    attack: Attacker
    viewer: Viewer
    before: list[tuple[str, str | None]] = field(default_factory=list)
    found: tuple[str, str | None] | None = None
    after_ms: int = 0


async def _attacked(at: House, one: Case, folder: Path) -> Outcome:
    attack = one.attack()
    paths = [f"{DISCUSSION}/{seat}" for seat in SIDES]
    host = (at.url, at.relay.fingerprint)
    async with TamperingRelay(host, certificate(folder), paths, attack) as relay:
        viewer = Viewer(relay, at)
        outcome = Outcome(attack, viewer)
        watching = asyncio.create_task(viewer.run())
        try:
            if one.well_before:
                await asyncio.sleep(BEFORE_S)
                await settle(lambda: viewer.saw["north"][-1:] == [("verified", None)])
                outcome.before = viewer.saw["north"][:]
            attack.armed = True
            await _find(one, outcome)
            await settle(lambda: ("verified", None) in viewer.saw["south"] and viewer.samples > LEAST_SAMPLES)
            return outcome
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)


async def _find(one: Case, outcome: Outcome) -> None:
    """Wait for the mark of an attack that was armed just now; what was there before it is none."""
    saw, start_us = outcome.viewer.saw["north"], CLOCK.now_us()
    since = len(outcome.before)
    while CLOCK.now_us() - start_us < 1_000_000 * AFTER_S and outcome.found is None:
        await asyncio.sleep(0.02)
        if one.well_before and not outcome.attack.did:
            since = len(saw)
        found = [each for each in saw[since:] if each[0] in one.states and each[1] in one.codes]
        if found:
            outcome.found = found[0]
            outcome.after_ms = (CLOCK.now_us() - start_us) // 1000


async def _all(folder: Path) -> dict[str, Outcome]:
    outcomes: dict[str, Outcome] = {}
    names = list(CASES)
    for number, batch in enumerate(names[at : at + AT_ONCE] for at in range(0, len(names), AT_ONCE)):
        async with speaking(folder / f"host-{number}") as at:
            places = [folder / f"relay-{name}" for name in batch]
            cases = [CASES[name] for name in batch]
            some = await asyncio.gather(*(_attacked(at, *each) for each in zip(cases, places, strict=True)))
        outcomes |= dict(zip(batch, some, strict=True))
    return outcomes


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Outcome]:
    found = asyncio.run(_all(tmp_path_factory.mktemp("attacks")))
    _keep(found)
    return found


def _keep(found: dict[str, Outcome]) -> None:
    """As an artefact: by which rule each was caught, and how soon on this machine."""
    folder = ROOT / "artefacts" / "attacks"
    folder.mkdir(parents=True, exist_ok=True)
    lines = [
        f"{name:36} {' '.join(filter(None, one.found))} after {one.after_ms} ms"
        if one.found
        else f"{name:36} -"
        for name, one in found.items()
    ]
    (folder / "live.txt").write_text("\n".join(lines) + "\n")


@pytest.mark.parametrize("name", CASES)
def test_a_viewer_is_told_of(name: str, outcomes: dict[str, Outcome]) -> None:
    one, outcome = CASES[name], outcomes[name]
    viewer = outcome.viewer
    assert viewer.samples > LEAST_SAMPLES
    assert ("verified", None) in viewer.saw["south"], "the other side is well"
    assert {state for state, _ in viewer.saw["south"]} <= HONEST
    if one.well_before:
        assert outcome.before[-1:] == [("verified", None)], outcome.before
        assert outcome.attack.did or not one.codes, "the attack took place"
    if not one.codes:
        assert ("verified", None) in viewer.saw["north"]
        assert {state for state, _ in viewer.saw["north"]} <= HONEST
        return
    assert outcome.found is not None, viewer.saw["north"]
    assert outcome.found[1] in one.codes, outcome.found
