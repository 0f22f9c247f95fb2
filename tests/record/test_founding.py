"""Promise: a record is founded with the same bytes as its discussion was."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.seal.test_founding import discussion
from vivavoce.discussion.public import record_facts
from vivavoce.errors import EvidenceError
from vivavoce.record.founding import founding_of_record
from vivavoce.seal.founding import founding_of


def facts(title: str = "On the bridge", booths: int = 3) -> dict[str, Any]:
    """`record.json` as the recorder writes it, and as it is read."""
    founded = discussion(title, booths=booths)
    return dict(json.loads(json.dumps({**record_facts(founded), "version": 1, "discussion": founded.id})))


@pytest.mark.parametrize("title", ["", "On the bridge", "Разговор на мосту", "🎙" * 200])
def test_a_record_has_the_founding_of_its_discussion(title: str) -> None:
    assert founding_of_record(facts(title)) == founding_of(discussion(title, booths=3))


@pytest.mark.parametrize("name", ["title", "created_us", "seats", "discussion"])
def test_a_fact_that_is_missing_is_named(name: str) -> None:
    lacking = facts()
    del lacking[name]
    with pytest.raises(EvidenceError, match=name):
        founding_of_record(lacking)


def test_another_fact_is_another_founding() -> None:
    other = facts()
    other["seats"]["south"]["name"] = "Somebody else"
    assert founding_of_record(other).digest != founding_of(discussion(booths=3)).digest
