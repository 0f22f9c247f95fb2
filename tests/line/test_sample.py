"""A MoQ frame and the sample in it (L7)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.vectors import load
from vivavoce.errors import PeerError
from vivavoce.line.sample import MAX_SAMPLE_BYTES, decode_frame, encode_frame


@pytest.mark.parametrize("vector", load("sample"))
def test_vector(vector: dict[str, Any]) -> None:
    frame = bytes.fromhex(vector["input"]["frame"])
    if vector["expect"] != "ok":
        with pytest.raises(PeerError) as caught:
            decode_frame(frame)
        assert caught.value.code == vector["expect"]
        return
    timestamp_us, data = decode_frame(frame)
    assert str(timestamp_us) == vector["output"]["timestamp_us"]
    assert data.hex() == vector["output"]["data"]
    rewritten = vector["output"].get("rewritten", vector["input"]["frame"])
    assert encode_frame(timestamp_us, data).hex() == rewritten


@settings(deadline=None)  # a busy machine is no failure
@given(st.integers(0, (1 << 62) - 1), st.binary(max_size=64))
def test_what_is_written_is_read_back(timestamp_us: int, data: bytes) -> None:
    assert decode_frame(encode_frame(timestamp_us, data)) == (timestamp_us, data)


@pytest.mark.parametrize("timestamp_us", [-1, 1 << 62])
def test_a_timestamp_out_of_range_is_never_written(timestamp_us: int) -> None:
    with pytest.raises(ValueError, match="outside"):
        encode_frame(timestamp_us, b"")


def test_a_frame_over_the_limit_is_refused_and_one_at_the_limit_is_not() -> None:
    assert len(decode_frame(encode_frame(0, bytes(MAX_SAMPLE_BYTES)))[1]) == MAX_SAMPLE_BYTES
    with pytest.raises(PeerError, match=r"line\.sample"):
        decode_frame(encode_frame(0, bytes(MAX_SAMPLE_BYTES + 8)))
