"""Ids, seats, names: what a discussion may be called."""

from __future__ import annotations

import os
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vivavoce.discussion import public
from vivavoce.discussion.discussion import (
    ID_BYTES,
    Discussion,
    NewSeat,
    booth_seat,
    checked_language,
    checked_text,
    discussion_id,
    is_discussion_id,
    is_seat_name,
    seats_of,
)
from vivavoce.errors import VivavoceError


@given(st.binary(min_size=ID_BYTES, max_size=ID_BYTES))
def test_an_id_is_ten_characters_of_its_alphabet(entropy: bytes) -> None:
    assert is_discussion_id(discussion_id(entropy))


def test_ids_hold_fifty_of_the_random_bits() -> None:
    assert len({discussion_id(os.urandom(ID_BYTES)) for _ in range(1000)}) == 1000
    with pytest.raises(ValueError, match="6 bytes"):
        discussion_id(b"\0" * 6)


@pytest.mark.parametrize(
    "text", ["", "K7M2XQ4VW9", "k7m2xq4vw", "k7m2xq4vw9a", "k7m2xq4vw1", "k7m2xq4vw9\n", "../../etc/"]
)
def test_what_is_no_id(text: str) -> None:
    assert not is_discussion_id(text)


@pytest.mark.parametrize("text", ["north", "south", "booth-fr", "booth-zh-hant"])
def test_seat_names(text: str) -> None:
    assert is_seat_name(text)


@pytest.mark.parametrize("text", ["", "host", "east", "booth-", "booth-FR", "north\n", "booth-fr/../north"])
def test_what_is_no_seat(text: str) -> None:
    assert not is_seat_name(text)


def test_seats_take_their_default_names_and_keep_their_order() -> None:
    seats = seats_of([("", "en"), ("Юг", "ru")], [("", "pt-BR"), ("Cabine", "fr")])
    assert [(seat.seat, seat.kind, seat.name) for seat in seats] == [
        ("north", "side", "North"),
        ("south", "side", "Юг"),
        ("booth-pt-br", "booth", "pt-BR"),
        ("booth-fr", "booth", "Cabine"),
    ]
    assert all(is_seat_name(seat.seat) for seat in seats)


def test_a_seat_keeps_the_identity_key_that_it_brought_and_everybody_may_know_it() -> None:
    seats = seats_of([NewSeat("A", "en", b"n" * 32), ("B", "ru")], [NewSeat("", "fr", b"f" * 32)])
    assert [seat.identity for seat in seats] == [b"n" * 32, b"", b"f" * 32]
    made = Discussion("k7m2xq4vw9", "", 1, seats)
    told = [seat["identity"] for seat in public.facts(made)["seats"]]
    assert told == [(b"n" * 32).hex(), None, (b"f" * 32).hex()]
    kept = public.record_facts(made)["seats"]
    assert kept["north"]["identity"] == (b"n" * 32).hex()
    assert "identity" not in kept["south"]


Asked = Sequence[NewSeat | tuple[str, str]]
REFUSED_SEATS: dict[str, tuple[Asked, Asked, str]] = {
    "a key that is cut off": ([NewSeat("A", "en", b"n" * 31), ("B", "ru")], [], "input.malformed"),
    "a booth's key that is too long": (
        [("A", "en"), ("B", "ru")],
        [NewSeat("", "fr", b"n" * 33)],
        "input.malformed",
    ),
    "one side": ([("A", "en")], [], "input.malformed"),
    "three sides": ([("A", "en")] * 3, [], "input.malformed"),
    "two booths of one language": ([("A", "en"), ("B", "ru")], [("", "fr"), ("", "FR")], "input.malformed"),
    "a language that is none": ([("A", "english language"), ("B", "ru")], [], "input.malformed"),
    "a name that is too long": ([("A" * 81, "en"), ("B", "ru")], [], "input.too_large"),
    "thirteen booths": (
        [("A", "en"), ("B", "ru")],
        [("", f"x{chr(97 + n)}") for n in range(13)],
        "input.too_large",
    ),
}


@pytest.mark.parametrize("case", REFUSED_SEATS)
def test_seats_are_refused_for(case: str) -> None:
    sides, booths, code = REFUSED_SEATS[case]
    with pytest.raises(VivavoceError) as refusal:
        seats_of(sides, booths)
    assert refusal.value.code == code


@pytest.mark.parametrize(
    "text", ["a\nb", "a\0b", "\x1b[31m", "\u202eevil", "\u2066x", "\ud800"], ids=lambda text: ascii(text)
)
def test_a_name_that_would_upset_the_text_around_it_is_refused(text: str) -> None:
    with pytest.raises(VivavoceError, match="cannot be shown"):
        checked_text(text, "title", 80)


def test_a_name_is_trimmed_and_composed() -> None:
    assert checked_text("  Zoe\u0308 ", "title", 80) == "Zoë"


@given(st.text(max_size=100))
def test_any_text_is_taken_or_refused(text: str) -> None:
    try:
        taken = checked_text(text, "title", 80)
    except VivavoceError:
        return
    assert len(taken) <= 80
    assert checked_text(taken, "title", 80) == taken


@given(st.text(max_size=40))
def test_any_language_tag_is_taken_or_refused(tag: str) -> None:
    try:
        taken = checked_language(tag)
    except VivavoceError:
        return
    assert is_seat_name(booth_seat(taken))
