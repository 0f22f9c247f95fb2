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
from vivavoce.seal.cbor import decode, encode
from vivavoce.seal.config import parse_config
from vivavoce.seal.envelope import open_envelope, purpose
from vivavoce.seal.seal import parse_seal
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
