"""Writes vectors/audit/: what was kept of a run, and what is found of it (docs/formats/audit.md).

The keys are made of words, so that the same files come out again; a test writes them again and compares.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from vivavoce.seal.audit import audit_track
from vivavoce.seal.config import PictureConfig, SealedConfig, SoundConfig
from vivavoce.seal.digest import leaf
from vivavoce.seal.kept import KeptSeals
from vivavoce.seal.leaves import Leaves
from vivavoce.seal.leavesframe import LeavesFrame
from vivavoce.seal.papers import Papers
from vivavoce.seal.sealer import Sealer
from vivavoce.seal.signer import Signer
from vivavoce.seal.statement import DeviceStatement, Founding, FoundingSide, RunStatement, parse_founding

RUN_ID = bytes.fromhex("9f86d081884c7d65")
HD = PictureConfig("hd.1", "avc1.42e01f", bytes.fromhex("0142e01fffe1"), 640, 360, 0, 30_000)
FLOOR = SoundConfig("floor.1", "opus", 48_000, 1, "en", "floor", "")
FRAME_US, GROUP, SEAL_US, LENGTH_US = 40_000, 6, 120_000, 600_000

Vector = dict[str, Any]
Place = tuple[int, int, int, int, str]
"""Group, index, timestamp, key, bytes in hex."""


def signer(word: str) -> Signer:
    secret = hashlib.sha256(f"vivavoce audit {word}".encode()).digest()
    return Signer(Ed25519PrivateKey.from_private_bytes(secret))


IDENTITY, DEVICE, RUN, OTHER = (signer(word) for word in ("identity", "device", "run", "other"))
FOUNDING = Founding(
    "k7m2xq4vw9",
    "On the bridge",
    1_795_200_000_000_000,
    (FoundingSide("north", "Northland", "en"), FoundingSide("south", "Южный край", "ru", IDENTITY.public)),
)


@dataclass
class Show:
    """Six tenths of a second of one side: two picture groups, thirty packets, five seals and the end."""

    seat: str = "north"
    papers: list[bytes] = field(default_factory=list)
    seals: list[bytes] = field(default_factory=list)
    tracks: dict[str, list[Place]] = field(default_factory=lambda: {"hd.1": [], "floor.1": []})
    configs: dict[str, SealedConfig] = field(default_factory=lambda: {"hd.1": HD, "floor.1": FLOOR})
    rests: dict[str, list[int]] = field(default_factory=dict)


def show(
    seat: str = "north",
    *,
    vouched: bool = True,
    run: Signer = RUN,
    end: bool = True,
    other_from: int | None = None,
) -> Show:
    """other_from: from this packet on the sound is another: a second chain of the same run."""
    made = Show(seat)
    said = RunStatement(RUN_ID, run.public, seat, 1_795_293_844_127_987).to_bytes()
    statement = DEVICE.envelope("run", FOUNDING.digest, said)
    vouchers = []
    if vouched and seat == "south":
        voucher = DeviceStatement(DEVICE.public, seat, "laptop", 0, 1 << 52).to_bytes()
        vouchers.append(IDENTITY.envelope("device", FOUNDING.digest, voucher))
    made.papers.append(Papers(DEVICE.public, statement, tuple(vouchers)).to_bytes())
    sealer = Sealer(FOUNDING.digest, RUN_ID, run.public, statement)
    numbers = {name: sealer.add(config) for name, config in made.configs.items()}
    for at_us in range(0, LENGTH_US, 20_000):
        if at_us and at_us % SEAL_US == 0:
            made.seals.append(sealer.signed(run.sign(sealer.draft(at_us))))
        number = at_us // 20_000
        places: list[tuple[str, int, int]] = [("floor.1", number, 0)]
        if at_us % FRAME_US == 0:
            places.append(("hd.1", *divmod(at_us // FRAME_US, GROUP)))
        for name, group, index in places:
            other = name == "floor.1" and other_from is not None and number >= other_from
            key, data = index == 0, f"{'other' if other else name} {number}".encode()
            sealer.sample(numbers[name], group, index, at_us, key, data)
            made.tracks[name].append((group, index, at_us, int(key), data.hex()))
    while end and not sealer.ended:
        made.seals.append(sealer.signed(run.sign(sealer.draft(LENGTH_US, end=True))))
    return made


def judged(given: Vector) -> Vector:
    """What is found; the other language's test does the same."""
    founding = parse_founding(bytes.fromhex(given["founding"]))
    run = bytes.fromhex(given["run"])
    seals = KeptSeals(founding, given["seat"], run)
    for raw in given["papers"]:
        seals.papers(bytes.fromhex(raw))
    for raw in given["seals"]:
        seals.seal(bytes.fromhex(raw))
    seals.judge()
    tracks = {}
    for track in given["tracks"]:
        leaves = Leaves()
        for group, index, at_us, key, data in track["samples"]:
            leaves.add(group, index, at_us, leaf(group, index, at_us, bool(key), bytes.fromhex(data)))
        leaves.sort()
        told = track["name"], bytes.fromhex(track["config"]), track["rests"], leaves
        found = audit_track(founding.digest, run, seals, *told)
        tracks[track["name"]] = [[o.found, o.group, o.count, o.from_us, o.until_us] for o in found]
    marks = [[one.code, one.seq, one.count, one.from_us, one.until_us] for one in seals.marks]
    return {"by": seals.by, "ended": seals.ended, "newest": seals.newest, "marks": marks, "tracks": tracks}


def given_of(made: Show) -> Vector:
    tracks = [
        {
            "name": name,
            "config": made.configs[name].to_bytes().hex() if name in made.configs else "",
            "rests": made.rests.get(name, []),
            "samples": samples,
        }
        for name, samples in made.tracks.items()
    ]
    return {
        "founding": FOUNDING.to_bytes().hex(),
        "seat": made.seat,
        "run": RUN_ID.hex(),
        "papers": [raw.hex() for raw in made.papers],
        "seals": [raw.hex() for raw in made.seals],
        "tracks": tracks,
    }


Change = Callable[[Show], object]


def keep(track: str, numbers: Sequence[int]) -> Change:
    def change(made: Show) -> None:
        made.tracks[track] = [made.tracks[track][at] for at in numbers]

    return change


def alter(track: str, number: int) -> Change:
    def change(made: Show) -> None:
        made.tracks[track][number] = (*made.tracks[track][number][:4], "ff")

    return change


def add(track: str, *places: Place) -> Change:
    return lambda made: made.tracks[track].extend(places)


def turn(number: int, at: int) -> Change:
    def change(made: Show) -> None:
        raw = bytearray(made.seals[number])
        raw[at] ^= 1
        made.seals[number] = bytes(raw)

    return change


def another_chain(made: Show) -> None:
    made.seals[2] = show(run=OTHER).seals[2]


def forked(made: Show) -> None:
    """Every seal of a second chain of the same run beside the first."""
    made.seals += show(other_from=14).seals


def switched(made: Show) -> None:
    """The second chain goes on where the first is left, and shows its own samples."""
    other = show(other_from=0)
    made.seals[3:] = other.seals[3:]
    made.tracks["floor.1"][18:] = other.tracks["floor.1"][18:]


def twice(made: Show) -> None:
    for samples in made.tracks.values():
        samples += samples[3:9]
        samples.reverse()
    made.seals += made.seals[:2]
    made.seals.reverse()


def reconfigured(made: Show) -> None:
    made.configs["hd.1"] = PictureConfig("hd.1", "avc1.42e01f", HD.description, 320, 360, 0, 30_000)


def unnamed(made: Show) -> None:
    made.tracks["floor.2"] = made.tracks["floor.1"][:3]


def with_leaves(change: Change, *, lie: bool = False) -> Change:
    """Leaves of the packets 6 to 11, which were sealed together, as they were before the change."""

    def hand(made: Show) -> None:
        rows = made.tracks["floor.1"][6:12]
        leaves = [leaf(one[0], one[1], one[2], bool(one[3]), bytes.fromhex(one[4])) for one in rows]
        if lie:
            leaves[2] = leaves[3]
        made.seals.insert(2, LeavesFrame(1, 6, leaves).to_bytes())
        change(made)

    return hand


PACKET_10 = [*range(10), *range(11, 30)]
CASES: list[tuple[str, str, str, Callable[[], Show], Change]] = [
    ("whole", "all that is whole is proven", "A4", show, lambda made: None),
    ("vouched", "a side with a key stands by its own word", "A1", lambda: show("south"), lambda made: None),
    (
        "not_vouched",
        "a side with a key and no voucher stands by nobody's",
        "A1",
        lambda: show("south", vouched=False),
        lambda made: None,
    ),
    ("no_papers", "seals without papers are nobody's", "A1", show, lambda made: made.papers.clear()),
    ("no_seals", "papers without seals prove nothing", "A4", show, lambda made: made.seals.clear()),
    ("order", "order and doubles say nothing", "A2", show, twice),
    ("last_signature", "the last signature does not hold", "A2", show, turn(-1, -1)),
    ("inner_signature", "a signature within does not hold", "A2", show, turn(2, -1)),
    ("inner_payload", "a digest within was changed", "A2", show, turn(2, -70)),
    ("other_chain", "a seal of another chain", "A2", show, another_chain),
    ("fork", "two seals of one number, and what follows them", "A3", show, forked),
    ("fork_switched", "a second chain goes on where the first is left", "A3", show, switched),
    (
        "fork_alone",
        "a second chain alone is as good as the first",
        "A3",
        lambda: show(other_from=14),
        lambda made: None,
    ),
    ("no_form", "bytes that are no seal", "A2", show, lambda made: made.seals.insert(1, b"no seal")),
    ("seal_missing", "a seal is not there", "A3", show, lambda made: made.seals.pop(2)),
    ("first_missing", "the first seal is not there", "A3", show, lambda made: made.seals.pop(0)),
    ("no_end", "without an end more may have followed", "A8", lambda: show(end=False), lambda made: None),
    ("altered_picture", "a picture was changed", "A4", show, alter("hd.1", 8)),
    ("altered_packet", "a packet was changed", "A4", show, alter("floor.1", 14)),
    ("hole", "a picture is not there", "A5", show, keep("hd.1", [0, 1, 2, 4, 5, *range(6, 15)])),
    ("tail", "the end of a group is not there", "A5", show, keep("hd.1", [0, 1, 2, 3, *range(6, 15)])),
    ("group", "a group is not there", "A5", show, keep("hd.1", [*range(6), *range(12, 15)])),
    ("packet", "a packet is not there", "A5", show, keep("floor.1", PACKET_10)),
    (
        "leaves",
        "a packet is not there, and leaves prove those beside it",
        "A5",
        show,
        with_leaves(keep("floor.1", PACKET_10)),
    ),
    (
        "leaves_altered",
        "a packet was changed, and leaves prove those beside it",
        "A5",
        show,
        with_leaves(alter("floor.1", 10)),
    ),
    (
        "leaves_that_lie",
        "leaves that lead nowhere are as if they were not there",
        "A5",
        show,
        with_leaves(keep("floor.1", PACKET_10), lie=True),
    ),
    (
        "leaves_of_no_form",
        "leaves that are none are as if they were not there",
        "A5",
        show,
        lambda made: made.seals.append(b"\x83no leaves"),
    ),
    ("nothing", "nothing of a track is there", "A5", show, keep("hd.1", [])),
    ("behind", "a group behind the end", "A6", show, add("hd.1", (9, 0, 900_000, 1, "aa"))),
    ("in_group", "a picture behind its group", "A6", show, add("hd.1", (0, 6, 230_000, 0, "aa"))),
    ("second", "a second packet in a group", "A6", show, add("floor.1", (4, 1, 85_000, 1, "aa"))),
    ("two", "two of one place", "A4", show, add("hd.1", (1, 2, 320_000, 0, "aa"))),
    ("unnamed", "a track that no seal names", "A6", show, unnamed),
    (
        "rest",
        "a group that is said to be empty",
        "A6",
        show,
        lambda made: made.rests.update({"hd.1": [1, 7]}),
    ),
    ("config", "another configuration than was sealed", "A7", show, reconfigured),
]


def vectors() -> Iterator[tuple[str, Vector]]:
    for name, about, source, make, change in CASES:
        made = make()
        change(made)
        given = given_of(made)
        yield (
            name,
            {
                "about": about,
                "source": f"audit.md {source}",
                "input": given,
                "expect": "ok",
                "output": judged(given),
            },
        )


def write(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, one in vectors():
        text = json.dumps(one, ensure_ascii=False)
        (folder / f"{name}.json").write_text(text + "\n", encoding="utf-8")
