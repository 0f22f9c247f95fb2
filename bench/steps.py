"""A path whose bandwidth steps 3 -> 0.8 -> 3 Mbit/s, on each leg in turn: how soon the finished pages follow.

    python bench/steps.py                       each for eight seconds
    python bench/steps.py --hold 15             longer
    python bench/steps.py --only picture        or sound
    python bench/steps.py --timeline            with every 250 ms of it
    python bench/steps.py --json                one JSON object, the timeline in it

- A side, a host and a viewer in network namespaces (bench/parts/path.py), 30 ms from side to viewer, a queue
  of 200 ms before each line. First the side's way up steps, then the viewer's way down; the other leg stays.
- A picture is good while the oldest thing on the screen is younger than 300 ms, or than one and a half times
  what it was before the first step. `followed`: seconds from the step until it is, for a whole second.
  `stays`: until it is, and stays so to the end of the step. `after 3 s`: how much of the time after three
  seconds it was. `picture`: seconds until the picture is as large as before the first step, and stays so;
  asked for after a step up only.
- `silent`: what an independent ear did not hear of a tone that never pauses, `longest` in one piece.
  `hidden`: sound made up for what was missing, as the page counts it.
- Picture and sound are measured apart, the same steps twice: eye and ear each take a part of the processor.
  The viewer listens both times.
"""

from __future__ import annotations

import argparse
import itertools
import json
import statistics
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.parts.apart import LEGS, Apart, apart  # noqa: E402
from bench.parts.figures import Headroom, machine, table  # noqa: E402
from bench.parts.hearing import RATE, Track, loudest, tone, track  # noqa: E402
from bench.parts.link import Impairment  # noqa: E402
from bench.parts.pages import REPORT, Product  # noqa: E402
from bench.parts.path import PathError  # noqa: E402
from bench.parts.timeline import BIN_MS, Bin, bins, followed_s, settled_s, share  # noqa: E402
from bench.parts.voice import listen  # noqa: E402

WITHIN_MS = 300.0
TIMES_BEFORE = 1.5
FOLLOWED_MS = 3_000.0
_TAKE_S = 5.0

_WATCH_SIZE = """() => {
    globalThis.__benchCanvas = __vivavoceCanvas("north");
    globalThis.__benchWidths = [];
    setInterval(() => {
        __benchWidths.push([performance.timeOrigin + performance.now(), __benchCanvas.width]);
    }, 50);
    __benchStart(() => __benchCanvas, 16);
}"""


@dataclass
class Phase:
    """A stretch of time at one bandwidth. began_ms, ended_ms: by the wall clock."""

    name: str
    up: bool
    began_ms: float
    ended_ms: float
    hidden_ms: float | None


class Watch:
    """The pages while the path changes under them: their picture by an eye, or their sound by an ear."""

    def __init__(self, site: Apart, stage: Page, audience: Page, sense: str) -> None:
        self.site = site
        self.stage = stage
        self.audience = audience
        self.wire: list[dict[str, Any]] = []
        self._ear = sense == "sound"
        self._heard: dict[str, list[dict[str, Any]]] = {}
        self._taken = time.monotonic()
        if self._ear:
            listen(audience, call=False)
        else:
            audience.evaluate(_WATCH_SIZE)
        site.net.counters()

    def hold(self, seconds: float) -> None:
        """Let time pass; the wire is read every 250 ms, the ear every few seconds."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self.audience.wait_for_timeout(min(left * 1000, BIN_MS))
            links = self.site.net.counters()["links"]
            self.wire.append(
                {
                    "at_ms": time.time() * 1000,
                    **{
                        f"{a}>{b}": {
                            name: links[f"{a}>{b}"][name] for name in ("bytes", "left_bytes", "dropped")
                        }
                        for a, b in LEGS
                    },
                }
            )
            if self._ear and time.monotonic() - self._taken > _TAKE_S:
                self._take()

    def hidden_ms(self) -> float | None:
        """What the page made up since its sound was switched on, as it says itself."""
        sound = (self.audience.evaluate(REPORT) or {}).get("sound") or {}
        value = sound.get("hiddenMs")
        return None if value is None else float(value)

    def _take(self) -> None:
        self._taken = time.monotonic()
        self.stage.evaluate("__benchHearing.said()")
        for number, one in enumerate(self.audience.evaluate("__benchHearing.heard()")):
            self._heard.setdefault(f"{one['name']} {number}", []).append(one)

    def ear(self) -> Track:
        self._take()
        return loudest([track(one) for one in self._heard.values() if any(part["stamps"] for part in one)])

    def pictures(self) -> tuple[list[tuple[float, float]], list[tuple[float, int]]]:
        """(when, age) of each picture, (when, width) of what is shown; wall clock, ms."""
        samples = self.audience.evaluate("__benchStop()")["samples"]
        widths = self.audience.evaluate("__benchWidths")
        here = self.audience.evaluate("__benchAgainstWall()")
        apart_ms = here - self.stage.evaluate("__benchAgainstWall()")
        return (
            [(at - here, age - apart_ms) for at, age in samples],
            [(at - here, int(width)) for at, width in widths],
        )


def run(options: argparse.Namespace) -> dict[str, Any]:
    whole = Impairment(
        delay_ms=options.delay_ms,
        jitter_ms=options.jitter_ms,
        loss=options.loss / 100,
        bits_s=options.high * 1e6,
        queue_ms=options.queue_ms,
    )
    told: dict[str, Any] = {"path": asdict(whole), "hold_s": options.hold}
    for sense in ("picture", "sound"):
        if options.only in (None, sense):
            told[sense] = steps(options, whole, sense)
    return told


def steps(options: argparse.Namespace, whole: Impairment, sense: str) -> dict[str, Any]:
    """sense: what is watched, `picture` or `sound`."""
    high, low = options.high * 1e6, options.low * 1e6
    phases: list[Phase] = []
    with (
        tempfile.TemporaryDirectory() as folder,
        apart(whole, Path(folder), seed=options.seed) as site,
    ):
        product = Product(site.browsers, site.host, side=site.side, viewer=site.viewer, sound=True)
        with product.on_air("Steps") as (_, stage, audience):
            audience.wait_for_timeout(options.warm * 1000)
            watch = Watch(site, stage, audience, sense)
            headroom = Headroom.start()

            def hold(name: str, up: bool, began_ms: float) -> None:
                before = watch.hidden_ms()
                watch.hold(options.hold - (time.time() - began_ms / 1000))
                after = watch.hidden_ms()
                hidden = None if before is None or after is None else round(after - before, 1)
                phases.append(Phase(name, up, began_ms, time.time() * 1000, hidden))

            hold("before", False, time.time() * 1000)
            for leg, called in zip(LEGS, ("side's way up", "viewer's way down"), strict=True):
                for bits, up in ((low, False), (high, True)):
                    began_ms = site.net.change(leg, bits_s=bits) * 1000
                    hold(f"{called} to {bits / 1e6:g} Mbit/s", up, began_ms)
            idle = round(headroom.stop(), 2)
            began_ms, ended_ms = phases[0].began_ms, phases[-1].ended_ms
            if sense == "sound":
                return {"headroom": idle, "phases": heard(watch.ear(), phases)}
            told = bins(*watch.pictures(), began_ms, ended_ms)
    return {"headroom": idle, **seen(told, phases), "timeline": timeline(told, began_ms, watch.wire)}


def seen(told: list[Bin], phases: list[Phase]) -> dict[str, Any]:
    """The verdict on each phase's picture."""
    before = [one for one in told if one.at_ms + BIN_MS <= phases[0].ended_ms]
    usual = statistics.median([one.age_ms for one in before if one.age_ms is not None])
    large = max(one.width for one in before)
    limit = max(WITHIN_MS, TIMES_BEFORE * usual)

    def good(one: Bin) -> bool:
        return one.age_ms is not None and one.age_ms <= limit

    verdicts = []
    for phase in phases:
        span = (phase.began_ms, phase.ended_ms)
        within = [one for one in told if span[0] <= one.at_ms < span[1]]
        verdicts.append(
            {
                "phase": phase.name,
                "followed_s": followed_s(told, *span, good=good),
                "stays_s": settled_s(told, *span, good=good),
                "after_3_s": share(told, span[0] + FOLLOWED_MS, span[1], good=good),
                "picture_s": settled_s(told, *span, good=lambda one: one.width >= large)
                if phase.up or phase is phases[0]
                else None,
                "oldest_ms": round(
                    max((one.age_ms for one in within if one.age_ms is not None), default=float("nan"))
                ),
                "width": [width for width, _ in _runs([one.width for one in within])],
            }
        )
    return {"usual_ms": round(usual), "limit_ms": round(limit), "large": large, "phases": verdicts}


def heard(ear: Track, phases: list[Phase]) -> list[dict[str, Any]]:
    """What was missing of each phase's sound."""
    verdicts = []
    for phase in phases:
        silent, longest = silence(ear, phase.began_ms, phase.ended_ms)
        verdicts.append(
            {
                "phase": phase.name,
                "silent_ms": round(silent),
                "longest_silent_ms": round(longest),
                "hidden_ms": phase.hidden_ms,
            }
        )
    return verdicts


def _runs(values: list[int]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for value in values:
        runs = (
            [*runs[:-1], (value, runs[-1][1] + 1)] if runs and runs[-1][0] == value else [*runs, (value, 1)]
        )
    return runs


def silence(ear: Track, begin_ms: float, end_ms: float) -> tuple[float, float]:
    """Ms without the tone between two wall times, and the longest of it in one piece."""
    first = max(0, ear.frame(begin_ms) - ear.start)
    heard = ear.samples[first : max(first, ear.frame(end_ms) - ear.start)]
    if len(heard) < RATE // 50:
        return end_ms - begin_ms, end_ms - begin_ms
    silent, longest, _ = tone(heard)
    return silent, longest


def timeline(told: list[Bin], begin_ms: float, wire: list[dict[str, Any]]) -> list[dict[str, Any]]:
    rows = []
    for one in told:
        end_ms = one.at_ms + BIN_MS
        row: dict[str, Any] = {
            "s": round((one.at_ms - begin_ms) / 1000, 2),
            "age_ms": None if one.age_ms is None else round(one.age_ms),
            "pictures": one.pictures,
            "width": one.width,
        }
        # What was counted between two readings is shared out over the time between them.
        for a, b in LEGS:
            name = f"{a}>{b}"
            bits, dropped = 0.0, 0
            for earlier, later in itertools.pairwise(wire):
                common = min(end_ms, later["at_ms"]) - max(one.at_ms, earlier["at_ms"])
                if common > 0:
                    bits += later[name]["left_bytes"] * 8 * common / (later["at_ms"] - earlier["at_ms"])
                if one.at_ms <= later["at_ms"] < end_ms:
                    dropped += later[name]["dropped"]
            row[name] = {"mbit_s": round(bits / BIN_MS / 1e3, 2), "dropped": dropped}
        rows.append(row)
    return rows


def show(told: dict[str, Any], whole_timeline: bool) -> None:
    at = told["machine"]
    print(f"{at['at']}, {at['system']}, {at['cores']} cores, load {at['load_before']}")
    print(f"each step held for {told['hold_s']:g} s\n")
    if picture := told.get("picture"):
        if whole_timeline:
            print(timeline_table(picture["timeline"]), end="\n\n")
        print(
            f"picture, headroom {picture['headroom']:.0%}; before the steps it was {picture['usual_ms']} ms "
            f"old and {picture['large']} wide\n"
        )
        print(f"good is under {picture['limit_ms']} ms\n")
        head = ["", "followed s", "stays s", "good after 3 s", "picture s", "oldest ms", "width"]
        asked = ("followed_s", "stays_s", "after_3_s", "picture_s", "oldest_ms")
        rows = []
        for one in picture["phases"]:
            cells = ["-" if one[name] is None else one[name] for name in asked]
            rows.append([one["phase"], *cells, " ".join(map(str, one["width"]))])
        print(table(head, rows), end="\n\n")
    if sound := told.get("sound"):
        print(f"sound, headroom {sound['headroom']:.0%}\n")
        names = ("silent_ms", "longest_silent_ms", "hidden_ms")
        rows = [
            [one["phase"], *("-" if one[name] is None else one[name] for name in names)]
            for one in sound["phases"]
        ]
        print(table(["", "silent ms", "longest", "hidden ms"], rows))


def timeline_table(timeline: list[dict[str, Any]]) -> str:
    legs = [f"{a}>{b}" for a, b in LEGS]
    head = ["s", "age ms", "pictures", "width"]
    for leg in legs:
        head += [f"{leg} Mbit/s", "dropped"]
    rows = []
    for row in timeline:
        cells = [f"{row['s']:.2f}", row["age_ms"], row["pictures"], row["width"]]
        for leg in legs:
            cells += [row[leg]["mbit_s"], row[leg]["dropped"]]
        rows.append(cells)
    return table(head, rows)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--hold", type=float, default=8, help="seconds at each bandwidth")
    parser.add_argument("--warm", type=float, default=4, help="seconds between the first picture and it")
    parser.add_argument("--high", type=float, default=3, help="Mbit/s")
    parser.add_argument("--low", type=float, default=0.8, help="Mbit/s")
    parser.add_argument("--delay-ms", type=float, default=30, help="of the whole path, each way")
    parser.add_argument("--jitter-ms", type=float, default=0)
    parser.add_argument("--loss", type=float, default=0, help="percent")
    parser.add_argument("--queue-ms", type=float, default=200, help="the queue before each line")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", choices=["picture", "sound"])
    parser.add_argument("--timeline", action="store_true", help="print every 250 ms")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    here = machine()
    try:
        told = {"machine": here, **run(options)}
    except PathError as error:
        sys.exit(str(error))
    if options.json:
        print(json.dumps(told))
    else:
        show(told, options.timeline)


if __name__ == "__main__":
    main()
