"""What echo cancellation adds to a microphone's delay.

Chromium's stand-in microphone plays a file from its first sample on, anew for each track. Read without echo
cancellation the sound begins at once; with it, later, by what the canceller's filters hold back. How long a
block then takes from the device's time to the page is compared as well: both together are what it adds.
"""

from __future__ import annotations

import wave
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Route
from tests.browser.chromium import Chromium

from bench.parts.hearing import BURST, EVERY, LEAST_LIKENESS, RATE, Samples, above_tone, find, signal

_PAGE = "http://localhost/microphone"
_BLOCKS = 300
"""Three seconds."""

_READ = f"""async () => {{
    const read = async (echoCancellation) => {{
        const audio = {{ echoCancellation, noiseSuppression: false, autoGainControl: false }};
        const stream = await navigator.mediaDevices.getUserMedia({{ audio }});
        const [track] = stream.getAudioTracks();
        const reader = new MediaStreamTrackProcessor({{ track, maxBufferSize: 200 }}).readable.getReader();
        const waits = [];
        const samples = [];
        let rate = 0;
        for (let block = 0; block < {_BLOCKS}; block++) {{
            const {{ value: sound }} = await reader.read();
            waits.push(performance.now() - sound.timestamp / 1000);
            const plane = new Float32Array(sound.numberOfFrames);
            sound.copyTo(plane, {{ planeIndex: 0, format: "f32-planar" }});
            samples.push(...plane);
            rate = sound.sampleRate;
            sound.close();
        }}
        const said = track.getSettings().echoCancellation;
        track.stop();
        return {{ waits, samples, rate, said }};
    }};
    return {{ off: await read(false), on: await read(true) }};
}}"""


def echo_part(browsers: Chromium, folder: Path) -> dict[str, Any]:
    """adds_ms, and why_not instead where this browser has no such microphone."""
    said = folder / "said.wav"
    with wave.open(str(said), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((signal() * 32767).astype("<i2").tobytes())
    context = browsers.context(
        own_camera=True, audible=True, arguments=[f"--use-file-for-fake-audio-capture={said}"]
    )

    def put(route: Route) -> None:
        route.fulfill(body="<!doctype html><title>microphone</title>", content_type="text/html")

    context.route(f"{_PAGE}/**", put)
    page = context.new_page()
    page.goto(f"{_PAGE}/page.html")
    told = page.evaluate(_READ)
    page.close()
    if told["on"]["said"] is False or told["off"]["said"] is not False:
        return {"why_not": "this browser's stand-in microphone has no echo cancellation to switch"}
    held = {name: _held_ms(np.array(one["samples"]), one["rate"]) for name, one in told.items()}
    if None in held.values():
        return {"why_not": "what was said was not found in what was read"}
    # The quickest blocks: what is more is the page's own waiting.
    waits = {name: float(np.percentile(one["waits"], 25)) for name, one in told.items()}
    off, on = held["off"], held["on"]
    assert off is not None
    assert on is not None
    return {
        "adds_ms": round(on - off + waits["on"] - waits["off"], 1),
        "filters_ms": round(on - off, 1),
        "waiting_ms": round(waits["on"] - waits["off"], 1),
    }


def _held_ms(samples: Samples, rate: int) -> float | None:
    """How late in the track the signal is, ms: the middle of its bursts'; None when they are not there."""
    if rate != RATE:
        at = np.arange(int(len(samples) * RATE / rate)) * rate / RATE
        samples = np.interp(at, np.arange(len(samples)), samples)
    band = above_tone(samples)
    places = []
    for start in range(0, len(samples) - EVERY, EVERY):
        # From the file's own loop: three seconds are within it.
        place, likeness = find(band[start : start + EVERY], above_tone(signal()[start : start + BURST]))
        if likeness >= LEAST_LIKENESS:
            places.append(place)
    return float(np.median(places)) * 1000 / RATE if places else None
