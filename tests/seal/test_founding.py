"""Promise: whatever a discussion may be called, its founding facts can be read, and say all of it."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest

from vivavoce.discussion.discussion import (
    ID_BYTES,
    MAX_BOOTHS,
    MAX_NAME,
    MAX_TITLE,
    Discussion,
    NewSeat,
    checked_text,
    discussion_id,
    seats_of,
)
from vivavoce.seal.founding import founding_of
from vivavoce.seal.statement import parse_founding

KEY = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")


def discussion(title: str = "On the bridge", *, name: str = "", booths: int = 0) -> Discussion:
    languages = [f"x{chr(97 + number)}" for number in range(booths)]
    seats = seats_of([NewSeat(name, "en", KEY), (name, "ru")], [(name, language) for language in languages])
    title = checked_text(title, "title", MAX_TITLE)
    return Discussion(discussion_id(b"\1" * ID_BYTES), title, 1_795_293_844_127_987, seats)


def test_they_say_who_sits_where_in_order_booths_included() -> None:
    facts = founding_of(discussion(booths=1))
    assert [(one.seat, one.name, one.language, one.identity) for one in facts.sides] == [
        ("north", "North", "en", KEY),
        ("south", "South", "ru", b""),
        ("booth-xa", "xa", "xa", b""),
    ]
    assert (facts.title, facts.created_us) == ("On the bridge", 1_795_293_844_127_987)


LONGEST = {
    "a Cyrillic title": discussion("Щ" * MAX_TITLE),
    "a title of symbols outside the first plane": discussion("🎙" * MAX_TITLE),
    "Chinese names": discussion(name="議" * MAX_NAME),
    "everything at once, in every booth": discussion("🎙" * MAX_TITLE, name="🎙" * MAX_NAME, booths=MAX_BOOTHS),
    "nothing but defaults": discussion(""),
}


@pytest.mark.parametrize("case", LONGEST)
def test_they_are_read_as_they_were_written_with(case: str) -> None:
    facts = founding_of(LONGEST[case])
    assert parse_founding(facts.to_bytes()) == facts


def test_whoever_changes_any_of_it_has_another_hash() -> None:
    made = discussion()
    north, south = made.seats
    changed = {
        "the id": replace(made, id=discussion_id(os.urandom(ID_BYTES))),
        "the title": replace(made, title="On the bridges"),
        "the time": replace(made, created_us=made.created_us + 1),
        "the order": replace(made, seats=(south, north)),
        "a seat less": replace(made, seats=(north,)),
        "a name": replace(made, seats=(replace(north, name="Northland"), south)),
        "a language": replace(made, seats=(replace(north, language="en-GB"), south)),
        "a key taken away": replace(made, seats=(replace(north, identity=b""), south)),
        "a key put in": replace(made, seats=(north, replace(south, identity=KEY))),
    }
    hashes = {what: founding_of(each).digest for what, each in changed.items()}
    assert len({*hashes.values(), founding_of(made).digest}) == len(changed) + 1
    assert founding_of(replace(made)).digest == founding_of(made).digest
