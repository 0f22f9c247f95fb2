"""What seals cost a side and a viewer: `python bench/seal.py [--seconds N] [--rounds R]`.

A side of two pictures (30 a second, 1.5 and 0.5 Mbit/s) and sound in packets of 10 ms is sealed as
`vivavoce publish` does it, and judged as `vivavoce watch` does it, as fast as it goes. Prints one JSON
object, of the middle round: `kbit_s` that seals and papers add; `sealing` and `verifying`, the share of one
core that each takes of real time; `hashing`, the share that SHA-256 of the same samples takes, for
comparison.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import statistics
import sys
import time
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.parts.figures import machine
from vivavoce.line.sealing import Sealing
from vivavoce.line.trackconfig import TrackConfig
from vivavoce.seal.papers import parse_papers
from vivavoce.seal.signer import Signer
from vivavoce.seal.statement import Founding, FoundingSide, run_of
from vivavoce.seal.verdict import Verdict

LARGE = TrackConfig("hd.1", "video", "avc1.42e01f", bytes.fromhex("0142e01fffe1"), 1280, 720, framerate=30)
SMALL = replace(LARGE, name="sd.1", width=640, height=360)
SOUND = TrackConfig("floor.1", "audio", "opus", sample_rate=48_000, channels=1, language="en", role="floor")
FOUNDING = Founding("k7m2xq4vw9", "A talk", 1, (FoundingSide("north", "North", "en"),))
RUN = "9f86d081884c7d65"
STEP_US = 10_000
GROUP_PICTURES = 57

Sample = tuple[str, int, int, int, bytes]
"""Track, group, index, timestamp in microseconds, bytes."""


def samples(seconds: float) -> list[Sample]:
    """What leaves the encoders, in order. The bytes are noise."""
    noise = random.Random(1).randbytes(1 << 20)
    made: list[Sample] = []
    picture = 0
    for step in range(round(seconds * 1_000_000) // STEP_US):
        at_us = step * STEP_US
        made.append(("floor.1", step, 0, at_us, noise[step % 1000 : step % 1000 + 120]))
        if at_us * 30 >= picture * 1_000_000:
            group, index = divmod(picture, GROUP_PICTURES)
            for name, size in (("hd.1", 6_250), ("sd.1", 2_080)):
                start = (picture * 131) % (len(noise) - size)
                made.append((name, group, index, at_us, noise[start : start + size]))
            picture += 1
    return made


def measured(said: list[Sample], seconds: float) -> dict[str, float]:
    sealing = Sealing(FOUNDING.digest, seat="north", run=RUN, epoch_us=0, device=Signer())
    for config in (LARGE, SMALL, SOUND):
        sealing.track(config)
    sent: list[bytes | Sample] = []
    groups: set[int] = set()
    began = time.process_time()
    for one in said:
        track, group, index, at_us, data = one
        sealing.sample(track, group, index, at_us, index == 0, data)
        sent.append(one)
        if sealing.due(at_us):
            number, seal = sealing.seal(at_us)
            groups.add(number)
            sent.append(seal)
    sealed_s = time.process_time() - began
    began = time.process_time()
    papers = parse_papers(sealing.papers)
    run, _ = run_of(FOUNDING, papers.statement, papers.device)
    verdict = Verdict(FOUNDING.digest, run.run, run.key, papers.statement)
    now_us = 0
    for each in sent:
        if isinstance(each, bytes):
            verdict.seal(each, now_us)
            verdict.tick(now_us)
        else:
            track, group, index, now_us, data = each
            verdict.sample(track, group, index, now_us, index == 0, data, now_us)
    verified_s = time.process_time() - began
    assert (verdict.state, verdict.history) == ("verified", []), "it is a clean line"
    began = time.process_time()
    for *_, data in said:
        hashlib.sha256(data).digest()
    hashed_s = time.process_time() - began
    added = sum(len(each) for each in sent if isinstance(each, bytes)) + len(groups) * len(sealing.papers)
    shares = {"sealing": sealed_s, "verifying": verified_s, "hashing": hashed_s}
    return {"kbit_s": 8 * added / seconds / 1000, **{name: spent / seconds for name, spent in shares.items()}}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=60.0, help="of talk; 60 by default")
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    about = machine()
    said = samples(given.seconds)
    rounds = [measured(said, given.seconds) for _ in range(given.rounds)]
    middle = {name: round(statistics.median(one[name] for one in rounds), 4) for name in rounds[0]}
    print(json.dumps({"bench": "seal", "machine": about, "seconds": given.seconds, **middle}))


if __name__ == "__main__":
    main()
