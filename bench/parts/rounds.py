"""Interleaved rounds of several kinds, and what they say of one another.

In a round each kind is measured once, in an order that turns from round to round, after a moment in which the
machine has come to rest. Ratios are taken inside a round; the middle round's is told, with the least and the
greatest: a machine that slows down halves no one's figures.
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bench.parts.figures import percentile, quiet, table
from bench.parts.pages import SIZE, Round

__all__ = ["FREEZES_MS", "Matched", "Rounds", "kinds_table", "ratios_table"]

FREEZES_MS = (100, 300)
"""So long without a new picture is counted."""

_FIRST_BITRATE = 1_500_000.0


class Matched:
    """A cap under which a call uses as many bits as the product did. product_bits: of the last round."""

    def __init__(self) -> None:
        self.product_bits = _FIRST_BITRATE
        self._share = 1.0

    def measured(self, measure: Callable[[float], Round]) -> Round:
        """A call does not use its cap to the full; what it left unused before is put on top."""
        found = measure(self.product_bits * self._share)
        self._share = min(1.5, max(0.7, self._share * self.product_bits / found["bits"]))
        return found


class Rounds:
    """The rounds of one run. done: what each kind gave, by round. size: of the camera's pictures."""

    def __init__(self, size: tuple[int, int] = SIZE) -> None:
        self.size = size
        self.done: list[dict[str, Round]] = []
        self.matched = Matched()

    def play(self, count: int, kinds: Mapping[str, Callable[[], Round]]) -> None:
        for number in range(count):
            self.done.append(self._round(number, kinds))

    def _round(self, number: int, kinds: Mapping[str, Callable[[], Round]]) -> dict[str, Round]:
        names = list(kinds)
        turn = number % len(names)
        found: dict[str, Round] = {}
        # Each kind comes first and last once in a while: a machine that slows down is fair to all.
        for name in names[turn:] + names[:turn]:
            idle_before = quiet()
            found[name] = {**kinds[name](), "idle_before": idle_before}
            if name == "product":
                self.matched.product_bits = found[name]["bits"]
            _say(f"round {number + 1} {name}: {self.line(found[name])}")
        return found

    def line(self, found: Round) -> str:
        """What is told of a measurement while the run goes on."""
        p50, p99 = (percentile(found["ages"], q) for q in (50, 99))
        freezes = ", ".join(
            f"{sum(gap > limit for gap in found['gaps_ms'])} freezes over {limit} ms" for limit in FREEZES_MS
        )
        return (
            f"p50 {p50:.1f} ms, p99 {p99:.1f} ms, {found['rate']:.1f}/s, {freezes}, "
            f"{found['bits'] / 1e6:.2f} Mbit/s, headroom {found['headroom']:.0%}, "
            f"the page says {found.get('page_says_ms')}, quantiser {found.get('qp')}"
        )

    @property
    def names(self) -> list[str]:
        return list(self.done[0])

    def of(self, name: str) -> list[Round]:
        return [found[name] for found in self.done]

    def kinds(self) -> dict[str, dict[str, Any]]:
        return {name: self.kind(self.of(name)) for name in self.names}

    def not_comparable(self) -> dict[str, str]:
        """The kinds that showed another size than the camera's, and which."""
        return {
            name: size
            for found in self.done
            for name, one in found.items()
            if (size := one["size"]) != "{}x{}".format(*self.size)
        }

    def kind(self, rounds: list[Round]) -> dict[str, Any]:
        """One kind's figures over all rounds, and by round."""
        ages = [age for one in rounds for age in one["ages"]]
        return {
            "p50_ms": round(percentile(ages, 50), 1),
            "p99_ms": round(percentile(ages, 99), 1),
            "pictures": len(ages),
            "pictures_a_second": round(statistics.mean(one["rate"] for one in rounds), 1),
            "longest_without_new_ms": round(max(one["longest_ms"] for one in rounds)),
            **_freezes(rounds),
            "size": sorted({one["size"] for one in rounds}),
            "mbit_s": round(statistics.mean(one["bits"] for one in rounds) / 1e6, 3),
            "ssim": _mean([one for found in rounds for one in found.get("likenesses", [])]),
            "by_round": [
                {
                    "p50_ms": round(percentile(one["ages"], 50), 1),
                    "p99_ms": round(percentile(one["ages"], 99), 1),
                    "mbit_s": round(one["bits"] / 1e6, 3),
                    **_freezes([one]),
                    "headroom": round(one["headroom"], 2),
                    "idle_before": round(one["idle_before"], 2),
                    "page_says_ms": one.get("page_says_ms"),
                    "quantiser": one.get("qp"),
                    "ssim": _mean(one.get("likenesses", [])),
                    "misread": one["misread"],
                    "clocks_apart_ms": round(one["clocks_apart_ms"], 2),
                }
                for one in rounds
            ],
        }

    def ratio(self, over: str, under: str, figure: str = "ages") -> dict[str, Any]:
        """The middle round's ratio of a figure's p50 and p99, and the least and the greatest."""
        told: dict[str, Any] = {}
        for q in (50, 99):
            each = [
                percentile(found[over][figure], q) / percentile(found[under][figure], q)
                for found in self.done
            ]
            told[f"p{q}"] = round(statistics.median(each), 2)
            told[f"p{q}_range"] = [round(min(each), 2), round(max(each), 2)]
        if all(found[name].get("likenesses") for found in self.done for name in (over, under)):
            apart = [
                statistics.mean(found[over]["likenesses"]) - statistics.mean(found[under]["likenesses"])
                for found in self.done
            ]
            told["ssim_more"] = round(statistics.median(apart), 4)
            told["ssim_more_range"] = [round(min(apart), 4), round(max(apart), 4)]
        if "bits" in self.done[0][over]:
            bits = [found[over]["bits"] / found[under]["bits"] for found in self.done]
            told["bitrate"] = round(statistics.median(bits), 3)
        return told


def kinds_table(kinds: Mapping[str, dict[str, Any]], *, freezes: bool = False) -> str:
    """Pictures by kind. freezes: with how often nothing new was shown for long."""
    head = ["", "p50", "p99", "shown/s", "longest"]
    head += [f">{limit} ms /min" for limit in FREEZES_MS] if freezes else []
    rows = []
    for name, kind in kinds.items():
        idle = [one["headroom"] for one in kind["by_round"]]
        row = [
            name,
            kind["p50_ms"],
            kind["p99_ms"],
            kind["pictures_a_second"],
            kind["longest_without_new_ms"],
        ]
        row += [kind[f"over_{limit}_ms_a_minute"] for limit in FREEZES_MS] if freezes else []
        ssim = "-" if kind["ssim"] is None else f"{kind['ssim']:.3f}"
        rows.append([*row, kind["mbit_s"], ssim, f"{min(idle):.0%} to {max(idle):.0%}"])
    return table([*head, "Mbit/s", "SSIM", "headroom"], rows)


def ratios_table(ratios: Mapping[str, dict[str, Any]]) -> str:
    rows = [
        [
            name,
            ratio["p50"],
            "{} to {}".format(*ratio["p50_range"]),
            ratio["p99"],
            "{} to {}".format(*ratio["p99_range"]),
            ratio.get("bitrate", "-"),
        ]
        for name, ratio in ratios.items()
    ]
    return table(["ratio, middle round", "p50", "range", "p99", "range", "bitrate"], rows)


def _freezes(rounds: Sequence[Round]) -> dict[str, float]:
    """How often a minute nothing new was shown for longer than each limit."""
    minutes = sum(one["ended"] - one["began"] for one in rounds) / 60
    gaps = [gap for one in rounds for gap in one["gaps_ms"]]
    return {
        f"over_{limit}_ms_a_minute": round(sum(gap > limit for gap in gaps) / minutes, 1)
        for limit in FREEZES_MS
    }


def _mean(values: Sequence[float]) -> float | None:
    return round(statistics.mean(values), 4) if values else None


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
