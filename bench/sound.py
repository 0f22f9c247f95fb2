"""Mouth to ear: the finished pages against a plain WebRTC call, in one run.

    python bench/sound.py                          five interleaved rounds of each, ten seconds each
    python bench/sound.py --rounds 3 --seconds 5   sooner, and less certain
    python bench/sound.py --against ../before      also another checkout of the product, its pages built
    python bench/sound.py --json                   one JSON object

- The product: stage page, host and audience page as `vivavoce serve` serves them, with pictures and record.
  The call: two pages, peer to peer, picture and sound in one stream, Opus as the browser has it.
- The microphone says a burst of its own every 250 ms over a quiet tone that never pauses
  (bench/parts/hearing.js). A burst's age is from its samples being handed to the microphone's track until
  they are handed to the loudspeaker's buffer, by the machine's wall clock.
- The same for all: Web Audio of latencyHint 0 at both ends; at the microphone's in product and call, at the
  loudspeaker's in the product and in "call by Web Audio". "call" is the same call at the same moments as its
  <video> element plays it, in the browser's own steps of 10 ms.
- Not in the ages: the microphone's and the loudspeaker's own latency. "+ device" is what the browser says of
  the loudspeaker's; "heard" ratios have it added. There is no echo cancellation on such a track; what it adds
  to a microphone is measured apart (--no-echo leaves that out).
- Silent is time without the tone, by the ear; hidden is what each page says that it made up. A step is a jump
  of the tone's phase.
- The picture beside it is small, in both: encoding a large one three times over leaves two cores nothing, and
  then the processor is measured. --size 640x360 has it as bench/glass.py has.
- Headroom is the share of all cores that was idle meanwhile.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import json
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.browser.chromium import Chromium, chromium  # noqa: E402

from bench.parts.echo import echo_part  # noqa: E402
from bench.parts.figures import machine  # noqa: E402
from bench.parts.pages import Call, Product, Round, host_of, size_of  # noqa: E402
from bench.parts.rounds import Rounds, ratios_table  # noqa: E402
from bench.parts.sounds import (  # noqa: E402
    NODE_KIND,
    call_sound,
    product_sound,
    sound_kind,
    sound_line,
    sounds_table,
)
from bench.parts.voice import NODE  # noqa: E402

NULL = "call, again"
NODE_NULL = f"{NODE_KIND}, again"


class Sounds(Rounds):
    """The rounds of one run, over loopback."""

    def __init__(self, options: argparse.Namespace) -> None:
        super().__init__(options.size)
        self.options = options

    def run(self, browsers: Chromium, folder: Path) -> None:
        seconds, warm_s, size = self.options.seconds, self.options.warm, self.size
        with contextlib.ExitStack() as stack:
            now = Product(browsers, stack.enter_context(host_of(None, folder / "now")), sound=True, size=size)
            kinds: dict[str, Callable[[], Round]] = {
                "product": functools.partial(product_sound, now, seconds, warm_s)
            }
            if self.options.against:
                host = stack.enter_context(host_of(self.options.against, folder / "before"))
                before = Product(browsers, host, sound=True, size=size)
                kinds["product before"] = functools.partial(product_sound, before, seconds, warm_s)
            if self.options.calls:
                call = Call(browsers, sound=True, size=size)
                for name in ("call", NULL):
                    kinds[name] = functools.partial(self._call, call, seconds, warm_s)
            self.play(self.options.rounds, kinds)

    def _call(self, call: Call, seconds: float, warm_s: float) -> Round:
        return self.matched.measured(lambda bitrate: call_sound(call, "video", bitrate, seconds, warm_s))

    def play(self, count: int, kinds: Mapping[str, Callable[[], Round]]) -> None:
        super().play(count, kinds)
        for found in self.done:
            for name, node in (("call", NODE_KIND), (NULL, NODE_NULL)):
                if name in found:
                    found[node] = {**found[name], **found[name][NODE]}
            for one in found.values():
                one["heard"] = [age + one["output_ms"] for age in one["ages"]]

    def line(self, found: Round) -> str:
        return sound_line(found)

    def kind(self, rounds: list[Round]) -> dict[str, Any]:
        return sound_kind(rounds)

    def summary(self) -> dict[str, Any]:
        pairs = [("product", name) for name in (NODE_KIND, "call", "product before")]
        pairs = [pair for pair in pairs if {*pair} <= set(self.names)]
        ratios = {f"{one} / {other}": self.ratio(one, other) for one, other in pairs}
        ratios |= {f"heard: {one} / {other}": self.ratio(one, other, "heard") for one, other in pairs}
        for again, name in ((NODE_NULL, NODE_KIND), (NULL, "call")):
            if again in self.names:
                ratios[f"null: {again} / {name}"] = self.ratio(again, name)
        return {
            "what": "mouth to ear in ms, without the devices' own latency",
            "seconds": self.options.seconds,
            "warm": self.options.warm,
            "rounds": len(self.done),
            "picture": "{}x{}".format(*self.size),
            "kinds": self.kinds(),
            "ratios": ratios,
        }


def show(told: dict[str, Any]) -> None:
    here = told["machine"]
    print(f"{here['at']}, {here['system']}, {here['cores']} cores, load {here['load_before']}")
    print(f"{told['what']}; {told['rounds']} rounds of {told['seconds']} s")
    print(f"beside a picture of {told['picture']}\n")
    print(sounds_table(told["kinds"]), end="\n\n")
    print(ratios_table(told["ratios"]))
    for name, kind in told["kinds"].items():
        slow, fast = kind["device_rate"]
        if not 0.99 < slow <= fast < 1.01:
            print(f"\nNot comparable: the loudspeaker of {name} ran at {slow} to {fast} of real time.")
    if "echo" in told:
        echo = told["echo"]
        adds, filters = (echo.get(name) for name in ("adds_ms", "filters_ms"))
        print(
            f"\nEcho cancellation's part was not measured: {echo['why_not']}."
            if adds is None
            else f"\nEcho cancellation adds {adds:.1f} ms to a microphone, {filters:.1f} by its filters"
        )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=10, help="of each measurement")
    parser.add_argument("--warm", type=float, default=3, help="seconds between the first picture and it")
    parser.add_argument("--size", type=size_of, default=(320, 180), help="of the picture beside it, 640x360")
    parser.add_argument("--against", type=Path, help="another checkout, its pages built")
    parser.add_argument("--no-calls", dest="calls", action="store_false", help="only the product")
    parser.add_argument(
        "--no-echo", dest="echo", action="store_false", help="without echo cancellation's part"
    )
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    here = machine()
    bench = Sounds(options)
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        browsers = stack.enter_context(chromium(folder / "artefacts"))
        bench.run(browsers, folder)
        told = {"machine": here, **bench.summary()}
        if options.echo:
            told["echo"] = echo_part(browsers, folder)
    if options.json:
        print(json.dumps(told))
    else:
        show(told)


if __name__ == "__main__":
    main()
