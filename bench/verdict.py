"""From a falsified sample to the verdict on the page: how long a viewer is shown what is false and not told.

    python bench/verdict.py                   120 falsified samples, sound and pictures by turns
    python bench/verdict.py --falsified 20    sooner, and without a p99 worth the name
    python bench/verdict.py --json            one JSON object

A real stage is on air in one browser; the real audience page in another takes the line from a relay that
turns a bit of one sample every 1.1 to 1.6 seconds (seeded). A time runs from the moment in which the relay
hands the sample on, before it arrives, to the first frame of the page after its words have changed: one more
mark. Two falsified samples never lie within one group of pictures or one row of sound, so each has to have a
mark of its own: `untold` is how many have none before the next is falsified, `others` how many marks none of
them explains. The page plays the sound. A picture that was falsified while a smaller one was shown, as on a
busy machine, is `not_shown` and counts for nothing.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import random
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.attacks.relay import Frame, Tamper  # noqa: E402
from tests.browser.chromium import chromium  # noqa: E402
from tests.browser.conftest import Discussion  # noqa: E402
from tests.browser.relaying import relaying  # noqa: E402

from bench.parts.figures import Headroom, machine, percentile  # noqa: E402
from bench.parts.pages import go_on_air, host_of, reading_context  # noqa: E402

LIMIT_MS: Final = 400
_APART_S: Final = (1.1, 1.6)
_UNALTERED: Final = "Unaltered since"
_WATCH: Final = """() => {
    const find = (root, name) => {
        for (const element of root.querySelectorAll("*")) {
            if (element.localName === name) return element;
            const found = element.shadowRoot && find(element.shadowRoot, name);
            if (found) return found;
        }
        return null;
    };
    const words = find(document, "vv-verdict");
    globalThis.__benchMarks = [];
    let marks = words.verdict?.marks ?? 0;
    new MutationObserver(() => {
        const now = words.verdict?.marks ?? 0;
        const more = now - marks;
        marks = now;
        if (more > 0) requestAnimationFrame(() => __benchMarks.push([Date.now() / 1000, more]));
    }).observe(words.renderRoot, { subtree: true, childList: true, characterData: true, attributes: true });
    globalThis.__benchShown = [];
    setInterval(() => {
        const now = find(document, "vv-side").report?.rendition ?? null;
        if (now !== __benchShown.at(-1)?.[1]) __benchShown.push([Date.now() / 1000, now]);
    }, 50);
}"""


class Falsifier(Tamper):
    """Turns the last bit of a sample now and then. at: when, and of which kind, Unix seconds."""

    def __init__(self, count: int) -> None:
        self.at: list[tuple[float, str]] = []
        self.works = False
        self._left = count
        self._random = random.Random(1)
        self._next = 0.0
        self._group = -1

    def frames(self, frame: Frame) -> Iterable[bytes]:
        now, kind = time.time(), frame.track.partition(".")[0]
        wanted = "sound" if len(self.at) % 2 else "picture"
        due = self.works and self._left > 0 and now >= self._next and frame.seat == "north"
        sound = kind == "floor" and wanted == "sound"
        picture = kind == "hd" and wanted == "picture" and frame.index > 0
        if not due or not (sound or (picture and frame.group != self._group)):
            return (frame.payload,)
        raw = bytearray(frame.payload)
        raw[-1] ^= 1
        self._left -= 1
        self._next = now + self._random.uniform(*_APART_S)
        self._group = frame.group if picture else self._group
        self.at.append((now, wanted))
        return (bytes(raw),)

    @property
    def done(self) -> bool:
        return not self._left and time.time() >= self._next


def matched(
    all_falsified: list[tuple[float, str]],
    marks: list[tuple[float, int]],
    shown: list[tuple[float, str | None]],
) -> dict[str, Any]:
    """Each falsified sample and the first mark after it, before the next is falsified. shown: since when the
    page showed which rendition."""
    falsified = [one for one in all_falsified if one[1] == "sound" or _shown(shown, one[0]) == "hd"]
    times: dict[str, list[float]] = {"sound": [], "picture": []}
    untold = 0
    ends = [at for at, _ in falsified[1:]] + [float("inf")]
    for (at, kind), end in zip(falsified, ends, strict=True):
        found = next((told for told, _ in marks if at <= told < end), None)
        if found is None:
            untold += 1
        else:
            times[kind].append(1000 * (found - at))
    every = [one for some in times.values() for one in some]
    return {
        "falsified": len(falsified),
        "not_shown": len(all_falsified) - len(falsified),
        "untold": untold,
        "others": sum(count for _, count in marks) - len(every),
        "p50_ms": round(percentile(every, 50)),
        "p99_ms": round(percentile(every, 99)),
        "most_ms": round(max(every)),
        "limit_ms": LIMIT_MS,
        "within_limit": round(sum(one <= LIMIT_MS for one in every) / len(falsified), 3),
        **{f"{kind}_p50_ms": round(percentile(some, 50)) for kind, some in times.items() if some},
    }


def _shown(shown: list[tuple[float, str | None]], at: float) -> str | None:
    return next((rendition for since, rendition in reversed(shown) if since <= at), None)


def measure(count: int) -> dict[str, Any]:
    tamper = Falsifier(count)
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        browsers = stack.enter_context(chromium(folder / "artefacts"))
        host = stack.enter_context(host_of(None, folder / "data"))
        discussion = Discussion(host.new_discussion(title="Falsified"))
        query = stack.enter_context(relaying(host, discussion, folder / "relay", tamper))
        stage = reading_context(browsers).new_page()
        go_on_air(stage, discussion.stage_url("north"))
        audience = reading_context(browsers, width=1440, height=900).new_page()
        audience.goto(discussion.audience_url + query)
        audience.get_by_text(_UNALTERED).first.wait_for(timeout=60_000)
        audience.get_by_role("button", name="Turn on the sound").click()
        audience.wait_for_timeout(3_000)
        audience.evaluate(_WATCH)
        audience.wait_for_timeout(200)
        headroom = Headroom.start()
        tamper.works = True
        while not tamper.done:
            audience.wait_for_timeout(200)
        idle = headroom.stop()
        marks, shown = audience.evaluate("[__benchMarks, __benchShown]")
    if not marks:
        raise SystemExit("The page made no mark at all.")
    return {"headroom": round(idle, 2), **matched(tamper.at, marks, shown)}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--falsified", type=int, default=120)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    told = {"machine": machine(), **measure(options.falsified)}
    if options.json:
        print(json.dumps(told))
        return
    for name, value in told.items():
        print(f"{name:15} {value}")


if __name__ == "__main__":
    main()
