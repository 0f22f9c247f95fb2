"""All that was kept of a track against all that was sealed of it: audit.md A1 to A8, without files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vivavoce.line.sealedconfig import sealed_config
from vivavoce.line.sealing import Sealing
from vivavoce.line.trackconfig import TrackConfig
from vivavoce.seal.audit import audit_track
from vivavoce.seal.digest import leaf
from vivavoce.seal.kept import KeptSeals
from vivavoce.seal.leaves import Leaves
from vivavoce.seal.leavesframe import LeavesFrame
from vivavoce.seal.signer import Signer
from vivavoce.seal.statement import DeviceStatement, Founding, FoundingSide

IDENTITY, DEVICE = Signer(), Signer()
FOUNDING = Founding(
    "k7m2xq4vw9",
    "A talk",
    5,
    (FoundingSide("north", "North", "en"), FoundingSide("south", "S", "ru", IDENTITY.public)),
)
HD = TrackConfig("hd.1", "video", "avc1.42e01f", b"", 640, 360, framerate=30)
FLOOR = TrackConfig("floor.1", "audio", "opus", sample_rate=48_000, channels=1, language="en", role="floor")
RUN = bytes(range(8))

Place = tuple[int, int, int, bool, bytes]
"""Group, index, timestamp, key, bytes."""


@dataclass
class Show:
    """Two seconds of one side, sealed."""

    papers: bytes = b""
    seals: list[bytes] = field(default_factory=list)
    tracks: dict[str, list[Place]] = field(default_factory=dict)

    def kept(self, seals: list[bytes] | None = None, *, seat: str = "north") -> KeptSeals:
        kept = KeptSeals(FOUNDING, seat, RUN)
        kept.papers(self.papers)
        for one in self.seals if seals is None else seals:
            kept.seal(one)
        kept.judge()
        return kept

    def found(
        self,
        track: str,
        places: list[Place] | None = None,
        kept: KeptSeals | None = None,
        rests: tuple[int, ...] = (),
    ) -> list[tuple[str, int]]:
        leaves = Leaves()
        for group, index, at_us, key, data in self.tracks[track] if places is None else places:
            leaves.add(group, index, at_us, leaf(group, index, at_us, key, data))
        leaves.sort()
        config = sealed_config(HD if track == "hd.1" else FLOOR).to_bytes()
        place = FOUNDING.digest, RUN, kept or self.kept()
        return [(one.found, one.count) for one in audit_track(*place, track, config, rests, leaves)]


def show(seat: str = "north", *, vouched: bool = True, end: bool = True) -> Show:
    vouchers = []
    if vouched:
        said = DeviceStatement(DEVICE.public, seat, "laptop", 0, 10**12)
        vouchers.append(IDENTITY.envelope("device", FOUNDING.digest, said.to_bytes()))
    sealing = Sealing(FOUNDING.digest, seat=seat, run=RUN.hex(), epoch_us=0, device=DEVICE, vouchers=vouchers)
    made = Show(sealing.papers, tracks={"hd.1": [], "floor.1": []})
    for config in (HD, FLOOR):
        sealing.track(config)
    for at_us in range(0, 2_000_000, 20_000):
        if sealing.due(at_us):
            made.seals.append(sealing.seal(at_us)[1])
        number = at_us // 20_000
        places: list[tuple[str, Place]] = [("floor.1", (number, 0, at_us, True, b"packet %d" % number))]
        if number % 2 == 0:
            group, index = divmod(number // 2, 20)
            places.append(("hd.1", (group, index, at_us, index == 0, b"picture %d" % number)))
        for track, place in places:
            made.tracks[track].append(place)
            sealing.sample(track, *place)
    if end:
        made.seals += [raw for _, raw in sealing.end(2_000_000)]
    return made


SHOW = show()


def test_all_that_is_whole_is_proven_in_one_stretch() -> None:
    kept = SHOW.kept()
    assert kept.marks == []
    assert kept.ended
    assert kept.by == "host"
    assert SHOW.found("hd.1") == [("proven", 50)]
    assert SHOW.found("floor.1") == [("proven", 100)]


@settings(deadline=None, max_examples=40)
@given(order=st.permutations(range(len(SHOW.seals))), twice=st.sets(st.sampled_from(SHOW.seals)))
def test_the_order_in_which_seals_were_kept_says_nothing(order: list[int], twice: set[bytes]) -> None:
    kept = SHOW.kept([*twice, *(SHOW.seals[at] for at in order)])
    assert kept.marks == []
    assert SHOW.found("hd.1", kept=kept) == [("proven", 50)]


def test_a_whole_chain_is_judged_by_one_signature(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bytes] = []
    whole = KeptSeals._holds

    def holds(self: KeptSeals, one: Any) -> bool:
        asked.append(one.digest)
        return whole(self, one)

    monkeypatch.setattr(KeptSeals, "_holds", holds)
    assert SHOW.kept().marks == []
    assert len(asked) == 1


def turned(raw: bytes, at: int) -> bytes:
    data = bytearray(raw)
    data[at] ^= 1
    return bytes(data)


def marks(seals: list[bytes]) -> list[tuple[str, int]]:
    return [(one.code, one.seq) for one in SHOW.kept(seals).marks]


def instead(at: int, *raws: bytes) -> list[bytes]:
    return [*SHOW.seals[:at], *raws, *SHOW.seals[at + 1 :]]


OTHER = show()
"""The same side said something else under the same number: another run key, another chain."""


@pytest.mark.parametrize(
    ("what", "seals", "expected"),
    [
        ("one is not there", instead(4), [("seal.missing", 4)]),
        ("the first is not there", instead(0), [("seal.missing", 0)]),
        ("a signature was changed", instead(4, turned(SHOW.seals[4], -1)), [("seal.signature", 4)]),
        ("the last signature was changed", instead(11, turned(SHOW.seals[11], -1)), [("seal.signature", 11)]),
        ("a key's id was changed", instead(4, turned(SHOW.seals[4], 8)), [("seal.signature", 4)]),
        ("one is no seal", instead(4, b"no seal"), [("seal.form", -1), ("seal.missing", 4)]),
        ("one of another chain", instead(4, OTHER.seals[4]), [("seal.signature", 4)]),
        ("another beside it", [*SHOW.seals, OTHER.seals[4]], [("seal.signature", 4)]),
    ],
)
def test_a_break_in_the_chain_is_named(
    what: str, seals: list[bytes], expected: list[tuple[str, int]]
) -> None:
    assert marks(seals) == expected
    kept = SHOW.kept(seals)
    codes = {code for code, _ in SHOW.found("floor.1", kept=kept)}
    assert codes <= {"proven", "sample.unproven"}, "what a missing seal may have covered is nobody's lie"
    assert "proven" in codes


@pytest.mark.parametrize(
    ("what", "made", "seat", "by"),
    [
        ("a side without a key stands by the host's word", show(), "north", "host"),
        ("a side with one by its own", show("south"), "south", "identity"),
        ("a side with one and without a voucher by nobody's", show("south", vouched=False), "south", None),
        ("another side's papers are nobody's", show(), "south", None),
    ],
)
def test_by_whose_word_a_run_stands(what: str, made: Show, seat: str, by: str | None) -> None:
    kept = made.kept(seat=seat)
    assert kept.by == by, what
    assert [one.code for one in kept.marks] == ([] if by else ["seal.run"])


def without(*numbers: int) -> Callable[[list[Place]], list[Place]]:
    return lambda all: [one for at, one in enumerate(all) if at not in numbers]


def changed(*numbers: int) -> Callable[[list[Place]], list[Place]]:
    return lambda all: [(*one[:4], b"x") if at in numbers else one for at, one in enumerate(all)]


@pytest.mark.parametrize(
    ("what", "track", "change", "expected"),
    [
        ("a group", "hd.1", without(*range(20, 40)), ["proven", "sample.missing", "proven"]),
        (
            "the end of a group",
            "hd.1",
            without(38, 39),
            ["proven", "sample.unproven", "sample.missing", "proven"],
        ),
        (
            "a picture",
            "hd.1",
            without(30),
            ["proven", "sample.unproven", "sample.hole", "sample.unproven", "proven"],
        ),
        ("a key picture", "hd.1", without(20), ["proven", "sample.hole", "sample.unproven", "proven"]),
        (
            "a packet",
            "floor.1",
            without(50),
            ["proven", "sample.unproven", "sample.missing", "sample.unproven", "proven"],
        ),
        ("all", "floor.1", without(*range(100)), ["sample.missing"]),
    ],
)
def test_what_is_not_there(
    what: str, track: str, change: Callable[[list[Place]], list[Place]], expected: list[str]
) -> None:
    assert [found for found, _ in SHOW.found(track, change(SHOW.tracks[track]))] == expected


@pytest.mark.parametrize("track", ["hd.1", "floor.1"])
@pytest.mark.parametrize("number", [0, 19, 20, 31, 49])
def test_what_was_changed_is_altered_and_all_before_it_is_proven(track: str, number: int) -> None:
    found = SHOW.found(track, changed(number)(SHOW.tracks[track]))
    assert "sample.altered" in dict(found)
    proven = 0
    for code, count in found:
        if code != "proven":
            break
        proven += count
    assert number - 10 < proven <= number, "within one seal's step"


@pytest.mark.parametrize(
    ("what", "track", "place"),
    [
        ("a picture behind its group", "hd.1", (0, 20, 790_000, False, b"x")),
        ("a group behind the end", "hd.1", (7, 0, 2_500_000, True, b"x")),
        ("a packet behind the end", "floor.1", (100, 0, 2_000_000, True, b"x")),
        ("a second packet in a group", "floor.1", (10, 1, 200_000, True, b"x")),
    ],
)
def test_what_nobody_sealed_is_foreign_if_all_seals_are_there(what: str, track: str, place: Place) -> None:
    places = [*SHOW.tracks[track], place]
    assert ("sample.foreign", 1) in SHOW.found(track, places), what
    assert all(code in ("proven", "sample.foreign") for code, _ in SHOW.found(track, places))


def test_without_the_end_what_follows_is_not_foreign() -> None:
    kept = SHOW.kept(SHOW.seals[:-1])
    assert not kept.ended
    found = dict(SHOW.found("floor.1", kept=kept))
    assert set(found) == {"proven", "sample.unproven"}


def test_a_track_that_no_seal_names_is_foreign_once_the_chain_is_whole() -> None:
    places = SHOW.tracks["floor.1"]
    SHOW.tracks["floor.2"] = places
    assert SHOW.found("floor.2") == [("sample.foreign", 100)]
    assert SHOW.found("floor.2", kept=SHOW.kept(SHOW.seals[:-1])) == [("sample.unproven", 100)]


def test_a_group_that_is_said_to_be_empty_has_to_be_sealed_so() -> None:
    assert ("sample.foreign", 0) in SHOW.found("hd.1", rests=(1,))
    assert ("sample.foreign", 0) in SHOW.found("hd.1", rests=(9,))


@settings(deadline=None, max_examples=60)
@given(
    lost=st.sets(st.integers(0, 99)),
    seals=st.sets(st.integers(0, len(SHOW.seals) - 1)),
    order=st.randoms(use_true_random=False),
)
def test_whatever_is_lost_of_sound_and_seals_nothing_is_called_a_lie(
    lost: set[int], seals: set[int], order: object
) -> None:
    kept = SHOW.kept([one for at, one in enumerate(SHOW.seals) if at not in seals])
    places = without(*lost)(SHOW.tracks["floor.1"])
    order.shuffle(places)  # type: ignore[attr-defined]
    codes = {code for code, _ in SHOW.found("floor.1", places, kept)}
    assert codes <= {"proven", "sample.missing", "sample.unproven"}
    assert {one.code for one in kept.marks} <= {"seal.missing"}


def test_a_count_over_all_stretches_is_that_of_the_samples() -> None:
    for number in range(0, 50, 7):
        found = SHOW.found("hd.1", changed(number)(SHOW.tracks["hd.1"]))
        assert sum(count for code, count in found if code not in ("sample.missing", "sample.hole")) == 50


def leaves_of(track: str, group: int, count: int) -> LeavesFrame:
    """Those of a span, from its first sample on."""
    number = 0 if track == "hd.1" else 1
    there = SHOW.tracks[track]
    first = next(at for at, one in enumerate(there) if one[:2] == (group, 0))
    samples = there[first : first + count]
    return LeavesFrame(number, group, [leaf(*one) for one in samples])


def rows_of_sound() -> list[tuple[int, int]]:
    """The first group of each row, and how many packets it has."""
    return [(span.group, span.count) for span in SHOW.kept().tracks["floor.1"].spans]


ROW: Final = next(row for row in rows_of_sound() if row[0] <= 50 < sum(row))


def turn(frame: LeavesFrame, at: int) -> LeavesFrame:
    return replace(
        frame, leaves=[turned(one, 0) if each == at else one for each, one in enumerate(frame.leaves)]
    )


@pytest.mark.parametrize(
    ("what", "track", "change", "leaves", "expected"),
    [
        (
            "a packet",
            "floor.1",
            without(50),
            leaves_of("floor.1", *ROW),
            [("proven", 50), ("sample.missing", 1), ("proven", 49)],
        ),
        (
            "two packets of a row",
            "floor.1",
            without(ROW[0] + 1, ROW[0] + 3),
            leaves_of("floor.1", *ROW),
            [
                ("proven", ROW[0] + 1),
                ("sample.missing", 1),
                ("proven", 1),
                ("sample.missing", 1),
                ("proven", 96 - ROW[0]),
            ],
        ),
        (
            "a packet, and another is altered",
            "floor.1",
            lambda all: without(50)(changed(51)(all)),
            leaves_of("floor.1", *ROW),
            [("proven", 50), ("sample.missing", 1), ("sample.altered", 1), ("proven", 48)],
        ),
        (
            "the end of a group",
            "hd.1",
            without(38, 39),
            leaves_of("hd.1", 1, 20),
            [("proven", 38), ("sample.missing", 2), ("proven", 10)],
        ),
        (
            "a picture inside its group",
            "hd.1",
            without(30),
            leaves_of("hd.1", 1, 20),
            [("proven", 30), ("sample.hole", 1), ("proven", 19)],
        ),
    ],
)
def test_leaves_prove_what_is_there_of_a_span_that_lost(
    what: str,
    track: str,
    change: Callable[[list[Place]], list[Place]],
    leaves: LeavesFrame,
    expected: list[tuple[str, int]],
) -> None:
    kept = SHOW.kept([*SHOW.seals, leaves.to_bytes()])
    assert kept.marks == []
    assert SHOW.found(track, change(SHOW.tracks[track]), kept) == expected, what


FALSE: Final[dict[str, Callable[[LeavesFrame], bytes]]] = {
    "another leaf": lambda one: turn(one, 2).to_bytes(),
    "one too few": lambda one: replace(one, leaves=one.leaves[:-1]).to_bytes(),
    "in another order": lambda one: replace(one, leaves=one.leaves[::-1]).to_bytes(),
    "of another track": lambda one: replace(one, track=0).to_bytes(),
    "of a track that is not": lambda one: replace(one, track=9).to_bytes(),
    "of another group": lambda one: replace(one, group=one.group + 1).to_bytes(),
    "without their end": lambda one: one.to_bytes()[:-1],
    "nothing behind the head": lambda one: one.to_bytes()[:1],
}


@pytest.mark.parametrize("lie", FALSE)
def test_false_leaves_prove_nothing_and_break_nothing(lie: str) -> None:
    false = FALSE[lie](leaves_of("floor.1", *ROW))
    kept = SHOW.kept([*SHOW.seals, false])
    assert kept.marks == []
    assert SHOW.found("floor.1", kept=kept) == [("proven", 100)], "what is whole"
    lost = without(50)(SHOW.tracks["floor.1"])
    assert SHOW.found("floor.1", lost, kept) == SHOW.found("floor.1", lost), "as if they were not there"
    both = SHOW.kept([false, *SHOW.seals, leaves_of("floor.1", *ROW).to_bytes(), false])
    assert dict(SHOW.found("floor.1", lost, both)) == {"proven": 49, "sample.missing": 1}, (
        "true ones beside them"
    )


@settings(deadline=None, max_examples=80)
@given(lost=st.sets(st.integers(0, 99)), bit=st.none() | st.tuples(st.integers(0, 11), st.integers(0, 4_000)))
def test_whatever_is_lost_of_sound_the_rest_holds_by_its_leaves_unless_they_lie(
    lost: set[int], bit: tuple[int, int] | None
) -> None:
    rows = rows_of_sound()
    frames = [leaves_of("floor.1", *row).to_bytes() for row in rows]
    spoilt = rows[bit[0] % len(rows)] if bit else None
    if bit:
        at = bit[0] % len(rows)
        data = bytearray(frames[at])
        where = 8 + bit[1] % (8 * (len(data) - 1))
        data[where // 8] ^= 1 << where % 8
        frames[at] = bytes(data)
    kept = SHOW.kept([*SHOW.seals, *frames])
    found = SHOW.found("floor.1", without(*lost)(SHOW.tracks["floor.1"]), kept)
    count = dict.fromkeys(("proven", "sample.missing", "sample.unproven"), 0)
    for code, many in found:
        count[code] += many
    assert count["proven"] + count["sample.unproven"] == 100 - len(lost)
    assert count["sample.missing"] == len(lost)
    assert count["sample.unproven"] <= (spoilt[1] if spoilt else 0)
    assert kept.marks == []
