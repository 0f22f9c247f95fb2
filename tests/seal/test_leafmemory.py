"""Promise: whoever asks is given the leaves of the whole span or none, and memory is bounded."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from vivavoce.seal.leafmemory import LeafMemory


def leaf(group: int, index: int = 0) -> bytes:
    return group.to_bytes(16) + index.to_bytes(16)


def sounds(groups: range | list[int], most: int = 1_000) -> LeafMemory[str]:
    memory = LeafMemory[str](most)
    for group in groups:
        memory.add("floor.1", group, 0, leaf(group))
    return memory


def test_a_row_is_given_whole_or_not_at_all() -> None:
    memory = sounds([5, 6, 7, 9])
    assert memory.of("floor.1", 5, 3, sound=True) == (leaf(5), leaf(6), leaf(7))
    assert memory.of("floor.1", 6, 4, sound=True) is None
    assert memory.of("floor.1", 5, 0, sound=True) is None
    assert memory.of("floor.2", 5, 1, sound=True) is None


def test_of_a_picture_as_many_are_given_as_are_asked_for() -> None:
    memory = LeafMemory[str]()
    for index in range(4):
        memory.add("hd.1", 3, index, leaf(3, index))
    assert memory.of("hd.1", 3, 3, sound=False) == tuple(leaf(3, at) for at in range(3))
    assert memory.of("hd.1", 3, 5, sound=False) is None


def test_what_comes_twice_or_after_a_hole_is_left_out() -> None:
    memory = LeafMemory[str]()
    for index, told in ((0, b"a"), (0, b"b"), (2, b"c"), (1, b"d")):
        memory.add("hd.1", 3, index, told)
    assert memory.of("hd.1", 3, 2, sound=False) == (b"a", b"d")
    assert len(memory) == 2


def test_what_was_handed_fills_what_did_not_come() -> None:
    memory = sounds([5, 7])
    memory.put("floor.1", 5, [leaf(at) for at in (5, 6, 7)], sound=True)
    assert memory.of("floor.1", 5, 3, sound=True) == (leaf(5), leaf(6), leaf(7))
    memory.put("hd.1", 2, [leaf(2, at) for at in range(3)], sound=False)
    assert memory.of("hd.1", 2, 3, sound=False) == tuple(leaf(2, at) for at in range(3))


@given(
    adds=st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 9), st.integers(0, 9)), max_size=300),
    most=st.integers(1, 20),
)
def test_memory_never_grows_beyond_its_bound(adds: list[tuple[str, int, int]], most: int) -> None:
    memory = LeafMemory[str](most)
    for track, group, index in adds:
        memory.add(track, group, index, leaf(group, index))
        assert len(memory) <= most
        assert len(memory) == sum(map(len, memory._groups.values()))


def test_the_oldest_groups_are_forgotten_first() -> None:
    memory = sounds(range(30), most=10)
    assert memory.of("floor.1", 19, 1, sound=True) is None
    assert memory.of("floor.1", 20, 10, sound=True) is not None
