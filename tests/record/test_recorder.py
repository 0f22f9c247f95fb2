"""The recorder keeps what it is told, whatever ends it: a clean stop, a kill, a full disk."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.samples import encode_picture, encode_sound
from tests.fakes.sides import DISCUSSION, SetClock, Side, play
from tests.fakes.stores import MemoryStore
from vivavoce.errors import UnavailableError
from vivavoce.line.sink import Sink
from vivavoce.record.contents import Record, open_record
from vivavoce.record.export import export_mp4
from vivavoce.record.gaps import Gap
from vivavoce.record.journal import decode
from vivavoce.record.recorder import Recorder
from vivavoce.record.store import FileStore

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).resolve().parents[2]


def kept(record: Record) -> dict[tuple[str, str], list[bytes]]:
    """The bytes of every sample in the record, by seat and track."""
    found = {}
    for run in record.runs:
        for name, track in run.tracks.items():
            files = [path.read_bytes() for path in track.files]
            samples = track.samples
            found[run.seat, name] = [
                files[samples.file[row]][samples.offset[row] : samples.offset[row] + samples.size[row]]
                for row in range(len(samples))
            ]
    return found


async def test_every_sample_of_every_track_is_kept_untouched(tmp_path: Path) -> None:
    sides = [
        Side("north", [encode_picture("h264"), encode_sound()]),
        Side("south", [encode_picture("vp9"), encode_picture("av1", name="sd.1"), encode_sound()]),
    ]
    recorder: Sink = Recorder(tmp_path, SetClock())
    play(recorder, sides)
    assert isinstance(recorder, Recorder)
    await recorder.close()
    record = open_record(tmp_path / DISCUSSION)
    assert kept(record) == {
        (side.seat, config.name): [one.data for one in encoded]
        for side in sides
        for config, encoded in side.tracks
    }
    assert [run.ended for run in record.runs] == ["left", "left"]
    assert record.findings == []
    assert all(not track.gaps for run in record.runs for track in run.tracks.values())


async def test_groups_that_overtake_each_other_are_put_in_order(tmp_path: Path) -> None:
    sound = encode_sound(seconds=1)
    recorder = Recorder(tmp_path, SetClock())
    play(recorder, [Side("north", [sound], jitter_us=90_000)])
    await recorder.close()
    (samples,) = kept(open_record(tmp_path / DISCUSSION)).values()
    assert samples == [one.data for one in sound[1]]


async def test_a_record_can_be_read_while_it_is_written(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path, SetClock())
    play(recorder, [Side("north", [encode_sound(seconds=1)], ends=None)])
    for _ in range(200):
        await asyncio.sleep(0.02)
        if (tmp_path / DISCUSSION).exists() and sum(
            map(len, kept(open_record(tmp_path / DISCUSSION)).values())
        ) == 50:
            break
    else:
        pytest.fail("the samples never reached the disk")
    assert open_record(tmp_path / DISCUSSION).runs[0].ended is None
    await recorder.close()


async def test_closing_twice_and_telling_it_more_does_no_harm(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path, SetClock())
    assert recorder.health() == "running"
    await recorder.close()
    await recorder.close()
    play(recorder, [Side("north", [encode_sound(seconds=1)])])
    assert recorder.health() == "off"
    assert list(tmp_path.iterdir()) == []


async def test_a_disk_too_slow_costs_samples_and_not_memory_and_the_gap_is_told() -> None:
    store = MemoryStore()
    sound = encode_sound(seconds=4)
    recorder = Recorder(Path("/nowhere"), SetClock(), store=store, max_queued_bytes=20_000, min_free_bytes=0)
    store.gate.clear()
    play(recorder, [Side("north", [sound])])
    store.gate.set()
    await recorder.close()
    events, _ = decode(store.files[f"{DISCUSSION}/journal.jsonl"])
    (gap,) = [event for event in events if event["event"] == "gap"]
    assert (gap["why"], gap["to_group"]) == ("overrun", len(sound[1]) - 1)
    assert 0 < gap["samples"] == len(sound[1]) - gap["from_group"]


async def test_a_fault_in_one_discussion_stops_no_other(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    recorder = Recorder(tmp_path, SetClock())
    recorder.open_discussion("../out", {})
    play(recorder, [Side("north", [encode_sound(seconds=1)])])
    await recorder.close()
    assert len(open_record(tmp_path / DISCUSSION).runs) == 1
    assert not (tmp_path.parent / "out").exists()


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UnavailableError) as caught:
        Recorder(tmp_path / "file" / "records", SetClock())
    assert caught.value.code == "data.read_only"


KILLED = """
import sys, time
from pathlib import Path
from tests.fakes.samples import encode_picture, encode_sound
from tests.fakes.sides import SetClock, Side, play
from vivavoce.record.recorder import Recorder

class Paced:
    # hands samples on as fast as the disk takes them, so that the kill comes in the middle
    def __init__(self, recorder): self._recorder = recorder; self.count = 0
    def __getattr__(self, name): return getattr(self._recorder, name)
    def sample(self, discussion, sample):
        self._recorder.sample(discussion, sample)
        self.count += 1
        if self.count % 20 == 0: time.sleep(0.01)
        if self.count == 200: print("writing", flush=True)

recorder = Recorder(Path(sys.argv[1]), SetClock())
tracks = [encode_picture("h264"), encode_sound()]
play(Paced(recorder), [Side("north", tracks, ends=None), Side("south", tracks, ends=None)])
print("all told", flush=True)
time.sleep(60)
"""


def test_after_kill_9_everything_that_was_written_plays(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(tmp_path)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT}/src"},
        stdout=subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == b"writing\n"
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate()
    record = open_record(tmp_path / DISCUSSION)
    assert {run.seat for run in record.runs} == {"north", "south"}
    assert [run.ended for run in record.runs] == [None, None]
    sent = {"hd.1": encode_picture("h264")[1], "floor.1": encode_sound()[1]}
    for (_, name), samples in kept(record).items():
        assert samples == [one.data for one in sent[name][: len(samples)]]
    total = sum(map(len, kept(record).values()))
    assert 100 < total < 640, "killed in the middle"
    exported = export_mp4(tmp_path / DISCUSSION, tmp_path / "out.mp4")
    assert sum(track.samples for track in exported.tracks) == total
    assert len(exported.unended) == 2
    subprocess.run(
        ["ffmpeg", "-v", "warning", "-xerror", "-i", tmp_path / "out.mp4", "-map", "0", "-f", "null", "-"],
        check=True,
    )

    async def go_on() -> None:
        again = Recorder(tmp_path, SetClock())
        play(again, [Side("north", [encode_sound()], from_group=10_000)])
        await again.close()

    asyncio.run(go_on())
    after = open_record(tmp_path / DISCUSSION)
    assert sum(map(len, kept(after).values())) == total + 200
    last = record.runs[0].tracks["floor.1"].samples.group[-1]
    assert after.runs[0].tracks["floor.1"].gaps == [Gap(last, 10_000, "restart")]
    parts = [path.name for path in after.runs[0].tracks["floor.1"].files]
    assert parts == ["floor.1.mp4", "floor.1.part2.mp4"]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of two megabytes."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", disk], capture_output=True)
    if mounted.returncode:
        pytest.skip("only root may mount a disk of two megabytes: " + mounted.stderr.decode().strip())
    try:
        yield disk
    finally:
        subprocess.run(["umount", disk], check=True)


async def test_a_disk_that_fills_up_keeps_whole_samples_and_goes_on_later(small_disk: Path) -> None:
    (small_disk / "ballast").write_bytes(bytes(1_600_000))
    recorder = Recorder(small_disk, SetClock(), min_free_bytes=0)
    picture, sound = encode_picture("h264"), encode_sound()
    play(recorder, [Side("north", [picture, sound], ends=None)])
    for _ in range(300):
        await asyncio.sleep(0.02)
        if recorder.health() == "disk_full":
            break
    assert recorder.health() == "disk_full"
    full = open_record(small_disk / DISCUSSION)
    assert full.findings == [], "the files end with whole samples"
    (small_disk / "ballast").unlink()
    for _ in range(300):
        await asyncio.sleep(0.02)
        if recorder.health() == "running":
            break
    assert recorder.health() == "running"
    later = Side("north", [encode_sound(seconds=1)], run=full.runs[0].run, from_group=1000, ends="left")
    play(recorder, [later])
    await recorder.close()
    record = open_record(small_disk / DISCUSSION)
    assert record.findings == []
    gaps = {name: track.gaps for name, track in record.runs[0].tracks.items()}
    assert any(gap.why == "disk_full" for gap in gaps["hd.1"])
    assert record.runs[0].tracks["floor.1"].samples.group[-1] == 1049
    assert record.runs[0].ended == "left"


def test_an_append_that_fails_half_way_leaves_the_file_as_it_was(small_disk: Path) -> None:
    store = FileStore(small_disk)
    store.append("a/b.mp4", b"whole")
    with pytest.raises(OSError, match="space"):
        store.append("a/b.mp4", bytes(3_000_000))
    assert (small_disk / "a" / "b.mp4").read_bytes() == b"whole"
    store.append("a/b.mp4", b" again")
    store.sync()
    store.release("a/b.mp4")
    assert (small_disk / "a" / "b.mp4").read_bytes() == b"whole again"


def test_more_files_than_may_be_open_are_all_written(tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    for turn in range(2):
        for number in range(300):
            store.append(f"f{number}", bytes([turn]))
    store.sync()
    assert all((tmp_path / f"f{number}").read_bytes() == b"\0\1" for number in range(300))
    assert len(list(Path("/proc/self/fd").iterdir())) < 300 if Path("/proc").exists() else True
    for number in range(300):
        store.release(f"f{number}")


def test_a_replacement_is_all_or_nothing(small_disk: Path) -> None:
    store = FileStore(small_disk)
    store.replace("record.json", b"old")
    with pytest.raises(OSError, match="space"):
        store.replace("record.json", bytes(3_000_000))
    assert (small_disk / "record.json").read_bytes() == b"old"
    assert [path.name for path in small_disk.iterdir()] == ["record.json"]
