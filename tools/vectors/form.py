"""What a reader takes and what it refuses: seals, keys, configurations, papers."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tools.vectors.show import DEVICE, FLOOR, HD, OTHER, RUN, RUN_ID, STATEMENT, public
from tools.vectors.vector import Vector, vector
from vivavoce.seal.cbor import encode
from vivavoce.seal.papers import MOST_REVOCATIONS, MOST_VOUCHERS, Papers
from vivavoce.seal.seal import Delta, Flags, Heard, Place, Seal

P = (1 << 255) - 19
L = (1 << 252) + 27742317777372353535851937790883648493


def forms() -> Iterator[tuple[str, Vector]]:
    zero = bytes(32)
    plain = Seal(0, zero, 0, Flags.HEARTBEAT)
    delta = Delta(0, 3, 4, False, bytes([1] * 32))
    heard = Heard(1, RUN_ID, 8, bytes([2] * 32), 90_000, (Place(0, 3, 2),), (Place(2, 9, None),), bytes(16))
    full = Seal(
        seq=300,
        prev=bytes([3] * 32),
        clock_us=61_000_000,
        flags=Flags.MICROPHONE_SHUT | Flags.CAMERA_OFF,
        configs=((0, HD.to_bytes()), (1, FLOOR.to_bytes())),
        deltas=(delta, replace(delta, track=1, closed=True)),
        heard=(heard,),
        beacon=(4_711, bytes(48)),
        head=(9, zero),
        nonces=bytes([4] * 32),
    )
    for name, about, seal in (("heartbeat", "a heartbeat", plain), ("full", "a seal with everything", full)):
        yield name, vector(about, "S8", {"payload": seal.to_bytes().hex()}, "ok", {"seq": seal.seq})
    fields: list[Any] = [0, zero, 0, 2, [], [], [], [], [], b""]

    def with_field(at: int, value: Any) -> bytes:
        return encode([*fields[:at], value, *fields[at + 1 :]])

    good = plain.to_bytes()
    bad: list[tuple[str, str, str, bytes]] = [
        ("empty", "no bytes at all", "S1", b""),
        ("trailing", "a byte after the end", "S1", good + b"\x00"),
        ("cut", "the last byte is not there", "S1", good[:-1]),
        ("long_number", "a number that is not in its shortest form", "S1", b"\x8a\x18\x00" + good[2:]),
        ("long_length", "a length that is not in its shortest form", "S1", b"\x98\x0a" + good[1:]),
        ("negative", "a negative number", "S1", b"\x8a\x20" + good[2:]),
        ("text", "a text in place of bytes", "S1", good[:-1] + b"\x60"),
        ("map", "a map in place of a list", "S1", good[:-3] + b"\xa0" + good[-2:]),
        ("null", "null in place of nothing", "S1", good[:-3] + b"\xf6" + good[-2:]),
        ("float", "a float in place of a number", "S1", b"\x8a\xf9\x00\x00" + good[2:]),
        ("tag", "a tag before it", "S1", b"\xc0" + good),
        ("endless", "an array without a length", "S1", b"\x9f" + good[1:] + b"\xff"),
        (
            "too_large",
            "2^53, which JavaScript does not keep",
            "S1",
            b"\x8a\x1b" + (1 << 53).to_bytes(8) + good[2:],
        ),
        ("deep", "arrays in arrays in arrays", "S1", b"\x81" * 9 + b"\x00"),
        ("few", "a field too few", "S8", encode(fields[:-1])),
        ("many", "a field too many", "S8", encode([*fields, 0])),
        ("prev", "a hash of 31 bytes", "S8", with_field(1, bytes(31))),
        ("flags", "a flag that nobody knows", "S8", with_field(3, 16)),
        ("track", "a track's number over 255", "S8", with_field(4, [[256, b""]])),
        ("closed", "neither open nor closed", "S8", with_field(5, [[0, 0, 1, 2, zero]])),
        ("digest", "a digest of 33 bytes", "S8", with_field(5, [[0, 0, 1, 1, bytes(33)]])),
        ("deltas", "257 deltas", "S8", with_field(5, [[0, 0, 0, 0, zero]] * 257)),
        ("beacon", "a beacon's signature of 47 bytes", "S8", with_field(7, [1, bytes(47)])),
        ("head", "half a head", "S8", with_field(8, [1])),
        ("nonces", "a root of 31 bytes", "S8", with_field(9, bytes(31))),
        ("heard", "an answer without its tag", "S12", with_field(6, [[1, RUN_ID, 0, zero, 0, [], []]])),
    ]
    for name, about, source, payload in bad:
        yield name, vector(about, source, {"payload": payload.hex()}, "seal.form")


def keys() -> Iterator[tuple[str, Vector]]:
    message = b"vivavoce"
    key, signature = public(RUN), RUN.sign(message)
    rfc = Ed25519PrivateKey.from_private_bytes(
        bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
    )

    def number(value: int) -> bytes:
        return value.to_bytes(32, "little")

    scalar = int.from_bytes(signature[32:], "little")
    order_8 = bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05")
    order_8_too = bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a")
    turned = bytes([*order_8[:31], order_8[31] | 0x80])
    cases: list[tuple[str, str, bytes, bytes, bytes, str]] = [
        ("good", "a good signature", key, signature, message, "ok"),
        ("rfc_8032", "RFC 8032 s.7.1 test 2", public(rfc), rfc.sign(b"\x72"), b"\x72", "ok"),
        ("other_message", "a signature of something else", key, signature, b"Vivavoce", "seal.signature"),
        ("other_key", "another's signature", key, OTHER.sign(message), message, "seal.signature"),
        ("short", "a signature of 63 bytes", key, signature[:-1], message, "seal.signature"),
        ("long", "a signature of 65 bytes", key, signature + b"\x00", message, "seal.signature"),
        (
            "scalar",
            "the same with S + L",
            key,
            signature[:32] + number(scalar + L),
            message,
            "seal.signature",
        ),
        ("r_small", "R of small order", key, small_r(RUN, message), message, "seal.signature"),
        (
            "r_over_p",
            "R not in its shortest form",
            key,
            number(P + 3) + signature[32:],
            message,
            "seal.signature",
        ),
        ("key_short", "a key of 31 bytes", key[:-1], signature, message, "seal.key"),
        ("key_zero", "y = 0, of order 4", number(0), signature, message, "seal.key"),
        ("key_zero_turned", "y = 0 with the sign bit", number(1 << 255), signature, message, "seal.key"),
        ("key_one", "y = 1, the neutral element", number(1), signature, message, "seal.key"),
        ("key_minus_one", "y = p - 1, of order 2", number(P - 1), signature, message, "seal.key"),
        ("key_p", "y = p, which is 0 again", number(P), signature, message, "seal.key"),
        ("key_p_plus_one", "y = p + 1, which is 1 again", number(P + 1), signature, message, "seal.key"),
        ("key_all_ones", "y = 2^255 - 1", bytes([255] * 32), signature, message, "seal.key"),
        ("key_order_8", "a point of order 8", order_8, signature, message, "seal.key"),
        ("key_order_8_turned", "a point of order 8, mirrored", turned, signature, message, "seal.key"),
        ("key_order_8_too", "the other y of order 8", order_8_too, signature, message, "seal.key"),
    ]
    for name, about, by, what, of, expect in cases:
        given = {"key": by.hex(), "signature": what.hex(), "signed": of.hex()}
        yield name, vector(about, "S4", given, expect)


def small_r(key: Ed25519PrivateKey, message: bytes) -> bytes:
    """A signature with R = 1, which holds by RFC 8032: S is the hash times the secret."""
    digest = hashlib.sha512(key.private_bytes_raw()).digest()
    secret = int.from_bytes(digest[:32], "little") & ((1 << 254) - 8) | 1 << 254
    r = (1).to_bytes(32, "little")
    hashed = int.from_bytes(hashlib.sha512(r + public(key) + message).digest(), "little")
    return r + (hashed * secret % L).to_bytes(32, "little")


def configs() -> Iterator[tuple[str, Vector]]:
    for name, config in (("picture", HD), ("sound", FLOOR)):
        raw = {"config": config.to_bytes().hex()}
        yield name, vector(f"a {name}'s", "S5", raw, "ok", {"name": config.name})
    picture: list[Any] = [0, b"hd.1", b"avc1.42e01f", b"\x01", 1280, 720, 0, 30_000]
    sound: list[Any] = [1, b"floor.1", b"opus", 48_000, 1, b"en", 0, b""]
    bad: list[tuple[str, str, list[Any]]] = [
        ("kind", "neither picture nor sound", [2, *picture[1:]]),
        ("turned", "turned by 45 degrees", [*picture[:6], 45, 30_000]),
        ("narrow", "a picture one wide", [*picture[:4], 1, 720, 0, 30_000]),
        ("wide", "a picture of 8193", [*picture[:4], 8193, 720, 0, 30_000]),
        ("fast", "more than 240 pictures a second", [*picture[:7], 240_001]),
        ("description", "a description over 8 KiB", [*picture[:3], bytes(8193), *picture[4:]]),
        ("nameless", "no name", [0, b"", *picture[2:]]),
        ("name", "a name with a line break", [0, b"hd\n1", *picture[2:]]),
        ("dumb", "no channel", [*sound[:4], 0, *sound[5:]]),
        ("role", "a role that nobody has", [*sound[:6], 3, b""]),
        ("rate", "no rate", [*sound[:3], 0, *sound[4:]]),
        ("few", "a field too few", picture[:-1]),
    ]
    for name, about, item in bad:
        yield name, vector(about, "S5", {"config": encode(item).hex()}, "seal.config")


def papers() -> Iterator[tuple[str, Vector]]:
    device, letter = public(DEVICE), STATEMENT
    full = Papers(device, letter, (letter,) * MOST_VOUCHERS, (letter,) * MOST_REVOCATIONS)
    for name, about, one in (
        ("plain", "a device by the host's word", Papers(device, letter)),
        ("full", "as many vouchers and revocations as there may be", full),
    ):
        told = {"vouchers": len(one.vouchers), "revocations": len(one.revocations)}
        yield name, vector(about, "S19", {"papers": one.to_bytes().hex()}, "ok", told)
    bad: list[tuple[str, str, str, Any]] = [
        ("number", "a number in their place", "seal.form", 0),
        ("few", "without the revocations", "seal.form", [device, letter, []]),
        ("many", "a field too many", "seal.form", [device, letter, [], [], b""]),
        ("device", "a list in place of the device's key", "seal.form", [[], letter, [], []]),
        ("statement", "a number in place of the statement", "seal.form", [device, 0, [], []]),
        ("voucher", "a number among the vouchers", "seal.form", [device, letter, [letter, 0], []]),
        ("vouchers", "nine vouchers", "seal.form", [device, letter, [b""] * 9, []]),
        ("revocations", "33 revocations", "seal.form", [device, letter, [], [b""] * 33]),
        ("key", "a device key of 31 bytes", "seal.key", [device[:-1], letter, [], []]),
        ("small_order", "a device key of small order", "seal.key", [bytes(32), letter, [], []]),
    ]
    for name, about, expect, item in bad:
        yield name, vector(about, "S19", {"papers": encode(item).hex()}, expect)
    yield "empty", vector("no bytes at all", "S19", {"papers": ""}, "seal.form")
