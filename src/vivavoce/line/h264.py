"""H.264 as it travels on the line: length-prefixed units, the decoder's configuration beside them.

Source: ISO/IEC 14496-15 s.5.2.4.1 (avcC) and s.5.3.3.1.2; ITU-T H.264 annex B and s.7.3.1.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from vivavoce.errors import PeerError

__all__ = ["codec_of", "description_of", "length_prefixed", "units", "units_in"]

_SPS, _PPS, _DELIMITER = 7, 8, 9
_HIGH = frozenset({100, 110, 122, 144, 244})


def units(data: bytes) -> Iterator[bytes]:
    """The NAL units of a byte stream with start codes (annex B), without the zeros that pad them."""
    starts: list[tuple[int, int]] = []
    at = data.find(b"\x00\x00\x01")
    while at >= 0:
        starts.append((at, at + 3))
        at = data.find(b"\x00\x00\x01", at + 3)
    for index, (_, begin) in enumerate(starts):
        end = starts[index + 1][0] if index + 1 < len(starts) else len(data)
        unit = data[begin:end].rstrip(b"\x00")
        if unit:
            yield unit


def units_in(data: bytes, *, prefixed: bool) -> list[bytes]:
    """The NAL units of a sample, behind lengths of four bytes or start codes. Stops at a length that lies."""
    if not prefixed:
        return list(units(data))
    found: list[bytes] = []
    at = 0
    while at + 4 < len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        unit = data[at + 4 : at + 4 + length]
        if not length or len(unit) < length:
            break
        found.append(unit)
        at += 4 + length
    return found


def length_prefixed(data: bytes) -> bytes:
    """An encoder's annex B output as the line carries it: each unit behind its length in four bytes.

    Parameter sets and delimiters are left out: the first stand in the description, the second say nothing.
    """
    out = bytearray()
    for unit in units(data):
        if unit[0] & 0x1F not in (_SPS, _PPS, _DELIMITER):
            out += len(unit).to_bytes(4, "big") + unit
    return bytes(out)


def description_of(headers: bytes) -> bytes:
    """The avcC of an encoder's or container's extradata, in annex B or avcC already.

    Raises PeerError `line.codec` where there is no parameter set, or an avcC whose lengths are not of four
    bytes. Does not check that the parameter sets decode.
    """
    if headers[:1] == b"\x01":
        if len(headers) < 7 or headers[4] & 3 != 3:
            raise PeerError("line.codec", "The H.264 description does not use lengths of four bytes.")
        return headers
    found = list(units(headers))
    sets = [unit for unit in found if unit[0] & 0x1F == _SPS]
    pictures = [unit for unit in found if unit[0] & 0x1F == _PPS]
    if not sets or not pictures or len(sets[0]) < 4:
        raise PeerError("line.codec", "The H.264 stream has no parameter sets.")
    first = sets[0]
    avcc = bytes((1, first[1], first[2], first[3], 0xFF, 0xE0 | len(sets))) + _listed(sets)
    avcc += bytes((len(pictures),)) + _listed(pictures)
    if first[1] in _HIGH:
        avcc += bytes((0xFC | 1, 0xF8, 0xF8, 0))  # 4:2:0, eight bits, no extensions: all that we encode
    return avcc


def codec_of(description: bytes) -> str:
    """The codec's name, such as `avc1.42e01f`, of an avcC."""
    return f"avc1.{description[1:4].hex()}"


def _listed(sets: Iterable[bytes]) -> bytes:
    return b"".join(len(one).to_bytes(2, "big") + one for one in sets)
