"""Promise: whatever the bytes, a reader answers with a value or a documented code, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tools.vectors import show as made
from tools.vectors.form import forms

from tests.seal.test_vectors import outcome
from vivavoce.errors import CODES, EvidenceError
from vivavoce.seal.cbor import array, byte_string, decode, encode, number
from vivavoce.seal.config import parse_config
from vivavoce.seal.envelope import Envelope, open_envelope, purpose, sealed_up
from vivavoce.seal.seal import Delta, Flags, Heard, Place, Seal, parse_seal
from vivavoce.seal.statement import parse_founding, run_of
from vivavoce.seal.verdict import Verdict

FULL = dict(forms())["full"]["input"]["payload"]
SEAL = bytes.fromhex(next(one for one in made.Show().on_air(0, 400).events if one[1] == "seal")[2])

AAD = purpose("seal", made.FOUNDING.digest)
Reader = Callable[[bytes], object]

READERS: dict[str, tuple[bytes, Reader]] = {
    "a seal's payload": (bytes.fromhex(FULL), parse_seal),
    "an envelope": (SEAL, lambda raw: open_envelope(raw).check(made.public(made.RUN), AAD)),
    "a configuration": (made.HD.to_bytes(), parse_config),
    "founding facts": (made.FOUNDING.to_bytes(), parse_founding),
    "a run statement": (
        made.STATEMENT,
        lambda raw: run_of(made.FOUNDING, raw, made.public(made.DEVICE)),
    ),
}


def refused(read: Reader, raw: bytes) -> bool:
    code = outcome(lambda: read(raw))
    assert code == "ok" or code in CODES
    return code != "ok"


@pytest.mark.parametrize("name", READERS)
def test_cut_at_every_byte(name: str) -> None:
    good, read = READERS[name]
    assert not refused(read, good)
    assert all(refused(read, good[:length]) for length in range(len(good)))


@pytest.mark.parametrize("name", READERS)
def test_every_bit_of_it_turned(name: str) -> None:
    good, read = READERS[name]
    signed = name in ("an envelope", "a run statement")
    for at in range(8 * len(good)):
        raw = bytearray(good)
        raw[at // 8] ^= 1 << (at % 8)
        # What is not signed by itself may say something else; it is refused where it is signed.
        assert refused(read, bytes(raw)) or not signed


@given(st.binary(max_size=200))
def test_any_bytes_at_all(raw: bytes) -> None:
    for _, read in READERS.values():
        refused(read, raw)
    verdict = Verdict(made.FOUNDING.digest, made.RUN_ID, made.public(made.RUN), made.STATEMENT)
    verdict.seal(raw, 0)
    assert verdict.state == "broken"
    assert [one.code for one in verdict.history] == ["seal.form"]


def items(depth: int) -> st.SearchStrategy[object]:
    """Nested as deep as a seal may be, and not deeper."""
    plain = st.integers(0, (1 << 53) - 1) | st.binary(max_size=300)
    return plain if depth == 0 else plain | st.lists(items(depth - 1), max_size=5)


@given(items(6))
def test_what_is_written_is_read_back(item: Any) -> None:
    assert decode(encode(item)) == item


@given(st.binary(max_size=40))
def test_what_is_read_is_written_back(raw: bytes) -> None:
    try:
        item = decode(raw)
    except EvidenceError:
        return
    assert encode(item) == raw


NUMBERS = st.integers(0, (1 << 53) - 1)
TRACKS = st.integers(0, 255)
DIGESTS = st.binary(min_size=32, max_size=32)
HEARD = st.builds(
    Heard,
    side=TRACKS,
    run=st.binary(min_size=8, max_size=8),
    seq=NUMBERS,
    seal=DIGESTS,
    age_us=NUMBERS,
    got=st.lists(st.builds(Place, TRACKS, NUMBERS, NUMBERS), max_size=25).map(tuple),
    missing=st.lists(st.builds(Place, TRACKS, NUMBERS, st.none()), max_size=25).map(tuple),
    tag=st.binary(min_size=16, max_size=16),
)
SEALS = st.builds(
    Seal,
    seq=NUMBERS,
    prev=DIGESTS,
    clock_us=NUMBERS,
    flags=st.integers(0, 15).map(Flags),
    configs=st.lists(st.tuples(TRACKS, st.binary(max_size=300)), max_size=24).map(tuple),
    deltas=st.lists(
        st.builds(Delta, TRACKS, NUMBERS, st.integers(0, (1 << 32) - 1), st.booleans(), DIGESTS), max_size=30
    ).map(tuple),
    heard=st.lists(HEARD, max_size=2).map(tuple),
    beacon=st.none() | st.tuples(NUMBERS, st.binary(min_size=48, max_size=48)),
    head=st.none() | st.tuples(NUMBERS, DIGESTS),
    nonces=st.just(b"") | DIGESTS,
)


@given(SEALS)
def test_a_seal_that_is_written_is_read_back(seal: Seal) -> None:
    assert parse_seal(seal.to_bytes()) == seal
    assert decode(seal.to_bytes()) is not None


@given(st.lists(st.tuples(st.integers(0, len(FULL) // 2 - 1), st.integers(0, 255)), min_size=1, max_size=3))
def test_a_seal_that_is_read_is_written_back(changes: list[tuple[int, int]]) -> None:
    raw = bytearray.fromhex(FULL)
    for at, value in changes:
        raw[at] = value
    read: list[Seal] = []
    assert outcome(lambda: read.append(parse_seal(bytes(raw)))) in ("ok", "seal.form")
    assert all(seal.to_bytes() == raw for seal in read)


@given(st.integers(0, len(SEAL) - 1), st.binary(max_size=3), st.integers(0, 3))
def test_an_envelope_that_is_opened_is_closed_again(at: int, instead: bytes, of: int) -> None:
    raw = SEAL[:at] + instead + SEAL[at + of :]
    read: list[Envelope] = []
    assert outcome(lambda: read.append(open_envelope(raw))) in ("ok", "seal.form")
    assert all(sealed_up(one.kid, one.payload, one.signature) == raw for one in read)


@pytest.mark.parametrize(("read", "kind"), [(number, int), (byte_string, bytes), (array, list)])
@given(raw=st.binary(max_size=40))
def test_an_item_of_a_known_kind_is_read_as_any_would_be(
    read: Callable[[bytes, int], tuple[object, int]], kind: type, raw: bytes
) -> None:
    try:
        value, end = read(raw, 0)
    except (EvidenceError, IndexError):
        assert outcome(lambda: decode(raw)) != "ok" or not isinstance(decode(raw), kind)
        return
    if kind is list:
        # What follows is the items': stand-ins of one byte each.
        assert isinstance(value, int)
        assert value > 1000 or decode(raw[:end] + bytes(value)) == [0] * value
    else:
        assert decode(raw[:end]) == value
