"""Glass to glass: the finished pages against a plain WebRTC call of the same picture, in one run.

    python bench/glass.py                          five interleaved rounds of each, ten seconds each
    python bench/glass.py --rounds 3 --seconds 5   sooner, and less certain
    python bench/glass.py --size 1280x720          a larger picture
    python bench/glass.py --against ../before      also another checkout of the product, its pages built
    python bench/glass.py --screen                 read from a screen, not from the page
    python bench/glass.py --json                   one JSON object

- The product: stage page, host and audience page as `vivavoce serve` serves them, with sound, small
  picture and record. The call: two pages, peer to peer, picture only, H.264, host candidates, its cap
  set anew in each round to the bitrate of the product's large picture; once in a `<video>`, once drawn
  to a canvas by a worker.
- One browser a page, all on this machine over loopback. In a round each kind is measured once, the calls
  twice: a call against itself is the null run, and as far as its ratio is from 1 the other ratios may be
  wrong.
- The camera (tests/browser/camera.js) paints the time over fine motion, 640x360 at 30 a second. It is read
  back from pixels every 4 ms on the page that shows it, in the same way for all. A picture's age counts once,
  when it is first there. The pages' clocks are brought together by the machine's wall clock.
- SSIM: after the timing, a few of the pictures shown are compared in luminance with what the camera painted
  at their time code, in windows of 8 by 8 pixels.
- --size: another picture, shown on a page of as many more pixels; the product chooses its bitrate by the size
  (2.5 Mbit/s at 1280x720, 4 at 1920x1080) and sends at most 1280x720 of it.
- --screen: the viewers have windows on an X server without a display, and every millisecond the time code is
  read from its frame buffer (parts/screen.py): what a display would be lit by, each way of drawing with all
  that it costs. Needs Debian's xvfb.
- Not in the figures: exposure (a picture begins when it is painted) and scan-out (a picture is there when a
  script of the page can read it from the canvas or the video).
- Headroom is the share of all cores that was idle meanwhile, with this driver and the reading among the
  busy.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.browser.chromium import chromium  # noqa: E402

from bench.parts.figures import machine  # noqa: E402
from bench.parts.pages import SIZE, Call, Product, Round, host_of, size_of  # noqa: E402
from bench.parts.rounds import Rounds, kinds_table, ratios_table  # noqa: E402
from bench.parts.screen import Screen  # noqa: E402

NULLS = {"call in video, again": "call in video", "call on canvas, again": "call on canvas"}


class Bench(Rounds):
    """The rounds and what they gave."""

    def __init__(self, options: argparse.Namespace) -> None:
        super().__init__(options.size)
        self.options = options

    def run(self) -> None:
        options = self.options
        timing = (options.seconds, options.warm, options.every_ms, options.looks)
        with contextlib.ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            browsers = stack.enter_context(chromium(folder / "artefacts"))
            screen = stack.enter_context(Screen(folder)) if options.screen else None
            viewer = screen.browser if screen else None
            reading = screen.read if screen else None
            here = stack.enter_context(host_of(None, folder / "now"))
            product = Product(browsers, here, viewer=viewer, size=options.size, reading=reading)
            kinds: dict[str, Callable[[], Round]] = {"product": lambda: product.measure(*timing)}
            if options.against:
                then = stack.enter_context(host_of(options.against, folder / "before"))
                before = Product(browsers, then, viewer=viewer, size=options.size, reading=reading)
                kinds["product before"] = lambda: before.measure(*timing)
            if options.calls:
                call = Call(browsers, viewer=viewer, size=options.size, reading=reading)
                for name in ("call in video", "call on canvas", *NULLS):
                    shown = "video" if "video" in name else "canvas"
                    kinds[name] = functools.partial(self._call, call, shown, timing)
            self.play(options.rounds, kinds)

    def _call(self, call: Call, shown: str, timing: tuple[float, float, int, int]) -> Round:
        return self.matched.measured(lambda bitrate: call.measure(shown, bitrate, *timing))

    def summary(self) -> dict[str, Any]:
        ratios = {}
        for against in ("call in video", "call on canvas", "product before"):
            if against in self.names:
                ratios[f"product / {against}"] = self.ratio("product", against)
        for again, call in NULLS.items():
            if again in self.names:
                ratios[f"null: {again} / {call}"] = self.ratio(again, call)
        return {
            "not_comparable": self.not_comparable(),
            "what": "glass to glass in ms, without exposure and scan-out",
            "reading": "from the screen"
            if self.options.screen
            else f"every {self.options.every_ms} ms"
            if self.options.every_ms
            else "in each animation frame",
            "size": "{}x{}".format(*self.size),
            "seconds": self.options.seconds,
            "warm": self.options.warm,
            "rounds": len(self.done),
            "kinds": self.kinds(),
            "ratios": ratios,
        }


def show(told: dict[str, Any]) -> None:
    machine_ = told["machine"]
    print(
        f"{machine_['at']}, {machine_['system']}, {machine_['cores']} cores, load {machine_['load_before']}"
    )
    print(f"{told['what']}; {told['rounds']} rounds of {told['seconds']} s, read {told['reading']}\n")
    for name, size in told["not_comparable"].items():
        print(f"Not comparable: {name} showed {size} in a round; the machine did not keep up.\n")
    print(kinds_table(told["kinds"]), end="\n\n")
    print(ratios_table(told["ratios"]))
    for name, ratio in told["ratios"].items():
        if "ssim_more" in ratio and not name.startswith("null"):
            low, high = ratio["ssim_more_range"]
            verdict = "not lower" if ratio["ssim_more"] >= 0 else "LOWER"
            more = f"{ratio['ssim_more']:+.4f} in the middle round ({low:+.4f} to {high:+.4f})"
            print(f"\nSSIM, {name.replace('/', 'against')}: {verdict}, {more}", end="")
    print()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=10, help="of each measurement")
    parser.add_argument("--warm", type=float, default=3, help="seconds between the first picture and it")
    parser.add_argument("--every-ms", type=int, default=4, help="read so often; 0: in each animation frame")
    parser.add_argument("--screen", action="store_true", help="read from a screen, not from the page")
    parser.add_argument("--looks", type=int, default=6, help="pictures compared with what was painted")
    parser.add_argument("--size", type=size_of, default=SIZE, help="of the camera's pictures, 1280x720")
    parser.add_argument("--against", type=Path, help="another checkout, its pages built")
    parser.add_argument("--no-calls", dest="calls", action="store_false", help="only the product")
    parser.add_argument("--json", action="store_true")
    bench = Bench(parser.parse_args())
    here = machine()
    bench.run()
    told = {"machine": here, **bench.summary()}
    if bench.options.json:
        print(json.dumps(told))
    else:
        show(told)


if __name__ == "__main__":
    main()
