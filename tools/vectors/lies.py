"""What somebody did to a side's samples: none of it is ever verified as if nothing had been."""

from __future__ import annotations

from collections.abc import Iterator

from tools.vectors.changes import drop, extended_by, flip, is_sample
from tools.vectors.show import Scene, on_air


def lies() -> Iterator[Scene]:
    bit = on_air(1_000).change(lambda e: flip(e) if is_sample(e, "hd.1", 1, 3) else e)
    yield "bit_of_a_picture", "a bit of a picture", "V2", bit
    yield (
        "bit_of_sound",
        "a bit of a packet",
        "V2",
        on_air(1_000).change(lambda e: flip(e) if is_sample(e, "floor.1", 12) else e),
    )
    yield (
        "recovered",
        "five good seals afterwards, and the mark stays",
        "V7",
        on_air(3_500).change(lambda e: flip(e) if is_sample(e, "hd.1", 1, 3) else e),
    )
    yield (
        "timestamp",
        "a picture shown a millisecond later",
        "V2",
        on_air(1_000).change(lambda e: [*e[:5], e[5] + 1_000, *e[6:]] if is_sample(e, "hd.1", 1, 3) else e),
    )
    yield (
        "not_key",
        "a key picture that is told to be none",
        "V2",
        on_air(1_000).change(lambda e: [*e[:6], 0, e[7]] if is_sample(e, "hd.1", 1, 0) else e),
    )
    swapped = on_air(1_000)
    first, second = (next(e for e in swapped.events if is_sample(e, "hd.1", 1, at)) for at in (3, 4))
    first[7], second[7] = second[7], first[7]
    yield "swapped", "two pictures in each other's place", "V2", swapped
    doubled = on_air(1_600).change(lambda e: [e, flip(e)] if is_sample(e, "hd.1", 1) else e)
    yield "doubled", "each picture twice, and the second another", "V2", doubled
    again = on_air(2_000)
    again.events += [[2_010_000, *flip(e)[1:]] for e in on_air(1_000).events if is_sample(e, "hd.1", 1)]
    yield "again", "a group that was proven comes again, and is another", "V2", again
    other = on_air(1_000, sd=True)
    yield (
        "other_rendition",
        "the small picture in the large one's place",
        "V2",
        other.change(lambda e: [*e[:7], e[7][:8]] if is_sample(e, "hd.1", 1, 3) else e),
    )
    yield (
        "hole",
        "a picture taken out of the middle of its group",
        "V3",
        on_air(1_000).change(drop(lambda e: is_sample(e, "hd.1", 1, 3))),
    )
    yield (
        "too_many",
        "one more than the group has",
        "V5",
        on_air(1_300).change(
            lambda e: (
                [e, [e[0], "sample", "hd.1", 1, 10, e[5] + 1, 0, "00"]] if is_sample(e, "hd.1", 1, 9) else e
            )
        ),
    )
    after = on_air(1_300)
    forged = [[1_310_000 + at, "sample", "hd.1", 1, 10 + at, 1_310_000 + at, 0, "00"] for at in range(4)]
    yield (
        "after_the_group",
        "pictures after a group that was closed and proven",
        "V5",
        extended_by(after, forged),
    )
    yield (
        "foreign_group",
        "a group that nobody sealed",
        "V5",
        on_air(2_000).change(lambda e: [e[0], *e[1:3], 50 + e[3], *e[4:]] if is_sample(e, "hd.1", 2) else e),
    )
    resting = on_air(1_000)
    resting.sealer.rest(resting.hd, 2)
    resting.seal(980_000)
    forged = [
        [1_000_000 + at, "sample", "hd.1", 2, at, 1_000_000 + at, int(at == 0), "00"] for at in range(4)
    ]
    yield (
        "while_resting",
        "pictures in the empty group of a track that rests",
        "V5",
        extended_by(resting, forged),
    )
    hidden = on_air(3_000).change(drop(lambda e: is_sample(e, "hd.1") and e[3] in (2, 3)))
    hidden.events.insert(0, [500, "sample", "hd.1", 1 << 40, 0, 0, 1, "00"])
    yield "hidden", "a forged picture at the beginning hides no gap", "V4", hidden
    beside = on_air(5_000).change(
        lambda e: (
            [e, [e[0], *e[1:3], 1 << 40, e[3] * 10 + e[4], *e[5:7], "00"]] if is_sample(e, "hd.1") else e
        )
    )
    yield "beside", "a forged group that goes on beside the real ones", "V7", beside
    beyond = on_air(5_000).change(
        lambda e: (
            [e, [e[0], "sample", "hd.1", 1, 99, e[5] + 1, 0, "00"]]
            if is_sample(e, "hd.1") and e[3] > 1
            else e
        )
    )
    yield "beyond", "pictures beyond a group's end that go on coming", "V7", beyond
