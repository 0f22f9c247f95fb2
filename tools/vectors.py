"""Writes vectors/seal/: `make vectors`. The keys are made of words, so that the same files come out again.

A test writes them again into an empty folder and compares, so what stands in vectors/ is what this says.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from vivavoce.seal.cbor import encode
from vivavoce.seal.config import PictureConfig, SoundConfig
from vivavoce.seal.digest import leaf
from vivavoce.seal.envelope import purpose, sealed_up, to_be_signed
from vivavoce.seal.keys import key_id
from vivavoce.seal.leavesframe import MOST_LEAVES, LeavesFrame
from vivavoce.seal.papers import MOST_REVOCATIONS, MOST_VOUCHERS, Papers
from vivavoce.seal.seal import Delta, Flags, Heard, Place, Seal
from vivavoce.seal.sealer import Sealer
from vivavoce.seal.statement import (
    DeviceStatement,
    Founding,
    FoundingSide,
    Revocation,
    RunStatement,
)

FOLDER = Path(__file__).resolve().parent.parent / "vectors" / "seal"
P = (1 << 255) - 19
L = (1 << 252) + 27742317777372353535851937790883648493

Vector = dict[str, Any]


def private(word: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(f"vivavoce {word}".encode()).digest())


def public(key: Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes_raw()


IDENTITY, DEVICE, RUN, OTHER = (private(word) for word in ("identity", "device", "run", "other"))
RUN_ID = bytes.fromhex("9f86d081884c7d65")
EPOCH_US = 1_795_293_844_127_987
FOUNDING = Founding(
    "k7m2xq4vw9",
    "On the bridge",
    1_795_200_000_000_000,
    (FoundingSide("north", "Northland", "en"), FoundingSide("south", "Южный край", "ru", public(IDENTITY))),
)
HD = PictureConfig("hd.1", "avc1.42e01f", bytes.fromhex("0142e01fffe1"), 1280, 720, 0, 30_000)
SD = replace(HD, name="sd.1", codec="avc1.42e01e", width=640, height=360)
FLOOR = SoundConfig("floor.1", "opus", 48_000, 1, "en", "floor", "")


def signed(kind: str, payload: bytes, by: Ed25519PrivateKey, founding: Founding = FOUNDING) -> bytes:
    kid = key_id(public(by))
    return sealed_up(kid, payload, by.sign(to_be_signed(kid, purpose(kind, founding.digest), payload)))


STATEMENT = signed("run", RunStatement(RUN_ID, public(RUN), "north", EPOCH_US).to_bytes(), DEVICE)


def vector(
    about: str, source: str, given: Vector, expect: str = "ok", output: Vector | None = None
) -> Vector:
    return {"about": about, "source": f"seal.md {source}", "input": given, "expect": expect, "output": output}


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


def leaves() -> Iterator[tuple[str, Vector]]:
    one = bytes(range(32))
    for name, about, count in (("one", "of one sample", 1), ("most", "as many as there may be", MOST_LEAVES)):
        frame = LeavesFrame(1, 100, [one] * count)
        told = {"track": 1, "group": 100, "leaves": count}
        yield name, vector(f"the leaves {about}", "S20", {"leaves": frame.to_bytes().hex()}, "ok", told)
    last = LeavesFrame(255, (1 << 53) - 1, [one])
    told = {"track": 255, "group": (1 << 53) - 1, "leaves": 1}
    yield "last", vector("of the last track and group", "S20", {"leaves": last.to_bytes().hex()}, "ok", told)
    bad: list[tuple[str, str, bytes]] = [
        ("empty", "no bytes at all", b""),
        ("none", "no leaf", encode([1, 100, b""])),
        ("short", "a leaf of 31 bytes", encode([1, 100, one[:-1]])),
        ("long", "a leaf and a byte", encode([1, 100, one + b"0"])),
        ("many", "one too many", encode([1, 100, one * (MOST_LEAVES + 1)])),
        ("track", "a track's number over 255", encode([256, 100, one])),
        ("group", "bytes in place of the group", encode([1, one, one])),
        ("list", "a list of leaves", encode([1, 100, [one]])),
        ("few", "a field too few", encode([1, one])),
        ("more", "a field too many", encode([1, 100, one, 0])),
        ("long_number", "a number that is not in its shortest form", b"\x83\x18\x01" + encode([1, one])[2:]),
        ("trailing", "a byte after the end", encode([1, 100, one]) + b"\x00"),
        ("envelope", "a seal's envelope", signed("seal", b"", RUN)),
    ]
    for name, about, raw in bad:
        yield name, vector(about, "S20", {"leaves": raw.hex()}, "seal.form")


def runs() -> Iterator[tuple[str, Vector]]:
    south = RunStatement(RUN_ID, public(RUN), "south", EPOCH_US)
    voucher = DeviceStatement(public(DEVICE), "south", "A laptop", EPOCH_US - 1, EPOCH_US + 1)
    statement = signed("run", south.to_bytes(), DEVICE)
    vouched = signed("device", voucher.to_bytes(), IDENTITY)
    elsewhere = replace(FOUNDING, discussion="aaaaaaaaaa")
    small = RunStatement(RUN_ID, (1).to_bytes(32, "little"), "north", EPOCH_US)

    def case(
        about: str,
        statement: bytes,
        vouchers: list[bytes],
        expect: str = "seal.run",
        *,
        standing: str | None = None,
        device: Ed25519PrivateKey = DEVICE,
        revocations: tuple[bytes, ...] = (),
        founding: Founding = FOUNDING,
        source: str = "S16",
    ) -> Vector:
        given = {
            "founding": founding.to_bytes().hex(),
            "statement": statement.hex(),
            "device": public(device).hex(),
            "vouchers": [one.hex() for one in vouchers],
            "revocations": [one.hex() for one in revocations],
        }
        return vector(about, source, given, expect, {"standing": standing} if standing else None)

    def vouch(by: Ed25519PrivateKey = IDENTITY, **changed: Any) -> bytes:
        return signed("device", replace(voucher, **changed).to_bytes(), by)

    def revoke(at_us: int) -> bytes:
        return signed("revocation", Revocation(public(DEVICE), at_us).to_bytes(), IDENTITY)

    yield "host", case("a side without an identity key", STATEMENT, [], "ok", standing="host")
    yield (
        "identity",
        case("a side that vouches for its device", statement, [vouched], "ok", standing="identity"),
    )
    yield (
        "two_vouchers",
        case(
            "one voucher of two holds", statement, [vouch(seat="north"), vouched], "ok", standing="identity"
        ),
    )
    yield "no_voucher", case("an identity key, and no voucher", statement, [])
    yield "other_device", case("a statement of another device", STATEMENT, [], device=OTHER)
    yield "other_discussion", case("a statement for another discussion", STATEMENT, [], founding=elsewhere)
    yield (
        "other_kind",
        case("a seal in place of a statement", signed("seal", south.to_bytes(), DEVICE), [vouched]),
    )
    yield (
        "no_seat",
        case("a side that is not there", signed("run", replace(south, seat="west").to_bytes(), DEVICE), []),
    )
    yield "foreign_voucher", case("a voucher of another key", statement, [vouch(OTHER)])
    yield "other_seat", case("a voucher for the other side", statement, [vouch(seat="north")])
    yield (
        "too_early",
        case(
            "a voucher that is not valid yet", statement, [vouch(from_us=EPOCH_US + 1, until_us=EPOCH_US + 2)]
        ),
    )
    yield "over", case("a voucher that is over", statement, [vouch(until_us=EPOCH_US)])
    yield (
        "revoked",
        case(
            "a device that was revoked", statement, [vouched], revocations=(revoke(EPOCH_US),), source="S17"
        ),
    )
    yield (
        "revoked_later",
        case(
            "a device that was revoked afterwards",
            statement,
            [vouched],
            "ok",
            standing="identity",
            revocations=(revoke(EPOCH_US + 1),),
            source="S17",
        ),
    )
    yield (
        "foreign_revocation",
        case(
            "a revocation that the side did not sign",
            statement,
            [vouched],
            "ok",
            standing="identity",
            revocations=(signed("revocation", Revocation(public(DEVICE), 0).to_bytes(), OTHER),),
            source="S17",
        ),
    )
    yield (
        "rubbish",
        case("rubbish before a voucher", statement, [b"rubbish", vouched], "ok", standing="identity"),
    )
    twice = replace(FOUNDING, sides=(FOUNDING.sides[0], FOUNDING.sides[0]))
    titled = replace(FOUNDING, title="🎙" * 200)
    named = signed("run", RunStatement(RUN_ID, public(RUN), "north", EPOCH_US).to_bytes(), DEVICE, titled)
    yield (
        "title_long",
        case("the longest title, 800 bytes", named, [], "ok", standing="host", founding=titled, source="S14"),
    )
    over = replace(FOUNDING, title="x" * 1025)
    yield "title_over", case("too long a title", STATEMENT, [], "seal.founding", founding=over, source="S14")
    yield "seat_twice", case("a seat twice", STATEMENT, [], "seal.founding", founding=twice, source="S14")
    yield (
        "small_order",
        case(
            "a run's key of small order", signed("run", small.to_bytes(), DEVICE), [], "seal.key", source="S4"
        ),
    )
    yield "cut", case("a statement that is cut off", STATEMENT[:-1], [])
    yield (
        "founding",
        {
            **case("founding facts that are none", STATEMENT, [], "seal.founding", source="S14"),
            "input": {**case("", STATEMENT, [])["input"], "founding": "8400"},
        },
    )


Event = list[Any]


@dataclass
class Show:
    """A side on air: a picture at 20 a second in groups of ten, packets of 50 ms, a seal every 180 ms."""

    run: bytes = RUN_ID
    key: Ed25519PrivateKey = RUN
    statement: bytes = STATEMENT
    apart_us: int = 180_000
    events: list[Event] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.sealer = Sealer(FOUNDING.digest, self.run, public(self.key), self.statement)
        self.hd = self.sealer.add(HD)
        self.floor = self.sealer.add(FLOOR)
        self.sealed_us = -1

    def seal(self, us: int, **options: Any) -> None:
        envelope = self.sealer.signed(self.key.sign(self.sealer.draft(us, **options)))
        self.events.append([us + 5_000, "seal", envelope.hex()])
        self.sealed_us = us

    def on_air(self, from_ms: int, until_ms: int, *, sd: bool = False) -> Show:
        small = self.sealer.add(SD) if sd else None
        for ms in range(from_ms, until_ms, 50):
            us, at = ms * 1000, ms // 50
            data = hashlib.sha256(f"picture {at}".encode()).digest()[:8]
            self.picture(self.hd, "hd.1", at, us, data)
            if small is not None:
                self.picture(small, "sd.1", at, us, data[:4])
            packet = hashlib.sha256(f"packet {at}".encode()).digest()[:4]
            self.sealer.sample(self.floor, at, 0, us, True, packet)
            self.events.append([us + 1_000, "sample", "floor.1", at, 0, us, 1, packet.hex()])
            if us - self.sealed_us >= self.apart_us or self.sealed_us < 0:
                self.seal(us)
            self.events.append([us + 6_000, "tick"])
        return self

    def picture(self, track: int, name: str, at: int, us: int, data: bytes) -> None:
        group, index = divmod(at, 10)
        self.sealer.sample(track, group, index, us, index == 0, data)
        self.events.append([us + 1_000, "sample", name, group, index, us, int(index == 0), data.hex()])

    def wait(self, from_ms: int, until_ms: int) -> Show:
        self.events += [[ms * 1000, "tick"] for ms in range(from_ms, until_ms, 100)]
        return self

    def change(self, how: Callable[[Event], Event | list[Event] | None]) -> Show:
        """how: what becomes of an event: another, several, or none."""
        changed: list[Event] = []
        for event in self.events:
            became = how(event)
            if became is None:
                continue
            changed += became if became and isinstance(became[0], list) else [became]
        self.events = changed
        return self


def is_sample(event: Event, track: str, group: int | None = None, index: int | None = None) -> bool:
    same = event[1] == "sample" and event[2] == track
    return same and group in (None, event[3]) and index in (None, event[4])


def drop(which: Callable[[Event], bool]) -> Callable[[Event], Event | None]:
    return lambda event: None if which(event) else event


def flip(event: Event) -> Event:
    raw = bytearray.fromhex(event[-1])
    raw[-1] ^= 1
    return [*event[:-1], raw.hex()]


def numbered(events: list[Event]) -> list[int]:
    return [at for at, event in enumerate(events) if event[1] == "seal"]


def verdicts() -> Iterator[tuple[str, str, str, Show]]:
    def show(until_ms: int = 2_000, **options: Any) -> Show:
        return Show().on_air(0, until_ms, **options)

    yield "all_well", "all that came was signed", "V2", show()
    ended = show()
    ended.seal(2_000_000, end=True)
    yield "ended", "the side said that nothing follows", "V10", ended
    yield (
        "pending",
        "nothing is proven before the first seal",
        "V6",
        Show().on_air(0, 50).change(lambda event: None if event[1] == "sample" else event),
    )
    yield "unsealed", "a side without seals", "V6", show().change(drop(lambda event: event[1] == "seal"))
    bit = show(1_000).change(lambda e: flip(e) if is_sample(e, "hd.1", 1, 3) else e)
    yield "bit_of_a_picture", "a bit of a picture", "V2", bit
    yield (
        "bit_of_sound",
        "a bit of a packet",
        "V2",
        show(1_000).change(lambda e: flip(e) if is_sample(e, "floor.1", 12) else e),
    )
    yield (
        "recovered",
        "five good seals afterwards, and the mark stays",
        "V7",
        show(3_500).change(lambda e: flip(e) if is_sample(e, "hd.1", 1, 3) else e),
    )
    yield (
        "hole",
        "a picture taken out of the middle of its group",
        "V3",
        show(1_000).change(drop(lambda e: is_sample(e, "hd.1", 1, 3))),
    )
    yield (
        "tail",
        "the tail of a group never came",
        "V4",
        show().change(drop(lambda e: is_sample(e, "hd.1", 1) and e[4] > 6)).wait(2_000, 2_300),
    )
    yield (
        "whole_group",
        "a whole group never came",
        "V4",
        show().change(drop(lambda e: is_sample(e, "hd.1", 1))),
    )
    yield (
        "held_back",
        "a picture that came half a second late",
        "V5",
        show().change(lambda e: [e[0] + 500_000, *e[1:]] if is_sample(e, "hd.1", 1, 9) else e),
    )
    yield (
        "too_many",
        "one more than the group has",
        "V5",
        show(1_300).change(
            lambda e: (
                [e, [e[0], "sample", "hd.1", 1, 10, e[5] + 1, 0, "00"]] if is_sample(e, "hd.1", 1, 9) else e
            )
        ),
    )
    yield (
        "foreign_group",
        "a group that nobody sealed",
        "V5",
        show(2_000).change(lambda e: [e[0], *e[1:3], 50 + e[3], *e[4:]] if is_sample(e, "hd.1", 2) else e),
    )
    yield (
        "timestamp",
        "a picture shown a millisecond later",
        "V2",
        show(1_000).change(lambda e: [*e[:5], e[5] + 1_000, *e[6:]] if is_sample(e, "hd.1", 1, 3) else e),
    )
    yield (
        "not_key",
        "a key picture that is told to be none",
        "V2",
        show(1_000).change(lambda e: [*e[:6], 0, e[7]] if is_sample(e, "hd.1", 1, 0) else e),
    )
    swapped = show(1_000)
    first, second = (next(e for e in swapped.events if is_sample(e, "hd.1", 1, at)) for at in (3, 4))
    first[7], second[7] = second[7], first[7]
    yield "swapped", "two pictures in each other's place", "V2", swapped
    doubled = show(1_600).change(lambda e: [e, flip(e)] if is_sample(e, "hd.1", 1) else e)
    yield "doubled", "each picture twice, and the second another", "V2", doubled
    again = show(2_000)
    again.events += [[2_010_000, *flip(e)[1:]] for e in show(1_000).events if is_sample(e, "hd.1", 1)]
    yield "again", "a group that was proven comes again, and is another", "V2", again
    after = show(1_300)
    forged = [[1_310_000 + at, "sample", "hd.1", 1, 10 + at, 1_310_000 + at, 0, "00"] for at in range(4)]
    yield (
        "after_the_group",
        "pictures after a group that was closed and proven",
        "V5",
        extended_by(after, forged),
    )
    hidden = show(3_000).change(drop(lambda e: is_sample(e, "hd.1") and e[3] in (2, 3)))
    hidden.events.insert(0, [500, "sample", "hd.1", 1 << 40, 0, 0, 1, "00"])
    yield "hidden", "a forged picture at the beginning hides no gap", "V4", hidden
    flight = show(3_000, sd=True).change(
        lambda e: (
            None
            if is_sample(e, "sd.1") and e[3] > 2
            else [[e[0] - 1, "let_go", "sd.1"], e]
            if is_sample(e, "sd.1", 2, 8)
            else e
        )
    )
    yield "in_flight", "what comes after a rendition was let go does not take it again", "V4", flight
    other = show(1_000, sd=True)
    yield (
        "other_rendition",
        "the small picture in the large one's place",
        "V2",
        other.change(lambda e: [*e[:7], e[7][:8]] if is_sample(e, "hd.1", 1, 3) else e),
    )
    yield (
        "rendition_not_taken",
        "a rendition that is not fetched is not missed",
        "V4",
        show(sd=True).change(drop(lambda e: is_sample(e, "sd.1"))),
    )
    yield (
        "let_go",
        "a rendition that was let go is not missed",
        "V4",
        show(3_000, sd=True).change(
            lambda e: (
                None
                if is_sample(e, "sd.1") and e[3] > 2
                else [e, [e[0], "let_go", "sd.1"]]
                if is_sample(e, "sd.1", 2, 9)
                else e
            )
        ),
    )
    yield "joined", "joining in the middle of a group raises no alarm", "V9", joined(show(4_000), 3_270_000)
    lost = show()
    at = numbered(lost.events)[5]
    yield "seal_late", "a seal that comes a little late", "S11", replace_event(lost, at, 300_000)
    lost = show()
    del lost.events[numbered(lost.events)[5]]
    yield "seal_lost", "a seal that never comes", "V8", lost
    lost = show(4_500)
    del lost.events[numbered(lost.events)[5]]
    yield "seal_lost_once", "a seal that never comes is told once, and is over", "V8", lost
    left = show(3_000, sd=True).change(
        lambda e: (
            None
            if is_sample(e, "sd.1") and e[0] > 1_251_000
            else ([e, [e[0], "let_go", "sd.1"]] if is_sample(e, "sd.1", 2, 5) else e)
        )
    )
    yield "let_go_at_once", "what came of a track just before it was let go is not late", "V4", left
    given_up = show(4_500)
    del given_up.events[numbered(given_up.events)[5]]
    given_up = given_up.change(lambda e: [e[0] + 950_000, *e[1:]] if is_sample(e, "floor.1", 18) else e)
    given_up.events.sort(key=lambda one: one[0])
    yield "seal_lost_packet_late", "a packet a second late whose seal was lost is not foreign", "V5", given_up
    seam = joined(show(4_000), 3_220_000).change(drop(lambda e: is_sample(e, "floor.1", 67)))
    yield "joined_seam", "packets of the first row that are missing to whoever joins", "V9", seam
    far = show(600)
    far.sealer._seq = 1 << 40
    far.seal(620_000)
    yield "far", "a seal from far ahead", "S11", far
    resting = show(1_000)
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
    beside = show(5_000).change(
        lambda e: (
            [e, [e[0], *e[1:3], 1 << 40, e[3] * 10 + e[4], *e[5:7], "00"]] if is_sample(e, "hd.1") else e
        )
    )
    yield "beside", "a forged group that goes on beside the real ones", "V7", beside
    beyond = show(5_000).change(
        lambda e: (
            [e, [e[0], "sample", "hd.1", 1, 99, e[5] + 1, 0, "00"]]
            if is_sample(e, "hd.1") and e[3] > 1
            else e
        )
    )
    yield "beyond", "pictures beyond a group's end that go on coming", "V7", beyond
    late = show(5_000).change(lambda e: [e[0] + 2_000_000, *e[1:]] if is_sample(e, "floor.1", 30) else e)
    late.events.sort(key=lambda one: one[0])
    yield "very_late", "a packet that comes two seconds late", "V4", late
    doubled = show()
    yield "seal_doubled", "each seal twice", "S11", doubled.change(lambda e: [e, e] if e[1] == "seal" else e)
    yield (
        "seals_stop",
        "seals stop, samples go on",
        "V6",
        show().change(drop(lambda e: e[1] == "seal" and e[0] > 1_000_000)),
    )
    yield (
        "seal_bit",
        "a bit of a seal",
        "S3",
        show(600).change(lambda e: flip(e) if e[1] == "seal" and 300_000 < e[0] < 450_000 else e),
    )
    theirs = Show(key=OTHER).on_air(0, 600)
    yield "other_key", "seals of another key", "S3", theirs
    two, again = show(600), Show(apart_us=150_000).on_air(0, 600)
    at = numbered(two.events)[2]
    two.events.insert(at + 1, again.events[numbered(again.events)[2]])
    yield "fork", "two different seals with one number", "S11", two
    elsewhere = Show(run=bytes(8), statement=STATEMENT[:-1] + b"\x00").on_air(0, 1_000)
    yield "other_chain", "the chain of another run", "S9", two_chains(show(1_000), elsewhere)
    after = show(1_000)
    after.seal(1_000_000, end=True)
    more = show(1_400)
    after.events += [e for e in more.events if e[0] > 1_000_500 and not (e[1] == "seal" and e[0] < 1_010_000)]
    yield "after_the_end", "seals after the end", "S11", after
    back = show(600)
    back.sealer._sealed_us = None
    back.seal(100_000)
    yield "clock", "a clock that goes back", "S10", back
    yield "apart", "seals a second apart", "S10", Show(apart_us=1_000_000).on_air(0, 2_500)
    turned = show(600)
    turned.sealer._tracks[0].raw = replace(HD, width=640).to_bytes()
    turned.sealer._announced = 0
    turned.seal(700_000)
    yield "config", "another configuration for the same track", "S5", turned
    rested = show(1_000)
    rested.sealer.rest(rested.hd, 2)
    rested.seal(980_000)
    yield "rest", "a track that rests", "S7", rested
    for name, about, lie in (
        ("leaves", "a lost packet, and the leaves that tell which", False),
        ("leaves_that_lie", "leaves that are not the sealed ones", True),
    ):
        resolved = show(1_800).change(drop(lambda e: is_sample(e, "floor.1", 13)))
        yield name, about, "V6", told_leaves(resolved, 13, 4, 1_000_000, lie=lie)
    altered = show(1_800).change(drop(lambda e: is_sample(e, "floor.1", 13)))
    altered = altered.change(lambda e: flip(e) if is_sample(e, "floor.1", 15) else e)
    altered = told_leaves(altered, 13, 4, 1_000_000)
    yield "leaves_tell_apart", "of a row with a lost packet the one that was altered", "V6", altered
    after = show(1_800).change(lambda e: [e[0] + 400_000, *e[1:]] if is_sample(e, "floor.1", 13) else e)
    after.events.sort(key=lambda e: e[0])
    after = told_leaves(after, 13, 4, 900_000)
    yield "leaves_before_the_packet", "a packet that comes after its row's leaves is no gap", "V6", after
    tail = show(2_000).change(drop(lambda e: is_sample(e, "hd.1", 1) and e[4] > 5)).wait(2_000, 2_300)
    tail = told_leaves(tail, 1, 10, 1_150_000, track="hd.1")
    yield "leaves_of_a_picture", "a group that was cut between two seals, and its leaves", "V6", tail
    seam = joined(show(4_000), 3_270_000)
    yield "leaves_at_joining", "the first row to whoever joins", "V9", told_leaves(seam, 65, 4, 3_500_000)


def told_leaves(
    show: Show, group: int, count: int, at_us: int, *, track: str = "floor.1", lie: bool = False
) -> Show:
    """Somebody tells the leaves of a span."""
    whole = Show().on_air(0, 4_000).events
    samples = [
        e for e in whole if is_sample(e, track) and (e[3] >= group if track == "floor.1" else e[3] == group)
    ]
    leaves = [leaf(e[3], e[4], e[5], bool(e[6]), bytes.fromhex(e[7])).hex() for e in samples[:count]]
    if lie:
        leaves[1] = leaves[0]
    show.events.append([at_us, "leaves", track, group, leaves])
    show.events.sort(key=lambda e: e[0])
    return show


def extended_by(show: Show, events: list[Event]) -> Show:
    show.events += [*events, [events[-1][0] + 100_000, "tick"]]
    return show


def joined(show: Show, us: int) -> Show:
    """What a viewer who joins then is given: the running groups of picture and seals, and what comes."""
    seals = numbered(show.events)
    run_on = [show.events[at] for at in seals[10:]]
    before = [e for e in show.events if e[0] < us and (is_sample(e, "hd.1", us // 500_000) or e in run_on)]
    show.events = [[us, *e[1:]] for e in before] + [e for e in show.events if e[0] >= us]
    return show


def replace_event(show: Show, at: int, later_us: int) -> Show:
    event = show.events.pop(at)
    show.events.append([event[0] + later_us, *event[1:]])
    show.events.sort(key=lambda one: one[0])
    return show


def two_chains(show: Show, other: Show) -> Show:
    """From the third seal on, those of another chain."""
    mine, theirs = numbered(show.events)[3:], numbered(other.events)
    for at, instead in zip(mine, theirs[3:], strict=False):
        show.events[at] = [show.events[at][0], "seal", other.events[instead][2]]
    return show


def judged(about: str, source: str, show: Show) -> Vector:
    from vivavoce.seal.verdict import Verdict

    given = {
        "founding": FOUNDING.digest.hex(),
        "run": RUN_ID.hex(),
        "key": public(RUN).hex(),
        "statement": STATEMENT.hex(),
        "events": show.events,
    }
    verdict = Verdict(FOUNDING.digest, RUN_ID, public(RUN), STATEMENT)
    return vector(about, source, given, "ok", play(verdict, show.events))


def play(verdict: Any, events: list[Event]) -> Vector:
    """What a verdict says of these events. The tests of both languages do the same."""
    for at_us, kind, *rest in events:
        if kind == "sample":
            track, group, index, timestamp_us, key, data = rest
            verdict.sample(track, group, index, timestamp_us, bool(key), bytes.fromhex(data), at_us)
        elif kind == "seal":
            verdict.seal(bytes.fromhex(rest[0]), at_us)
        elif kind == "let_go":
            verdict.let_go(rest[0])
        elif kind == "leaves":
            track, group, leaves = rest
            for missing in verdict.missing():
                if verdict.config(track) and missing.group == group:
                    verdict.resolved(missing, [bytes.fromhex(one) for one in leaves], at_us)
        elif kind == "take":
            verdict.take(rest[0])
        else:
            verdict.tick(at_us)
    history = [
        [one.code, one.at_us, one.track, one.group, one.count, one.from_us, one.until_us, one.seq]
        for one in verdict.history
    ]
    chain = verdict.chain
    return {"state": verdict.state, "ended": chain.ended, "whole": chain.whole, "history": history}


def write(folder: Path) -> None:
    groups: dict[str, Iterator[tuple[str, Vector]]] = {
        "form": forms(),
        "key": keys(),
        "config": configs(),
        "papers": papers(),
        "leaves": leaves(),
        "run": runs(),
        "verdict": ((name, judged(about, source, show)) for name, about, source, show in verdicts()),
    }
    for group, vectors in groups.items():
        (folder / group).mkdir(parents=True, exist_ok=True)
        for name, one in vectors:
            text = json.dumps(one, ensure_ascii=False)
            (folder / group / f"{name}.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
