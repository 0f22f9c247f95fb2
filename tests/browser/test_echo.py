"""Promise: what the other side says comes out of the loudspeaker and does not come back by the microphone.

A real browser on a real stage, in a room whose microphone hears the loudspeaker and nothing else. The same
without echo cancellation shows that the room echoes.
"""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import Chromium
from tests.browser.conftest import Discussion
from tests.browser.room import NoRoomError, Room, room

LEAST_DB = 30.0
LISTENING_MS = 3_000
WINDOWS = 12

SPEAKS = """(() => {
    // Noise in syllables, as loud as a voice: a tone would be no test for what tells echo from speech.
    const before = navigator.mediaDevices.getUserMedia;
    navigator.mediaDevices.getUserMedia = async (constraints) => {
        const stream = new MediaStream();
        const seen = constraints.video ? await before({ video: constraints.video }) : new MediaStream();
        for (const track of seen.getTracks()) stream.addTrack(track);
        if (constraints.audio) {
            const context = new AudioContext({ sampleRate: 48000 });
            const noise = new AudioBuffer({ length: 3 * 48000, sampleRate: 48000 });
            const samples = noise.getChannelData(0);
            let seed = 1;
            for (let at = 0; at < samples.length; at++) {
                seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
                const syllable = Math.max(0, Math.sin((2 * Math.PI * 3 * at) / 48000));
                samples[at] = (seed / 2 ** 31 - 1) * syllable;
            }
            const source = new AudioBufferSourceNode(context, { buffer: noise, loop: true });
            const voice = new BiquadFilterNode(context, { type: "bandpass", frequency: 1000, Q: 0.7 });
            const out = context.createMediaStreamDestination();
            source.connect(voice).connect(new GainNode(context, { gain: 0.5 })).connect(out);
            source.start();
            stream.addTrack(out.stream.getAudioTracks()[0]);
        }
        return stream;
    };
})();"""

HEARS = """(() => {
    // The painted camera, and the room's own microphone.
    const painted = navigator.mediaDevices.getUserMedia;
    navigator.mediaDevices.getUserMedia = async (constraints) => {
        const stream = new MediaStream();
        const seen = constraints.video ? await painted({ video: constraints.video }) : new MediaStream();
        for (const track of seen.getTracks()) stream.addTrack(track);
        if (constraints.audio) {
            globalThis.__microphone = (await __real({ audio: constraints.audio })).getAudioTracks()[0];
            stream.addTrack(__microphone);
        }
        return stream;
    };
})();"""

LEVEL = """async ([plain, ms]) => {
    const track = plain
        ? (await __real({ audio: { echoCancellation: false } })).getAudioTracks()[0]
        : __microphone.clone();
    const reader = new MediaStreamTrackProcessor({ track }).readable.getReader();
    let sum = 0;
    let count = 0;
    for (const until = performance.now() + ms; performance.now() < until; ) {
        const { value, done } = await reader.read();
        if (done) break;
        const samples = new Float32Array(value.numberOfFrames);
        value.copyTo(samples, { planeIndex: 0, format: "f32-planar" });
        for (const sample of samples) sum += sample * sample;
        count += samples.length;
        value.close();
    }
    track.stop();
    return Math.sqrt(sum / count);
}"""


@pytest.fixture(name="in_room")
def _in_room(tmp_path: Path) -> object:
    try:
        with room(tmp_path / "room") as made:
            yield made
    except NoRoomError as error:
        pytest.skip(str(error))


def go_on_air(page: Page, url: str) -> None:
    page.goto(url)
    page.get_by_role("button", name="Go on air").click()
    expect(page.get_by_text("You are on air", exact=False).first).to_be_visible()


def test_what_the_loudspeaker_plays_does_not_come_back(
    in_room: Room, discussion: Discussion, browsers: Chromium
) -> None:
    listening = browsers.context(size=(160, 90), rate=5, executable=in_room.browser, audible=True)
    # The painted camera has taken the place of what is real: its prototype still has it.
    listening.add_init_script(
        "globalThis.__real = MediaDevices.prototype.getUserMedia.bind(navigator.mediaDevices);" + HEARS
    )
    speaking = browsers.context(size=(160, 90), rate=5)
    speaking.add_init_script(SPEAKS)
    north, south = listening.new_page(), speaking.new_page()
    for page, side in ((north, "north"), (south, "south")):
        browsers.listen(page)
        go_on_air(page, discussion.stage_url(side))
    assert north.evaluate("__microphone.getSettings().echoCancellation") is True
    # It learns the room; how soon depends on how regularly a busy machine lets it listen.
    without = 0.0
    for _ in range(WINDOWS):
        with_it = float(north.evaluate(LEVEL, [False, LISTENING_MS]))
        without = float(north.evaluate(LEVEL, [True, LISTENING_MS]))
        down_db = 20 * math.log10(max(without, 1e-9) / max(with_it, 1e-9))
        if down_db > LEAST_DB:
            break
    assert 20 * math.log10(max(without, 1e-9)) > -50, "the room does not echo: this would prove nothing"
    assert down_db > LEAST_DB, f"echo is down by {down_db:.1f} dB only"
