"""Which groups a clip takes, where pictures come unevenly: E20 of docs/formats/evidence.md."""

from __future__ import annotations

from pathlib import Path

import pytest

from vivavoce.line.trackconfig import TrackConfig
from vivavoce.record.alignment import Stretch
from vivavoce.record.configs import sealed_bytes
from vivavoce.record.contents import Record, Run, Track
from vivavoce.record.cutting import chosen_rows
from vivavoce.record.evidence import EvidenceTrack
from vivavoce.record.excess import Shown, excess
from vivavoce.record.lanes import Plan
from vivavoce.record.samples import Samples

PICTURE = TrackConfig("hd.1", "video", "avc1.42e01f", b"\x01\x42", 320, 240, framerate=30)
SOUND = TrackConfig("floor.1", "audio", "opus", sample_rate=48_000, channels=1, language="en", role="floor")


def samples(*rows: tuple[int, int, int]) -> Samples:
    """rows: group, index and the time in milliseconds."""
    made = Samples()
    for group, index, at_ms in rows:
        made.group.append(group)
        made.index.append(index)
        made.timestamp_us.append(1_000 * at_ms)
        made.duration_us.append(20_000)
        made.key.append(index == 0)
        made.size.append(1)
    return made


# A camera that was slow before the second group, and gone for three seconds after the third.
PICTURES = samples((0, 0, 0), (0, 1, 990), (1, 0, 1_000), (1, 1, 1_900), (2, 0, 2_000), (3, 0, 5_000))
PACKETS = samples(*((number, 0, 20 * number) for number in range(300)))


def chosen(from_ms: int, until_ms: int) -> tuple[list[int], list[int]]:
    """(groups of the picture, packets) of a clip."""
    run = Run("north", "1" * 16, 0)
    run.tracks = {"hd.1": Track(PICTURE, samples=PICTURES), "floor.1": Track(SOUND, samples=PACKETS)}
    record = Record(Path(), "", "", {}, [run], [])
    plan = Plan(stretches={("north", run.run): [Stretch(0, 0, 0)]})
    for name, track in run.tracks.items():
        plan.kept["north", run.run, name] = list(range(len(track.samples)))
    rows = chosen_rows(record, plan, 1_000 * from_ms, 1_000 * until_ms)
    pictures = rows.get(("north", run.run, "hd.1"), [])
    return sorted({PICTURES.group[row] for row in pictures}), rows.get(("north", run.run, "floor.1"), [])


@pytest.mark.parametrize(
    ("asked", "groups", "first_ms", "last_ms"),
    [
        ((500, 600), [0], 0, 1_000),
        ((1_000, 1_100), [1], 1_000, 2_000),
        ((1_010, 1_100), [1], 1_000, 2_000),
        ((999, 1_001), [0, 1], 0, 2_000),
        ((1_500, 2_000), [1], 1_000, 2_000),
        ((2_900, 3_100), [2], 2_000, 3_100),
        ((3_500, 4_000), [], 3_500, 4_000),
        ((4_500, 5_001), [3], 4_500, 5_040),
    ],
)
def test_groups_are_whole_and_sound_lasts_as_long(
    asked: tuple[int, int], groups: list[int], first_ms: int, last_ms: int
) -> None:
    pictures, packets = chosen(*asked)
    assert pictures == groups
    assert packets[0] * 20 <= first_ms < packets[0] * 20 + 20
    assert packets[-1] * 20 < last_ms <= packets[-1] * 20 + 20


@pytest.mark.parametrize("from_ms", range(0, 5_000, 70))
def test_what_is_chosen_is_never_more_than_its_verifier_allows(from_ms: int) -> None:
    for until_ms in (from_ms + 1, from_ms + 400, from_ms + 2_500):
        pictures, packets = chosen(from_ms, until_ms)
        tracks = []
        for config, all_samples, kept in (
            (PICTURE, PICTURES, [row for row in range(6) if PICTURES.group[row] in pictures]),
            (SOUND, PACKETS, packets),
        ):
            if kept:
                rows = [
                    (all_samples.group[r], all_samples.index[r], all_samples.timestamp_us[r]) for r in kept
                ]
                there = samples(*((group, index, at // 1_000) for group, index, at in rows))
                tracks.append(
                    Shown(EvidenceTrack(sealed_bytes(config), config, samples=there), [Stretch(0, 0, 0)])
                )
        assert list(excess(tracks, 1_000 * from_ms, 1_000 * until_ms)) == []
