"""One standard MP4 out of a record, exact to the microsecond: record.md R15 to R21."""

from __future__ import annotations

import errno
import json
import subprocess
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import pytest

from tests.fakes.samples import FRAME_US, PACKET_US, Encoded, encode_picture, encode_sound
from tests.fakes.sides import START_US, Side
from tests.record.conftest import MakeRecord
from vivavoce.errors import UnavailableError, YourInputError
from vivavoce.record.boxes import walk
from vivavoce.record.evidence import PROVENANCE_UUID
from vivavoce.record.export import Exported, export_mp4

pytestmark = pytest.mark.anyio


def ffprobe(path: Path) -> dict[str, Any]:
    done = subprocess.run(
        ["ffprobe", "-v", "error", "-show_format", "-show_streams", "-show_packets", "-of", "json", path],
        check=True,
        capture_output=True,
    )
    assert done.stderr == b""
    probed: dict[str, Any] = json.loads(done.stdout)
    return probed


def times(probed: dict[str, Any], stream: int) -> list[int]:
    return [packet["pts"] for packet in probed["packets"] if packet["stream_index"] == stream]


def decodes(path: Path) -> None:
    # Times as they are, not by the rate that ffmpeg guesses: a camera is uneven.
    exact = ["-enc_time_base", "-1"]
    done = subprocess.run(
        ["ffmpeg", "-v", "warning", "-xerror", "-i", path, "-map", "0", *exact, "-f", "null", "-"],
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")


def provenance(path: Path) -> dict[str, Any]:
    data = path.read_bytes()
    last = list(walk(data))[-1]
    assert data[last.content : last.content + 16] == PROVENANCE_UUID
    said: dict[str, Any] = json.loads(data[last.content + 16 : last.end])
    return said


def two_sides() -> list[Side]:
    """Two devices whose clocks are wrong by a day and by a year, at either end of an uneven network, and
    three languages."""
    return [
        Side(
            "north",
            [
                encode_picture("h264"),
                encode_picture("h264", width=176, height=144, name="sd.1"),
                encode_sound(),
            ],
            epoch_us=START_US - 86_400_000_000,
        ),
        Side(
            "south",
            [encode_picture("vp9"), encode_sound(language="ru-RU", pitch=160)],
            starts_us=START_US + 1_234_567,
            epoch_us=START_US + 31_536_000_000_000,
            delay_us=25_000,
            jitter_us=6_000,
        ),
        Side(
            "booth-fr",
            [encode_sound(language="fr", role="booth", interprets="north/floor", name="booth.1")],
            starts_us=START_US + 800_000,
        ),
    ]


async def test_every_side_and_language_is_a_track_of_its_own(make_record: MakeRecord, tmp_path: Path) -> None:
    exported = export_mp4(await make_record(two_sides()), tmp_path / "out.mp4")
    probed = ffprobe(tmp_path / "out.mp4")
    said = [
        (
            stream["codec_name"],
            stream["tags"]["handler_name"],
            stream["tags"].get("language", "und"),
            stream["disposition"]["default"],
        )
        for stream in probed["streams"]
    ]
    assert said == [
        ("h264", "North, picture, hd", "und", 1),
        ("h264", "North, picture, sd", "und", 0),
        ("opus", "North, floor, en", "eng", 1),
        ("vp9", "Юг, picture, hd", "und", 1),
        ("opus", "Юг, floor, ru-RU", "rus", 1),
        ("opus", "Booth fr, booth, fr, interprets north/floor", "fra", 0),
    ]
    assert probed["streams"][5]["disposition"]["dub"] == 1
    assert probed["format"]["tags"]["title"] == "A talk — Разговор"
    assert {stream["time_base"] for stream in probed["streams"]} == {"1/1000000"}
    assert [track.name for track in exported.tracks] == [name for _, name, _, _ in said]
    assert (exported.verdict, exported.gaps, exported.left_out, exported.findings) == ("unsealed", [], {}, [])
    decodes(tmp_path / "out.mp4")


async def test_timestamps_are_exact_to_the_microsecond(make_record: MakeRecord, tmp_path: Path) -> None:
    sides = two_sides()
    # A camera's clock is not a ruler: no two steps are the same.
    config, encoded = sides[0].tracks[0]
    uneven = tuple(
        replace(one, timestamp_us=one.timestamp_us + number * 7919 % 24_989)
        for number, one in enumerate(encoded)
    )
    sides[0].tracks = [(config, uneven), *sides[0].tracks[1:]]
    export_mp4(await make_record(sides), tmp_path / "out.mp4")
    probed = ffprobe(tmp_path / "out.mp4")
    said = provenance(tmp_path / "out.mp4")
    sent = [encoded for side in sides for _, encoded in side.tracks]
    for stream, encoded in enumerate(sent):
        (piece,) = said["tracks"][stream]["pieces"]
        assert [shown - piece["shift_us"] for shown in times(probed, stream)] == [
            one.timestamp_us for one in encoded
        ]
    decodes(tmp_path / "out.mp4")


async def test_sample_bytes_are_those_that_the_encoders_made(make_record: MakeRecord, tmp_path: Path) -> None:
    sides = [*two_sides(), Side("booth-ru", [encode_picture("av1", name="sd.1")])]
    export_mp4(await make_record(sides), tmp_path / "out.mp4")
    sent = [[one.data for one in encoded] for side in sides for _, encoded in side.tracks]
    sent.insert(5, sent.pop())  # `booth-ru` is known to the record only by its run, as `booth-fr` is
    sent[5:] = [sent[6], sent[5]]
    with av.open(str(tmp_path / "out.mp4")) as file:
        found: list[list[bytes]] = [[] for _ in file.streams]
        for packet in file.demux():
            if packet.size:
                found[packet.stream_index].append(bytes(packet))
        assert {stream.time_base for stream in file.streams} == {Fraction(1, 1_000_000)}
    assert found == sent


async def test_the_sides_stand_to_each_other_as_the_host_received_them(
    make_record: MakeRecord, tmp_path: Path
) -> None:
    sides = two_sides()
    exported = export_mp4(await make_record(sides), tmp_path / "out.mp4")
    probed = ffprobe(tmp_path / "out.mp4")
    arrived = [track for side in sides for track in side.samples().values()]
    for stream, samples in enumerate(arrived):
        for shown, sample in zip(times(probed, stream), samples, strict=True):
            assert abs(exported.start_us + shown - sample.received_us) < FRAME_US
    # Both of them clapped at this moment of the host's time, 25 ms apart on arrival.
    clap = [
        next(one for one in samples if one.timestamp_us + side.starts_us >= START_US + 2_000_000)
        for side, samples in ((sides[0], arrived[2]), (sides[1], arrived[4]))
    ]
    shown_apart = times(probed, 4)[clap[1].group] - times(probed, 2)[clap[0].group]
    assert abs(shown_apart - (clap[1].received_us - clap[0].received_us)) < 10_000


async def test_the_header_stands_before_the_samples(make_record: MakeRecord, tmp_path: Path) -> None:
    export_mp4(await make_record(two_sides()), tmp_path / "out.mp4")
    data = (tmp_path / "out.mp4").read_bytes()
    assert [box.kind for box in walk(data)] == [b"ftyp", b"moov", b"mdat", b"uuid"]


async def test_a_side_that_came_back_goes_on_in_its_tracks(make_record: MakeRecord, tmp_path: Path) -> None:
    tracks = [encode_picture("h264"), encode_sound()]
    first = Side("north", tracks, run="0" * 16)
    second = Side("north", tracks, run="1" * 16, starts_us=START_US + 7_000_000, epoch_us=3)
    exported = export_mp4(await make_record([first, second]), tmp_path / "out.mp4")
    assert [(track.name, track.samples) for track in exported.tracks] == [
        ("North, picture, hd", 240),
        ("North, floor, en", 400),
    ]
    probed = ffprobe(tmp_path / "out.mp4")
    pictures = times(probed, 0)
    assert abs(pictures[120] - 7_000_000) < FRAME_US
    decodes(tmp_path / "out.mp4")


async def test_what_a_decoder_would_trip_over_is_a_track_of_its_own(
    make_record: MakeRecord, tmp_path: Path
) -> None:
    small, large = encode_picture("h264", width=176, height=144, name="hd.2"), encode_picture("h264")
    later = tuple(replace(one, timestamp_us=one.timestamp_us + 5_000_000) for one in small[1])
    record = await make_record([Side("north", [large, (small[0], later)])])
    exported = export_mp4(record, tmp_path / "out.mp4")
    assert [(track.samples, track.from_us > 4_000_000) for track in exported.tracks] == [
        (120, False),
        (120, True),
    ]
    decodes(tmp_path / "out.mp4")


async def test_missing_sound_is_filled_with_packets_that_say_so(
    make_record: MakeRecord, tmp_path: Path
) -> None:
    def lose(name: str, group: int, _index: int) -> bool:
        return 50 <= group < 125 or group == 150

    exported = export_mp4(await make_record([Side("north", [encode_sound()], lose=lose)]), tmp_path / "o.mp4")
    (track,) = exported.tracks
    assert (track.samples, track.filled) == (124, 76)
    assert [(gap["from_group"], gap["to_group"], gap["why"]) for gap in exported.gaps] == [
        (50, 124, "missing"),
        (150, 150, "missing"),
    ]
    pieces = provenance(tmp_path / "o.mp4")["tracks"][0]["pieces"]
    assert [(piece.get("filled", False), piece["samples"]) for piece in pieces] == [
        (False, 50),
        (True, 75),
        (False, 25),
        (True, 1),
        (False, 49),
    ]
    probed = ffprobe(tmp_path / "o.mp4")
    assert times(probed, 0) == [number * PACKET_US for number in range(200)]
    decodes(tmp_path / "o.mp4")


async def test_what_does_not_decode_is_left_out_and_counted(make_record: MakeRecord, tmp_path: Path) -> None:
    def lose(name: str, group: int, index: int) -> bool:
        return (group == 1 and index == 10) or (group == 2 and index == 0)

    record = await make_record([Side("north", [encode_picture("h264")], lose=lose)])
    exported = export_mp4(record, tmp_path / "out.mp4")
    assert exported.left_out == {"after a hole in its group": 19 + 29}
    assert exported.tracks[0].samples == 30 + 10 + 30
    assert {gap["why"] for gap in exported.gaps} >= {"cut"}
    decodes(tmp_path / "out.mp4")


@pytest.mark.parametrize(
    ("timestamps", "reason"),
    [
        ([0, 20_000, 20_000, 60_000], "its time does not rise"),
        ([*range(0, 3_000_000, 20_000), 1 << 61, (1 << 61) + 1], "its time is far from its arrival"),
    ],
)
async def test_times_that_mean_nothing_do_no_harm(
    make_record: MakeRecord, tmp_path: Path, timestamps: list[int], reason: str
) -> None:
    config, encoded = encode_sound()
    odd = [Encoded(at, True, one.data) for at, one in zip(timestamps, encoded, strict=False)]

    class Arriving(Side):
        def samples(self) -> Any:
            made = super().samples()
            return {
                name: [replace(one, received_us=START_US + 20_000 * at) for at, one in enumerate(track)]
                for name, track in made.items()
            }

    good = Side("south", [encode_picture("h264"), encode_sound()])
    exported = export_mp4(await make_record([Arriving("north", [(config, odd)]), good]), tmp_path / "out.mp4")
    assert reason in exported.left_out
    assert exported.seconds < 10
    assert [track.samples for track in exported.tracks if track.seat == "south"] == [120, 200]
    decodes(tmp_path / "out.mp4")


async def test_a_turned_picture_is_shown_upright(make_record: MakeRecord, tmp_path: Path) -> None:
    config, encoded = encode_picture("h264")
    record = await make_record([Side("north", [(replace(config, rotation=90), encoded)])])
    export_mp4(record, tmp_path / "out.mp4")
    (stream,) = ffprobe(tmp_path / "out.mp4")["streams"]
    assert [data["rotation"] for data in stream["side_data_list"]] == [-90]  # ffprobe counts the other way


async def test_each_file_of_the_record_plays_as_it_lies_there(make_record: MakeRecord) -> None:
    sides = [*two_sides(), Side("booth-ru", [encode_picture("av1", name="sd.1")])]
    record = await make_record(sides)
    for side in sides:
        for config, encoded in side.tracks:
            path = record / side.seat / side.run / f"{config.name}.mp4"
            assert times(ffprobe(path), 0) == [one.timestamp_us for one in encoded]
            decodes(path)


async def test_a_record_without_a_sample_is_empty(make_record: MakeRecord, tmp_path: Path) -> None:
    record = await make_record([])
    with pytest.raises(YourInputError) as caught:
        export_mp4(record, tmp_path / "out.mp4")
    assert caught.value.code == "record.empty"
    assert not (tmp_path / "out.mp4").exists()


async def test_a_full_disk_leaves_nothing_half_written(
    make_record: MakeRecord, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = await make_record([Side("north", [encode_sound(seconds=1)])])
    out = tmp_path / "out"
    out.mkdir()

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(UnavailableError) as caught:
        export_mp4(record, out / "out.mp4")
    assert caught.value.code == "disk.full"
    assert list(out.iterdir()) == []


@pytest.mark.parametrize("name", [".", "missing/out.mp4"])
async def test_a_place_that_cannot_be_a_file_is_said(
    make_record: MakeRecord, tmp_path: Path, name: str
) -> None:
    with pytest.raises(YourInputError) as caught:
        export_mp4(await make_record([]), tmp_path / name)
    assert caught.value.code == "input.option"


async def test_progress_reaches_its_end(make_record: MakeRecord, tmp_path: Path) -> None:
    reading: list[tuple[int, int]] = []
    writing: list[tuple[int, int]] = []
    exported: Exported = export_mp4(
        await make_record(two_sides()),
        tmp_path / "out.mp4",
        reading=lambda done, total: reading.append((done, total)),
        writing=lambda done, total: writing.append((done, total)),
    )
    assert reading[-1][0] == reading[-1][1]
    assert writing[-1][0] == writing[-1][1] < exported.size == (tmp_path / "out.mp4").stat().st_size
