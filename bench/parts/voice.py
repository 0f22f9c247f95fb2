"""Mouth to ear: what one page says and another one plays, heard and judged.

The pages come from contexts with the known signal (`reading_context(sound=True)`).
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np
from playwright.sync_api import Page

from bench.parts.figures import Headroom
from bench.parts.hearing import Track, Verdict, judge, track
from bench.parts.pages import REPORT

Sound = dict[str, Any]

ELEMENT, NODE, PAGE = "element", "node", "page"
"""What a call's <video> plays, the same by Web Audio, and what a page of the product plays."""

_TAKE_S = 15.0
"""How much a page keeps before it is asked for it."""

_COUNTS = ("hiddenMs", "silentMs", "stretchedMs", "droppedMs", "late", "lost")


def listen(page: Page, *, call: bool) -> None:
    """Begin to hear what a page plays: the product's loudspeaker, or both ways of playing a call."""
    if not call:
        page.evaluate("__benchHearing.listen()")
        return
    page.wait_for_function("globalThis.__callRemote?.getAudioTracks().length > 0")
    page.evaluate(
        f"""async () => {{
            const [track] = __callRemote.getAudioTracks();
            __benchHearing.listenToTrack("{ELEMENT}", track);
            await __benchHearing.listenToStream("{NODE}", new MediaStream([track]));
        }}"""
    )


def hear(speaker: Page, listener: Page, seconds: float, *, warm_s: float = 0.0) -> dict[str, Sound]:
    """What each ear of `listener` heard of `speaker` for so long, after `warm_s` that are left out.

    Raises ValueError when an ear heard nothing at all.
    """
    listener.wait_for_timeout(warm_s * 1000)
    headroom = Headroom.start()
    began = time.time()
    said: list[dict[str, Any]] = []
    heard: dict[str, list[dict[str, Any]]] = {}
    before = _self_told(listener)
    while (left := seconds - (time.time() - began)) > 0:
        listener.wait_for_timeout(min(left, _TAKE_S) * 1000)
        said += speaker.evaluate("__benchHearing.said()")
        for number, one in enumerate(listener.evaluate("__benchHearing.heard()")):
            heard.setdefault(f"{one['name']} {number}", []).append(one)
    idle = headroom.stop()
    after = _self_told(listener)
    mouth = track(said)
    told: dict[str, Sound] = {}
    ears: dict[str, list[Track]] = {}
    for parts in heard.values():
        if any(part["stamps"] for part in parts):
            one = track(parts)
            ears.setdefault(one.name, []).append(one)
    for name, several in ears.items():
        # A page may have contexts that play nothing: the one that sounds is meant.
        ear = max(several, key=lambda one: float((one.samples**2).sum()))
        verdict = judge(mouth, ear, began * 1000, (began + seconds) * 1000)
        told[name] = {
            **_round(verdict, ear, name == ELEMENT, before, after),
            "headroom": idle,
            "began": began,
            "ended": began + seconds,
            "rate": _rate(ear),
        }
    return told


def _rate(ear: Track) -> float:
    """The output device's pace, of real time: one that does not keep time shows here. From the second second
    on: what a track had waiting at first comes at once."""
    begin = int(np.searchsorted(ear.walls_ms, ear.walls_ms[0] + 1000))
    frames, walls = ear.frames[begin:], ear.walls_ms[begin:]
    return float((frames[-1] - frames[0]) / (walls[-1] - walls[0]) / 48) if len(walls) > 1 else float("nan")


def _self_told(page: Page) -> Sound:
    if page.evaluate("typeof globalThis.__peer") == "object":
        return dict(page.evaluate("__callHeard()"))
    return {"report": page.evaluate(REPORT)}


def _round(verdict: Verdict, ear: Track, element: bool, before: Sound, after: Sound) -> Sound:
    own: Sound = {}
    output_ms = ear.output_ms
    if "inbound" in after:
        own = {
            name: after["inbound"].get(name, 0) - before.get("inbound", {}).get(name, 0)
            for name in (
                "concealedSamples",
                "silentConcealedSamples",
                "insertedSamplesForDeceleration",
                "removedSamplesForAcceleration",
                "totalSamplesReceived",
                "packetsLost",
                "jitterBufferDelay",
                "jitterBufferEmittedCount",
                "bytesReceived",
            )
        }
        if element and "playout" in after:
            played = {
                name: after["playout"][name] - before.get("playout", {}).get(name, 0)
                for name in ("totalPlayoutDelay", "totalSamplesCount")
            }
            if played["totalSamplesCount"]:
                output_ms = played["totalPlayoutDelay"] / played["totalSamplesCount"] * 1000
    elif isinstance(after.get("report"), dict):
        own = dict(after["report"])
        then = ((before.get("report") or {}).get("sound")) or {}
        # Counts are of the time since sound was switched on; the others are of now.
        own["sound"] = {
            name: value - then.get(name, 0) if name in _COUNTS else value
            for name, value in (own.get("sound") or {}).items()
        }
    return {
        "ages": verdict.ages_ms,
        "said": verdict.said_ms,
        "lost": verdict.lost,
        "silent_ms": verdict.silent_ms,
        "longest_silent_ms": verdict.longest_silent_ms,
        "steps": verdict.steps,
        "likeness": verdict.likeness,
        "seconds": verdict.seconds,
        "output_ms": output_ms,
        "own": own,
    }
