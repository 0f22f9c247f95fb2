"""Sound over rounds: one measurement of each kind, and what the rounds say together."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from bench.parts.figures import percentile, table
from bench.parts.pages import Call, Product, Round
from bench.parts.voice import ELEMENT, NODE, PAGE, hear, listen

NODE_KIND = "call by Web Audio"


def product_sound(product: Product, seconds: float, warm_s: float) -> Round:
    """Mouth to ear of the product, its picture running, which is counted in `bits`."""
    with product.on_air("Mouth to ear") as (facts, stage, audience):
        listen(audience, call=False)
        found = hear(stage, audience, seconds, warm_s=warm_s)[PAGE]
    found["bits"] = product.bits(facts["id"], found["began"], found["ended"])
    return found


def call_sound(call: Call, shown: str, bitrate: float, seconds: float, warm_s: float) -> Round:
    """Mouth to ear of a call that a <video> plays; in `node` the same by Web Audio, of the same moments."""
    with call.running(shown, bitrate) as (near, far):
        listen(far, call=True)
        far.wait_for_timeout(warm_s * 1000)
        before = near.evaluate("__callSent()")
        ears = hear(near, far, seconds)
        after = near.evaluate("__callSent()")
    passed = (after["timestamp"] - before["timestamp"]) / 1000
    bits = (after["bytes"] - before["bytes"]) * 8 / passed
    return {**ears[ELEMENT], "bits": bits, NODE: {**ears[NODE], "bits": bits}}


def hidden_ms(own: Mapping[str, Any]) -> float | None:
    """Sound that a page made up for what was missing, in ms, as it counts itself; None where it does not."""
    if "concealedSamples" in own:
        return round(float(own["concealedSamples"]) / 48, 1)
    sound = own.get("sound") or {}
    value = sound.get("hiddenMs")
    return None if value is None else round(float(value), 1)


def stretched_ms(own: Mapping[str, Any]) -> float | None:
    """Sound left out or put in to play faster or slower, ms, as a page counts it; None where it does not."""
    if "insertedSamplesForDeceleration" in own:
        both = own["insertedSamplesForDeceleration"] + own["removedSamplesForAcceleration"]
        return round(float(both) / 48, 1)
    sound = own.get("sound") or {}
    value = sound.get("stretchedMs")
    return None if value is None else round(float(value), 1)


def sound_line(found: Round) -> str:
    """What is told of a measurement while the run goes on."""
    p50, p99 = (percentile(found["ages"], q) for q in (50, 99))
    return (
        f"mouth to ear p50 {p50:.1f} ms, p99 {p99:.1f} ms, silent {found['silent_ms']:.0f} ms, "
        f"hidden {hidden_ms(found['own'])} ms, headroom {found['headroom']:.0%}"
    )


def sound_kind(rounds: Sequence[Round]) -> dict[str, Any]:
    """One kind's figures over all rounds, and by round."""
    ages = [age for one in rounds for age in one["ages"]]
    seconds = sum(one["seconds"] for one in rounds)
    own = {
        name: [one for one in map(of, (found["own"] for found in rounds)) if one is not None]
        for name, of in (("hidden", hidden_ms), ("stretched", stretched_ms))
    }
    return {
        "p50_ms": round(percentile(ages, 50), 1),
        "p99_ms": round(percentile(ages, 99), 1),
        "heard": len(ages),
        "not_heard": sum(one["lost"] for one in rounds),
        "silent_ms_a_minute": round(60 * sum(one["silent_ms"] for one in rounds) / seconds, 1),
        "longest_silent_ms": max(one["longest_silent_ms"] for one in rounds),
        **{
            f"{name}_ms_a_minute": round(60 * sum(known) / seconds, 1) if len(known) == len(rounds) else None
            for name, known in own.items()
        },
        "steps_a_minute": round(60 * sum(one["steps"] for one in rounds) / seconds, 1),
        "likeness": round(statistics.median(one["likeness"] for one in rounds), 2),
        "output_ms": round(statistics.median(one["output_ms"] for one in rounds), 1),
        "device_rate": [round(of(one["rate"] for one in rounds), 4) for of in (min, max)],
        "by_round": [
            {
                "p50_ms": round(percentile(one["ages"], 50), 1),
                "p99_ms": round(percentile(one["ages"], 99), 1),
                "silent_ms": one["silent_ms"],
                "hidden_ms": hidden_ms(one["own"]),
                "own": one["own"].get("sound", one["own"]),
                "headroom": round(one["headroom"], 2),
            }
            for one in rounds
        ],
    }


def sounds_table(kinds: Mapping[str, dict[str, Any]]) -> str:
    head = ["", "p50", "p99", "+ device", "silent ms/min", "longest", "hidden ms/min", "steps/min", "lost"]
    figures = ["p50_ms", "p99_ms", "output_ms", "silent_ms_a_minute", "longest_silent_ms"]
    figures += ["hidden_ms_a_minute", "steps_a_minute", "not_heard"]
    rows = []
    for name, kind in kinds.items():
        idle = [one["headroom"] for one in kind["by_round"]]
        row = [kind[figure] if kind[figure] is not None else "-" for figure in figures]
        rows.append([name, *row, f"{min(idle):.0%} to {max(idle):.0%}"])
    return table([*head, "headroom"], rows)
