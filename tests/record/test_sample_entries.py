"""How decoders are configured in a file, and what a track's language becomes there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from vivavoce.errors import YourInputError
from vivavoce.line.trackconfig import TrackConfig
from vivavoce.record.languages import iso_639_2, packed
from vivavoce.record.sample_entries import opus_duration_us, opus_nothing, sample_duration_us, sample_entry

PICTURE = TrackConfig("hd.1", "video", "vp09.00.10.08", width=640, height=360, framerate=30.0)


@pytest.mark.parametrize(
    ("codec", "configuration"),
    [
        # version and flags, profile, level, depth chroma range, primaries, transfer, coefficients, none
        ("vp09.00.10.08", "76706343 01000000 00 0a 82 01 01 01 0000"),
        ("vp09.02.31.10.03.09.16.09.01", "76706343 01000000 02 1f a7 09 10 09 0000"),
        # marker and version, profile level, tier depth monochrome chroma, no presentation delay
        ("av01.0.04M.08", "61763143 81 04 0c 00"),
        ("av01.1.09H.10.0.000", "61763143 81 29 c0 00"),
        ("av01.0.04M.12.1", "61763143 81 04 7c 00"),
    ],
)
def test_a_picture_codec_string_becomes_its_configuration_box(codec: str, configuration: str) -> None:
    assert bytes.fromhex(configuration.replace(" ", "")) in sample_entry(replace(PICTURE, codec=codec))


def test_an_avcc_stands_in_the_entry_untouched() -> None:
    config = replace(PICTURE, codec="avc1.42e01f", description=b"\x01the side's own avcC")
    entry = sample_entry(config)
    assert entry[4:8] == b"avc1"
    assert b"avcC\x01the side's own avcC" in entry


@pytest.mark.parametrize(
    "codec",
    ["avc1.42e01f", "vp09.00.10", "vp09.x", "vp09.00.10.999", "av01.0.04M", "av01.0.04.08", "mp4a.40.2"],
)
def test_a_codec_that_cannot_stand_in_an_mp4_is_refused(codec: str) -> None:
    with pytest.raises(YourInputError) as caught:
        sample_entry(replace(PICTURE, codec=codec))
    assert caught.value.code == "line.codec"
    assert codec in caught.value.message


@pytest.mark.parametrize(
    ("packet", "lasts_us"),
    [
        (b"\xf8", 20_000),  # CELT, fullband, 20 ms, one frame
        (b"\xe0", 2_500),
        (b"\xf9", 40_000),  # two frames
        (b"\xfb\x03", 60_000),  # three frames
        (b"\x08", 20_000),  # SILK 20 ms
        (b"\x18", 60_000),  # SILK 60 ms
        (b"\x60", 10_000),  # hybrid 10 ms
        (b"", 20_000),
        (b"\xfb", 20_000),  # says that a count follows, and none does
        (b"\xfb\x3f", 20_000),  # more than 120 ms
    ],
)
def test_an_opus_packet_says_how_long_it_lasts(packet: bytes, lasts_us: int) -> None:
    assert opus_duration_us(packet) == lasts_us


def test_a_picture_lasts_as_the_rate_says() -> None:
    assert sample_duration_us(PICTURE, b"") == 33_333
    assert sample_duration_us(replace(PICTURE, framerate=0), b"") > 0


@pytest.mark.parametrize("missing_us", [0, 2_499, 2_500, 37_501, 2_000_000])
@pytest.mark.parametrize("channels", [1, 2])
def test_packets_that_say_nothing_came_last_as_long_as_asked(missing_us: int, channels: int) -> None:
    packets = list(opus_nothing(missing_us, channels))
    assert 0 <= missing_us - sum(lasts for lasts, _ in packets) < 2_500
    for lasts, packet in packets:
        assert opus_duration_us(packet) == lasts
        assert bool(packet[0] & 4) == (channels == 2)


@pytest.mark.parametrize(
    ("tag", "code"),
    [
        ("en", "eng"),
        ("ru-RU", "rus"),
        ("DE", "deu"),
        ("zh-Hant-TW", "zho"),
        ("cmn", "zho"),
        ("ar", "ara"),
        ("es-419", "spa"),
        ("tlh", "tlh"),
        ("", "und"),
        ("x-private", "und"),
        ("xx", "und"),
    ],
)
def test_a_language_tag_becomes_three_letters(tag: str, code: str) -> None:
    assert iso_639_2(tag) == code


def test_the_three_letters_are_packed_as_mdhd_wants_them() -> None:
    assert packed("") == 0x55C4  # und
    assert packed("en") == 0x15C7
