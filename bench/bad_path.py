"""A bad path: the finished pages against a plain WebRTC call over the same delay, jitter and loss.

    python bench/bad_path.py                       30 ms each way, 5 ms of jitter, 1 % lost; five rounds
    python bench/bad_path.py --reorder             the same, and packets overtake one another
    python bench/bad_path.py --only picture        or sound
    python bench/bad_path.py --listening           the product's viewer listens while the picture is read
    python bench/bad_path.py --bandwidth 3         also with a line of 3 Mbit/s
    python bench/bad_path.py --json                one JSON object

- Browsers and host in network namespaces, joined by one forwarder in user space that carries QUIC, RTP and
  HTTP alike (bench/parts/path.py, link.py). It needs Linux and root with CAP_NET_ADMIN.
- What is asked for is the whole path's. The call, straight from one end to the other, meets it once. The
  product goes through a host: each of its two legs has half the delay, half the jitter's variance, and so
  much loss that both together lose as much. A bandwidth is each leg's own.
- Picture and sound are measured apart, in rounds of their own: product, call, and the call again, which is
  the null run. Picture as in bench/glass.py; the product sends sound meanwhile, the call does not. Sound as
  in bench/sound.py, with a small picture beside it in both, since a large one leaves two cores nothing.
- `>100 ms`: so often was no new picture there for longer. `silent`: what an independent ear did not hear of
  a tone that never pauses. `hidden`: sound made up for what was missing, as each page itself counts it.
- Not in the figures: exposure and scan-out.
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

from bench.parts.apart import Apart, apart  # noqa: E402
from bench.parts.figures import machine  # noqa: E402
from bench.parts.link import Impairment  # noqa: E402
from bench.parts.pages import Call, Product, Round, size_of  # noqa: E402
from bench.parts.path import PathError  # noqa: E402
from bench.parts.rounds import Rounds, kinds_table, ratios_table  # noqa: E402
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


class Measured(Rounds):
    """Rounds over a path, with what the path did in each."""

    def __init__(self, site: Apart, options: argparse.Namespace) -> None:
        super().__init__()
        self.site = site
        self.options = options

    def run(self) -> None:
        kinds: dict[str, Callable[[], Round]] = {"product": self.product}
        if self.options.calls:
            kinds |= {
                "call": functools.partial(self.call, "video"),
                NULL: functools.partial(self.call, "video"),
            }
            if self.options.canvas:
                kinds["call on canvas"] = functools.partial(self.call, "canvas")
        self.play(
            self.options.rounds, {name: functools.partial(self._over, one) for name, one in kinds.items()}
        )

    def product(self) -> Round:
        raise NotImplementedError

    def call(self, shown: str) -> Round:
        raise NotImplementedError

    def _over(self, measure: Callable[[], Round]) -> Round:
        self.site.net.counters()
        found = measure()
        told = self.site.net.counters()
        carried = {name: link for name, link in told["links"].items() if link["packets"] > 20}
        found["path"] = {
            name: {
                "packets": link["packets"],
                "lost": link["lost"],
                "dropped": link["dropped"],
                "mbit": round(link["bytes"] * 8 / 1e6, 2),
                "longest_wait_ms": round(link["longest_wait_ms"], 1),
            }
            for name, link in carried.items()
            if "driver" not in name
        }
        found["forwarder_late_ms"] = told["late_ms"]
        return found

    def kind(self, rounds: list[Round]) -> dict[str, Any]:
        told = super().kind(rounds)
        for into, one in zip(told["by_round"], rounds, strict=True):
            into["path"] = one["path"]
            into["forwarder_late_ms"] = one["forwarder_late_ms"]
        return told


class Pictures(Measured):
    """Glass to glass over the path."""

    def __init__(self, site: Apart, options: argparse.Namespace) -> None:
        super().__init__(site, options)
        at = (site.side, site.viewer)
        self._product = Product(
            site.browsers, site.host, side=at[0], viewer=at[1], listening=options.listening
        )
        self._call = Call(site.browsers, side=site.side, viewer=site.viewer) if options.calls else None
        self._timing = (options.seconds, options.warm, options.every_ms)

    def product(self) -> Round:
        return self._product.measure(*self._timing)

    def call(self, shown: str) -> Round:
        call = self._call
        assert call is not None
        return self.matched.measured(lambda bitrate: call.measure(shown, bitrate, *self._timing))

    def told(self) -> dict[str, Any]:
        pairs = {"product / call": ("product", "call"), f"null: {NULL} / call": (NULL, "call")}
        pairs["product / call on canvas"] = ("product", "call on canvas")
        return {
            "not_comparable": self.not_comparable(),
            "kinds": self.kinds(),
            "ratios": {name: self.ratio(*pair) for name, pair in pairs.items() if {*pair} <= set(self.names)},
        }


class Sounds(Measured):
    """Mouth to ear over the path, and what was missing of the sound."""

    def __init__(self, site: Apart, options: argparse.Namespace) -> None:
        super().__init__(site, options)
        at = (site.side, site.viewer)
        size = options.beside
        self._product = Product(site.browsers, site.host, side=at[0], viewer=at[1], sound=True, size=size)
        self._call = (
            Call(site.browsers, side=at[0], viewer=at[1], sound=True, size=size) if options.calls else None
        )

    def product(self) -> Round:
        return product_sound(self._product, self.options.seconds, self.options.warm)

    def call(self, shown: str) -> Round:
        call = self._call
        assert call is not None
        timing = (self.options.seconds, self.options.warm)
        return self.matched.measured(lambda bitrate: call_sound(call, shown, bitrate, *timing))

    def line(self, found: Round) -> str:
        return sound_line(found)

    def play(self, count: int, kinds: Mapping[str, Callable[[], Round]]) -> None:
        super().play(count, kinds)
        for found in self.done:
            if "call" in found:
                found[NODE_KIND] = {**found["call"], **found["call"][NODE]}

    def kind(self, rounds: list[Round]) -> dict[str, Any]:
        told = sound_kind(rounds)
        for into, one in zip(told["by_round"], rounds, strict=True):
            into["path"] = one["path"]
            into["forwarder_late_ms"] = one["forwarder_late_ms"]
        return told

    def told(self) -> dict[str, Any]:
        pairs = {
            "product / call": ("product", "call"),
            f"product / {NODE_KIND}": ("product", NODE_KIND),
            f"null: {NULL} / call": (NULL, "call"),
        }
        return {
            "kinds": self.kinds(),
            "ratios": {name: self.ratio(*pair) for name, pair in pairs.items() if {*pair} <= set(self.names)},
        }


def show(told: dict[str, Any]) -> None:
    at, path = told["machine"], told["path"]
    print(f"{at['at']}, {at['system']}, {at['cores']} cores, load {at['load_before']}")
    line = "no bound" if path["bits_s"] is None else f"{path['bits_s'] / 1e6:g} Mbit/s"
    order = "packets overtake one another" if path["reorders"] else "order is kept"
    print(
        f"a path of {path['delay_ms']:g} ms each way, jitter {path['jitter_ms']:g} ms, {path['loss']:.2%} "
        f"lost, {line}, {order}, seed {told['seed']}; {told['rounds']} rounds of {told['seconds']:g} s\n"
    )
    if "picture" in told:
        print("picture, glass to glass in ms, without exposure and scan-out\n")
        for name, size in told["picture"]["not_comparable"].items():
            print(f"Not comparable: {name} showed {size} in a round.\n")
        print(kinds_table(told["picture"]["kinds"], freezes=True), end="\n\n")
        print(ratios_table(told["picture"]["ratios"]), end="\n\n")
    if "sound" in told:
        print("sound, mouth to ear in ms, without the loudspeaker's own latency\n")
        print(sounds_table(told["sound"]["kinds"]), end="\n\n")
        print(ratios_table(told["sound"]["ratios"]))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=10, help="of each measurement")
    parser.add_argument("--warm", type=float, default=3, help="seconds between the first picture and it")
    parser.add_argument("--every-ms", type=int, default=4, help="read so often; 0: in each animation frame")
    parser.add_argument("--delay-ms", type=float, default=30, help="each way")
    parser.add_argument("--jitter-ms", type=float, default=5, help="standard deviation")
    parser.add_argument("--loss", type=float, default=1, help="percent, each way")
    parser.add_argument("--bandwidth", type=float, help="Mbit/s, of each leg; none: no bound")
    parser.add_argument("--queue-ms", type=float, default=200, help="the queue before such a line")
    parser.add_argument("--reorder", action="store_true", help="packets overtake one another")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--beside", type=size_of, default=(320, 180), help="the picture beside the sound")
    parser.add_argument("--only", choices=["picture", "sound"])
    parser.add_argument(
        "--listening", action="store_true", help="the product's viewer listens while the picture is read"
    )
    parser.add_argument("--canvas", action="store_true", help="the call also drawn to a canvas")
    parser.add_argument("--no-calls", dest="calls", action="store_false", help="only the product")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    here = machine()
    whole = Impairment(
        delay_ms=options.delay_ms,
        jitter_ms=options.jitter_ms,
        loss=options.loss / 100,
        bits_s=None if options.bandwidth is None else options.bandwidth * 1e6,
        queue_ms=options.queue_ms,
        reorders=options.reorder,
    )
    told: dict[str, Any] = {
        "machine": here,
        "path": {name: getattr(whole, name) for name in whole.__dataclass_fields__},
        "seed": options.seed,
        "rounds": options.rounds,
        "seconds": options.seconds,
    }
    try:
        with contextlib.ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            site = stack.enter_context(apart(whole, folder, seed=options.seed))
            for name, what in (("picture", Pictures), ("sound", Sounds)):
                if options.only in (None, name):
                    rounds: Pictures | Sounds = what(site, options)
                    rounds.run()
                    told[name] = rounds.told()
    except PathError as error:
        sys.exit(str(error))
    if options.json:
        print(json.dumps(told))
    else:
        show(told)


if __name__ == "__main__":
    main()
