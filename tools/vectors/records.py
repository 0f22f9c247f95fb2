"""Writes vectors/record/: small records and an MP4, and what `vivavoce verify --json` says of each."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tools.vectors.audits import DEVICE, FOUNDING, IDENTITY, RUN, RUN_ID, Show, show, signer
from vivavoce.line.sample import Sample
from vivavoce.line.trackconfig import TrackConfig
from vivavoce.record.configs import config_of
from vivavoce.record.export import export_mp4
from vivavoce.record.fragments import Header, write_fragment, write_header
from vivavoce.record.journal import encode
from vivavoce.record.seals import SEALS_START, Kept, write_entry
from vivavoce.record.verify import verify
from vivavoce.record.verify_mp4 import verify_mp4
from vivavoce.seal.papers import Papers
from vivavoce.seal.signer import Signer
from vivavoce.seal.statement import DeviceStatement, Revocation, RunStatement

EPOCH_US = 1_795_293_844_127_987
DELAY_US = 3_000

Vector = dict[str, Any]


def record(made: Show, folder: Path) -> None:
    """What a recorder would have kept of one side."""
    run = RUN_ID.hex()
    home = folder / made.seat / run
    home.mkdir(parents=True)
    facts = {
        "version": 1,
        "discussion": FOUNDING.discussion,
        "title": FOUNDING.title,
        "created_us": FOUNDING.created_us,
        "seats": {
            one.seat: {
                "kind": "side",
                "name": one.name,
                "language": one.language,
                **({"identity": one.identity.hex()} if one.identity else {}),
            }
            for one in FOUNDING.sides
        },
    }
    (folder / "record.json").write_text(json.dumps(facts))
    about: dict[str, Any] = {"seat": made.seat, "run": run}
    journal = [
        encode("opened", EPOCH_US),
        encode("run", EPOCH_US, **about, epoch_us=EPOCH_US, device="7f3a"),
        encode("end", EPOCH_US + 700_000, **about, why="left"),
    ]
    (folder / "journal.jsonl").write_bytes(b"".join(journal))
    for name, places in made.tracks.items():
        config = config_of(made.configs[name].to_bytes())
        parts = [write_header(Header(FOUNDING.discussion, made.seat, run, EPOCH_US, config))]
        for number, place in enumerate(places, 1):
            parts.append(write_fragment(config, _sample(config, made.seat, run, place), number))
        (home / f"{name}.mp4").write_bytes(b"".join(parts))
    frames = [Kept(EPOCH_US, 0, 0, raw) for raw in made.papers]
    frames += [Kept(EPOCH_US, 0, number, raw) for number, raw in enumerate(made.seals, 1)]
    if frames:
        (home / "seals.log").write_bytes(SEALS_START + b"".join(map(write_entry, frames)))


def _sample(config: TrackConfig, seat: str, run: str, place: tuple[int, int, int, int, str]) -> Sample:
    group, index, at_us, key, data = place
    arrived_us = EPOCH_US + at_us + DELAY_US
    return Sample(seat, run, config.name, group, index, at_us, bool(key), bytes.fromhex(data), arrived_us)


Change = Callable[[Path], object]


def turned(name: str, at: int) -> Change:
    def change(folder: Path) -> None:
        [file] = folder.glob(f"*/*/{name}")
        raw = bytearray(file.read_bytes())
        raw[at] ^= 1
        file.write_bytes(bytes(raw))

    return change


def cut(name: str, length: int) -> Change:
    def change(folder: Path) -> None:
        [file] = folder.glob(f"*/*/{name}")
        file.write_bytes(file.read_bytes()[:length])

    return change


def revocation(later_us: int = 0, by: Signer = IDENTITY) -> bytes:
    """Of the device, dated so long after its run began."""
    said = Revocation(DEVICE.public, EPOCH_US + later_us).to_bytes()
    return by.envelope("revocation", FOUNDING.digest, said)


def told(*revocations: bytes) -> Change:
    """`record.json` keeps these."""

    def change(folder: Path) -> None:
        file = folder / "record.json"
        facts = json.loads(file.read_text())
        file.write_text(json.dumps({**facts, "revocations": [raw.hex() for raw in revocations]}))

    return change


def carried(folder: Path) -> None:
    """The papers of another run of south's, by another device, revoke the first one's."""
    other, run = signer("another device"), bytes(8)
    said = RunStatement(run, RUN.public, "south", EPOCH_US + 60_000_000).to_bytes()
    voucher = DeviceStatement(other.public, "south", "telephone", 0, 1 << 52).to_bytes()
    papers = Papers(
        other.public,
        other.envelope("run", FOUNDING.digest, said),
        (IDENTITY.envelope("device", FOUNDING.digest, voucher),),
        (revocation(),),
    )
    home = folder / "south" / run.hex()
    home.mkdir()
    (home / "seals.log").write_bytes(SEALS_START + write_entry(Kept(EPOCH_US, 0, 0, papers.to_bytes())))


def unsealed(made: Show) -> None:
    made.papers.clear()
    made.seals.clear()


def altered(made: Show) -> None:
    made.tracks["hd.1"][8] = (*made.tracks["hd.1"][8][:4], "ff")


def untouched(_: Any) -> None:
    pass


CASES: list[tuple[str, str, str, Callable[[Show], None], Change]] = [
    ("whole", "a record that nobody touched", "R27", untouched, untouched),
    ("altered", "a picture was changed, and its checksum made anew", "R25", altered, untouched),
    ("unsealed", "a record without seals", "R26", unsealed, untouched),
    ("turned_track", "a bit of a track's file was turned", "R10", untouched, turned("floor.1.mp4", -9)),
    ("turned_header", "a bit of a track's beginning was turned", "R7", untouched, turned("hd.1.mp4", 400)),
    ("turned_seals", "a bit of the seals' file was turned", "R24", untouched, turned("seals.log", 700)),
    ("cut_track", "a track's file ends inside a sample", "R10", untouched, cut("hd.1.mp4", 2_500)),
    ("revoked", "a revocation that the host kept: the run began then", "R3", untouched, told(revocation())),
    ("revoked_later", "a revocation that came after the run began", "R3", untouched, told(revocation(1))),
    (
        "revoked_by_a_stranger",
        "a revocation that no identity key signed",
        "R3",
        untouched,
        told(revocation(by=DEVICE)),
    ),
    ("revoked_elsewhere", "a revocation in the papers of another run", "R25", untouched, carried),
    ("cut_seals", "the seals' file ends inside a seal", "R24", untouched, cut("seals.log", 900)),
]


EXPORTED: dict[str, tuple[str, str, str]] = {
    "whole": ("mp4", "an exported MP4", "E15"),
    "revoked": ("mp4_revoked", "an MP4 of a record with a revocation: the run began then", "E3"),
    "revoked_later": ("mp4_revoked_later", "an MP4 of a record with a later revocation", "E3"),
}


def vectors() -> Iterator[tuple[str, Vector]]:
    for name, about, source, change, then in CASES:
        with tempfile.TemporaryDirectory() as home:
            folder = Path(home) / FOUNDING.discussion
            made = show("south" if name.startswith("revoked") else "north")
            change(made)
            record(made, folder)
            then(folder)
            files = sorted(path for path in folder.rglob("*") if path.is_file())
            given = {path.relative_to(folder).as_posix(): path.read_bytes().hex() for path in files}
            yield name, vector(about, f"record.md {source}", {"files": given}, verify(folder).to_json())
            if name in EXPORTED:
                mp4 = Path(home) / f"{name}.mp4"
                export_mp4(folder, mp4)
                given = {mp4.name: mp4.read_bytes().hex()}
                judged = verify_mp4(mp4).to_json()
                called, about, source = EXPORTED[name]
                yield called, vector(about, f"evidence.md {source}", {"files": given}, judged)


def vector(about: str, source: str, given: Vector, output: Vector) -> Vector:
    return {"about": about, "source": source, "input": given, "expect": "ok", "output": output}


def write(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, one in vectors():
        text = json.dumps(one, ensure_ascii=False)
        (folder / f"{name}.json").write_text(text + "\n", encoding="utf-8")
