"""One error tree with stable codes, the same in both languages, each with a remedy."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from vivavoce import errors

ROOT = Path(__file__).resolve().parents[2]


def test_python_and_typescript_know_the_same_codes() -> None:
    text = (ROOT / "web" / "src" / "errors.ts").read_text()
    listed = re.findall(r'^\s*"?([a-z]+\.[a-z_]+|internal)"?:', text, flags=re.MULTILINE)
    assert sorted(set(listed)) == sorted(errors.CODES)


def test_every_code_that_the_source_raises_is_listed() -> None:
    raised: set[str] = set()
    for path in (ROOT / "src").rglob("*.py"):
        raised |= set(re.findall(r'Error\(\s*"([a-z]+\.[a-z_]+|internal)"', path.read_text()))
    assert raised
    assert raised <= set(errors.CODES)


def test_every_remedy_is_a_sentence() -> None:
    for code, remedy in errors.CODES.items():
        assert remedy.endswith("."), code
        assert remedy[0].isupper(), code


def test_a_code_that_is_not_listed_cannot_be_raised() -> None:
    with pytest.raises(KeyError):
        errors.YourInputError("made.up", "No such code.")
