"""Encoders: what comes out decodes, at once, from the configuration and the samples alone."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from tests.terminal.media import decoded
from vivavoce.errors import PeerError
from vivavoce.line import h264
from vivavoce.line.catalog import Catalog, Devices
from vivavoce.line.encode import OPUS_SAMPLES, PictureEncoder, SoundEncoder
from vivavoce.line.sources.source import Packet, Tracks

EPOCH_US = 1_795_293_840_000_000


def painted(
    index: int, width: int = 160, height: int = 96
) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    picture = np.zeros((height, width, 3), dtype=np.uint8)
    picture[:, : (index * 3) % width] = (200, 120, 40)
    return picture


def pictures(count: int, interval_us: int = 33_333, **options: object) -> tuple[Tracks, list[Packet]]:
    encoder = PictureEncoder(width=160, height=96, framerate=30, bitrate=400_000)
    packets = []
    for index in range(count):
        made = encoder.encode(painted(index), EPOCH_US + index * interval_us)
        assert len(made) == 1, "a picture in, its sample out"
        packets += [Packet("hd.1", one.timestamp_us, one.key, one.data) for one in made]
    return Tracks((encoder.config("hd.1"),), Devices()), packets


def test_every_picture_comes_out_at_once_with_its_own_time_and_decodes() -> None:
    tracks, packets = pictures(90)
    assert [packet.at_us for packet in packets] == [EPOCH_US + index * 33_333 for index in range(90)]
    frames = decoded(tracks, packets, "hd.1")
    assert len(frames) == 90
    shown = frames[40].to_ndarray(format="rgb24").astype(int)
    assert np.abs(shown - painted(40)).mean() < 12, "colours and place survive"


@pytest.mark.parametrize("interval_us", [16_667, 33_333, 100_000, 700_000])
def test_key_pictures_come_at_least_every_two_seconds_however_slow_the_pictures(interval_us: int) -> None:
    _, packets = pictures(max(8, 5_000_000 // interval_us), interval_us)
    keys = [packet.at_us for packet in packets if packet.key]
    assert packets[0].key
    assert all(later - earlier <= 2_000_000 + interval_us // 2 for earlier, later in itertools.pairwise(keys))


def test_a_key_picture_comes_when_asked() -> None:
    encoder = PictureEncoder(width=160, height=96, framerate=30, bitrate=400_000)
    keys = []
    for index in range(20):
        if index == 7:
            encoder.want_key()
        keys += [index for one in encoder.encode(painted(index), index * 33_333) if one.key]
    assert keys == [0, 7]


def test_the_catalogue_takes_what_the_encoders_say_of_themselves() -> None:
    picture = PictureEncoder(width=160, height=96, framerate=30, bitrate=400_000).config("hd.1")
    sound = SoundEncoder().config("floor.1", language="en")
    catalog = Catalog(run="0" * 16, epoch_us=0, tracks={"hd.1": picture, "floor.1": sound})
    assert Catalog.parse(catalog.to_json()).tracks == catalog.tracks
    assert picture.codec.startswith("avc1.")
    assert picture.description[4] & 3 == 3, "lengths of four bytes"


def test_samples_hold_length_prefixed_units_and_no_parameter_sets() -> None:
    _, packets = pictures(5)
    for packet in packets:
        units = h264.units_in(packet.data, prefixed=True)
        assert sum(len(unit) + 4 for unit in units) == len(packet.data)
        assert not {unit[0] & 0x1F for unit in units} & {7, 8, 9}


@pytest.mark.parametrize("size", [(161, 96), (160, 95), (8, 8)])
def test_a_size_that_cannot_be_encoded_is_refused(size: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="cannot be encoded"):
        PictureEncoder(width=size[0], height=size[1], framerate=30, bitrate=400_000)


def test_twenty_milliseconds_of_sound_make_one_packet_that_decodes_to_the_same_tone() -> None:
    encoder = SoundEncoder()
    packets = []
    for index in range(100):
        phase = np.arange(OPUS_SAMPLES) + index * OPUS_SAMPLES
        tone = (12_000 * np.sin(2 * np.pi * 440 * phase / 48_000)).astype(np.int16)[None]
        made = encoder.encode(tone, index * 20_000)
        assert [one.timestamp_us for one in made] == [index * 20_000]
        packets += [Packet("floor.1", one.timestamp_us, one.key, one.data) for one in made]
    tracks = Tracks((encoder.config("floor.1", language="en"),), Devices())
    sound = np.concatenate([frame.to_ndarray().ravel() for frame in decoded(tracks, packets, "floor.1")])
    peak = np.argmax(np.abs(np.fft.rfft(sound[4800:52_800].astype(np.float64))))
    assert 438 <= peak <= 442


def test_sound_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="20 ms"):
        SoundEncoder().encode(np.zeros((1, 480), dtype=np.int16), 0)


@pytest.mark.parametrize(
    ("headers", "why"),
    [
        (b"", "no parameter sets"),
        (b"\x00\x00\x00\x01\x67\x42\xc0\x1e", "no parameter sets"),
        (bytes.fromhex("0142c01efde1"), "four bytes"),
        (bytes.fromhex("0142c01efde10000"), "four bytes"),
    ],
)
def test_extradata_that_describes_no_stream_of_ours_is_refused(headers: bytes, why: str) -> None:
    with pytest.raises(PeerError, match=why) as caught:
        h264.description_of(headers)
    assert caught.value.code == "line.codec"


def test_units_are_found_between_start_codes_of_both_lengths() -> None:
    stream = b"\x00\x00\x00\x01\x67abc\x00\x00\x01\x68de\x00\x00\x00\x01\x65f\x00\x00"
    assert list(h264.units(stream)) == [b"\x67abc", b"\x68de", b"\x65f"]
    assert h264.length_prefixed(stream) == b"\x00\x00\x00\x02\x65f"


@pytest.mark.parametrize("cut", range(12))
def test_a_length_that_lies_ends_the_units_and_nothing_worse(cut: int) -> None:
    data = b"\x00\x00\x00\x02\x65f\x00\x00\x00\x02\x41g"
    assert len(h264.units_in(data[:cut], prefixed=True)) == (2 if cut >= 12 else 1 if cut >= 6 else 0)
