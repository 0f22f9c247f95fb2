"""How fast a record is judged: `python bench/verify.py [--minutes N M] [--rounds R]`.

Makes records of two sides of 1.5 Mbit/s (30 pictures and 50 packets a second, all sealed), as the host
writes them, and judges them with `vivavoce verify`, in turns with `openssl dgst -sha256` over the same files.
Then the same of the MP4 that `vivavoce export` makes of each. Prints one JSON object; for each length, of the
middle round: processor seconds that each took, its start included, `ratio` of the two, `times_real_time`, and
the most memory that `verify` held.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.parts.figures import machine
from vivavoce.line.sample import Sample
from vivavoce.line.sealing import Sealing
from vivavoce.line.trackconfig import TrackConfig
from vivavoce.record.export import export_mp4
from vivavoce.record.founding import founding_of_record
from vivavoce.record.store import FileStore
from vivavoce.record.writer import Writer
from vivavoce.seal.signer import Signer

ID, START_US = "k7m2xq4vw9", 1_795_293_844_000_000
PICTURE = TrackConfig("hd.1", "video", "avc1.42e01f", bytes.fromhex("0142e01fffe1"), 1280, 720, framerate=30)
SOUND = TrackConfig("floor.1", "audio", "opus", sample_rate=48_000, channels=1, language="en", role="floor")
FACTS: dict[str, Any] = {
    "title": "A long talk",
    "created_us": START_US,
    "seats": {seat: {"kind": "side", "name": seat, "language": "en"} for seat in ("north", "south")},
}
PICTURE_BYTES, PACKET_BYTES = 5_980, 160
OF_20_MS = b"\xf8"
"""How an Opus packet of one frame of 20 ms begins."""
STEP_US = 10_000


def make(folder: Path, minutes: float) -> Path:
    """A record of so many minutes. The bytes are noise: nothing here looks into them."""
    writer = Writer(FileStore(folder), min_free_bytes=0, report=lambda *_args, **_fields: None)
    writer.open_discussion(ID, FACTS, START_US)
    founding = founding_of_record({**FACTS, "discussion": ID}).digest
    noise = random.Random(1).randbytes(1 << 20)
    for seat, run in (("north", "00" * 7 + "01"), ("south", "00" * 7 + "02")):
        device = Signer()
        sealing = Sealing(founding, seat=seat, run=run, epoch_us=START_US, device=device)
        writer.run_started(ID, seat, run, epoch_us=START_US, device="7f3a", at_us=START_US)
        for config in (PICTURE, SOUND):
            sealing.track(config)
            writer.track_added(ID, seat, run, config, at_us=START_US)
        _talk(writer, sealing, seat, run, noise, round(minutes * 60_000_000))
        writer.run_ended(ID, seat, run, why="left", at_us=START_US + round(minutes * 60_000_000))
    writer.close(START_US)
    return folder / ID


def _talk(writer: Writer, sealing: Sealing, seat: str, run: str, noise: bytes, until_us: int) -> None:
    indexes: dict[int, int] = {}

    def keep(sealed: tuple[int, bytes], at_us: int) -> None:
        group, raw = sealed
        if group not in indexes:
            writer.sealed(ID, seat, run, group=group, index=0, raw=sealing.papers, at_us=at_us)
        indexes[group] = indexes.get(group, 0) + 1
        writer.sealed(ID, seat, run, group=group, index=indexes[group], raw=raw, at_us=at_us)

    def say(track: str, group: int, index: int, at_us: int, size: int) -> None:
        start = (at_us * 7919) % (len(noise) - size)
        data = noise[start : start + size]
        data = OF_20_MS + data[1:] if track == "floor.1" else data
        sealing.sample(track, group, index, at_us, index == 0, data)
        sample = Sample(seat, run, track, group, index, at_us, index == 0, data, START_US + at_us + 3_000)
        writer.sample(ID, sample)

    pictures = packets = 0
    for at_us in range(0, until_us, STEP_US):
        if sealing.due(START_US + at_us):
            keep(sealing.seal(START_US + at_us), START_US + at_us)
        if at_us * 30 >= pictures * 1_000_000:
            say("hd.1", *divmod(pictures, 60), at_us, PICTURE_BYTES)
            pictures += 1
        if at_us * 50 >= packets * 1_000_000:
            say("floor.1", packets, 0, at_us, PACKET_BYTES)
            packets += 1
    for sealed in sealing.end(START_US + until_us):
        keep(sealed, START_US + until_us)


_STARTER = """
import json, os, sys
quiet = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
child = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ, file_actions=quiet)
_, status, used = os.wait4(child, 0)
print(json.dumps([os.waitstatus_to_exitcode(status), used.ru_utime + used.ru_stime, used.ru_maxrss / 1024]))
"""


def _timed(command: list[str]) -> tuple[float, float]:
    """(processor seconds, most memory in MiB) of a command. A small process starts it: the memory of whoever
    starts a program counts as the program's."""
    starter = [sys.executable, "-I", "-S", "-c", _STARTER]
    said = subprocess.run([*starter, *command], check=True, stdout=subprocess.PIPE).stdout
    code, used_s, most_mib = json.loads(said)
    if code:
        raise SystemExit(f"{command[0]} ended with {code}")
    return used_s, most_mib


def measure(record: Path, minutes: float, rounds: int) -> dict[str, Any]:
    """record: a folder or a file."""
    inside = sorted(str(file) for file in record.rglob("*") if file.is_file())
    files = [str(record)] if record.is_file() else inside
    size = sum(Path(file).stat().st_size for file in files)
    vivavoce = str(Path(sys.executable).parent / "vivavoce")
    kinds = {
        "verify": [vivavoce, "verify", str(record), "--json"],
        "openssl": ["openssl", "dgst", "-sha256", *files],
    }
    found: list[dict[str, tuple[float, float]]] = []
    for number in range(rounds):
        names = list(kinds)[:: -1 if number % 2 else 1]
        found.append({name: _timed(kinds[name]) for name in names})
    verify_s = statistics.median(one["verify"][0] for one in found)
    ratios = [one["verify"][0] / one["openssl"][0] for one in found]
    return {
        "minutes": minutes,
        "mbytes": round(size / 1e6, 1),
        "verify_s": round(verify_s, 2),
        "openssl_s": round(statistics.median(one["openssl"][0] for one in found), 2),
        "ratio": round(statistics.median(ratios), 2),
        "ratio_range": [round(min(ratios), 2), round(max(ratios), 2)],
        "times_real_time": round(60 * minutes / verify_s),
        "memory_mib": round(max(one["verify"][1] for one in found)),
    }


def main(lengths: list[float], rounds: int) -> dict[str, Any]:
    results = []
    for minutes in lengths:
        with tempfile.TemporaryDirectory() as folder:
            begun = time.monotonic()
            record = make(Path(folder), minutes)
            print(f"{minutes} minutes made in {time.monotonic() - begun:.0f} s", file=sys.stderr)
            mp4 = Path(folder) / "out.mp4"
            export_mp4(record, mp4)
            results.append({**measure(record, minutes, rounds), "mp4": measure(mp4, minutes, rounds)})
    return {**machine(), "lengths": results}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument(
        "--minutes", type=float, nargs="+", default=[10, 40], help="lengths; 10 and 40 unless told"
    )
    parser.add_argument("--rounds", type=int, default=5, help="of each; 5 unless told")
    options = parser.parse_args()
    print(json.dumps(main(options.minutes, options.rounds)))
