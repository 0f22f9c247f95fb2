"""The columns that tell of a track's samples in an MP4's evidence: docs/formats/evidence.md, E7 and E8.

What repeats is told once with how often: a second of sound is three numbers and its packets' sizes.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from itertools import groupby, pairwise, repeat
from typing import Final

from vivavoce.line.sample import MAX_SAMPLE_BYTES
from vivavoce.record.numbers import Reader, damaged, number, numbers
from vivavoce.record.samples import Samples
from vivavoce.seal.cbor import MAX_INTEGER
from vivavoce.seal.digest import DIGEST_BYTES
from vivavoce.seal.leaves import Leaves

__all__ = ["read_left", "read_samples", "write_left", "write_samples"]

_LONGEST_US: Final = 120_000
"""Of an Opus packet (RFC 6716 s.3.2)."""


def write_samples(samples: Samples, *, sound: bool) -> bytes:
    steps = [after - before for before, after in pairwise(samples.timestamp_us)]
    times = number(samples.timestamp_us[0]) + b"".join(
        numbers(sum(1 for _ in same), step) for step, same in groupby(steps)
    )
    keys = [(bool(key), sum(1 for _ in same)) for key, same in groupby(samples.key)]
    if not keys[0][0]:
        keys.insert(0, (True, 0))
    told = numbers(*(count for _, count in keys))
    places = _write_places(samples.group, samples.index)
    lengths = (
        b"".join(numbers(sum(1 for _ in same), lasts) for lasts, same in groupby(samples.duration_us))
        if sound
        else b""
    )
    return number(len(samples)) + places + times + numbers(*samples.size) + told + lengths


def _write_places(groups: Sequence[int], indexes: Sequence[int]) -> bytes:
    steps = []
    group, index = 0, -1
    for at, (next_group, next_index) in enumerate(zip(groups, indexes, strict=True)):
        same = at and next_group == group
        steps.append((next_group - group, next_index - index - 1 if same else next_index))
        group, index = next_group, next_index
    return b"".join(numbers(sum(1 for _ in same), *step) for step, same in groupby(steps))


def write_left(left: Leaves) -> bytes:
    places = _write_places(left.group, left.index)
    return number(len(left)) + places + numbers(*left.timestamp_us) + bytes(left.leaf)


def read_samples(entry: Reader, *, sound: bool) -> Samples:
    samples = Samples()
    count = entry.count(1)
    if not count:
        raise damaged("no samples are told")
    _read_places(entry, count, samples.group, samples.index)
    _read_times(entry, count, samples.timestamp_us)
    sizes = entry.numbers(count)
    if min(sizes) < 1 or max(sizes) > MAX_SAMPLE_BYTES:
        raise damaged("a sample is empty or too large")
    samples.size.extend(sizes)
    key = 1
    while len(samples.key) < count:
        same = entry.number()
        if same > count - len(samples.key) or (not same and len(samples.key)):
            raise damaged("keys are told for more samples than there are")
        samples.key.extend([key] * same)
        key = 1 - key
    if not sound:
        samples.duration_us.extend([0] * count)
    while len(samples.duration_us) < count:
        same, lasts = entry.numbers(2)
        if not 0 < same <= count - len(samples.duration_us) or not 0 < lasts <= _LONGEST_US:
            raise damaged("lengths are told for more samples than there are, or are none")
        samples.duration_us.extend([lasts] * same)
    return samples


def _read_times(entry: Reader, count: int, times: array[int]) -> None:
    at = entry.number()
    times.append(at)
    while len(times) < count:
        same, step = entry.numbers(2)
        if not 0 < same <= count - len(times) or not step:
            raise damaged("times are told for more samples than there are, or do not rise")
        first, at = at + step, at + same * step
        if at > MAX_INTEGER:
            raise damaged("a time is too far")
        times.extend(range(first, at + 1, step))


def read_left(entry: Reader) -> Leaves:
    left = Leaves()
    count = entry.count(DIGEST_BYTES)
    _read_places(entry, count, left.group, left.index)
    left.timestamp_us.extend(entry.numbers(count))
    left.leaf += entry.take(DIGEST_BYTES * count)
    return left


def _read_places(entry: Reader, count: int, groups: array[int], indexes: array[int]) -> None:
    group, index = 0, -1
    done = 0
    while done < count:
        same, group_step, index_step = entry.numbers(3)
        if not 0 < same <= count - done:
            raise damaged("places are told for more samples than there are")
        first_group, first_index = group + group_step, index_step
        if done and not group_step:
            first_index += index + 1
        group = first_group + (same - 1) * group_step
        index = first_index + (0 if group_step else (same - 1) * (1 + index_step))
        if index > 0xFFFF_FFFF or group > 1 << 53:
            raise damaged("a place is too far")
        if group_step:
            groups.extend(range(first_group, group + 1, group_step))
            indexes.extend(repeat(index, same))
        else:
            groups.extend(repeat(group, same))
            indexes.extend(range(first_index, index + 1, 1 + index_step))
        done += same
