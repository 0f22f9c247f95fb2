"""The addresses that a host hands out: taken apart, and refused without telling a secret."""

from __future__ import annotations

import pytest

from vivavoce.errors import YourInputError
from vivavoce.terminal.addresses import AudienceAddress, StageAddress, checked_fingerprint

SECRET = "S3geY0BMDvrevBe8YY9hzhodtWg4dY5qU451fmTL1Z8"
HEX = "ab" * 32


@pytest.mark.parametrize(
    ("url", "base", "seat"),
    [
        (f"http://localhost:8080/stage/k7m2xq4vw3/north#{SECRET}", "http://localhost:8080", "north"),
        (f"https://[::1]:4443/stage/k7m2xq4vw3/booth-ru/#{SECRET}", "https://[::1]:4443", "booth-ru"),
        (
            f" https://example.org/talks/stage/k7m2xq4vw3/south#{SECRET}\n",
            "https://example.org/talks",
            "south",
        ),
    ],
)
def test_a_stage_address_is_taken_apart(url: str, base: str, seat: str) -> None:
    assert StageAddress.parse(url) == StageAddress(base, "k7m2xq4vw3", seat, SECRET)


@pytest.mark.parametrize(
    "url",
    [
        f"http://localhost:8080/d/k7m2xq4vw3#{SECRET}",
        f"localhost:8080/stage/k7m2xq4vw3/north#{SECRET}",
        f"ftp://localhost/stage/k7m2xq4vw3/north#{SECRET}",
        f"http://localhost:99999/stage/k7m2xq4vw3/north#{SECRET}",
        f"http://[::1/stage/k7m2xq4vw3/north#{SECRET}",
        f"http://localhost:8080/stage/short/north#{SECRET}",
        f"#{SECRET}",
        "",
    ],
)
def test_what_is_no_stage_address_is_refused_and_its_secret_not_repeated(url: str) -> None:
    with pytest.raises(YourInputError) as caught:
        StageAddress.parse(url)
    assert caught.value.code == "input.option"
    assert SECRET not in str(caught.value)


def test_a_stage_address_without_its_secret_says_so() -> None:
    with pytest.raises(YourInputError) as caught:
        StageAddress.parse("http://localhost:8080/stage/k7m2xq4vw3/north")
    assert caught.value.code == "access.stage"


def test_a_stage_address_does_not_show_its_secret() -> None:
    assert SECRET not in repr(StageAddress.parse(f"http://h/stage/k7m2xq4vw3/north#{SECRET}"))


def test_an_audience_address_may_name_a_relay() -> None:
    url = f"https://h:8080/d/k7m2xq4vw3?relay=https%3A%2F%2Fmirror%3A443%2Fline&fingerprint={HEX}"
    expected = AudienceAddress("https://h:8080", "k7m2xq4vw3", "https://mirror:443/line", HEX)
    assert AudienceAddress.parse(url) == expected
    assert AudienceAddress.parse("http://h/d/k7m2xq4vw3/").relay is None


@pytest.mark.parametrize("given", [HEX, HEX.upper(), ":".join(["AB"] * 32)])
def test_a_fingerprint_may_be_written_as_it_is_shown(given: str) -> None:
    assert checked_fingerprint(given) == HEX


@pytest.mark.parametrize("given", ["", "ab", HEX + "00", "xy" * 32])
def test_a_fingerprint_that_is_none_is_refused(given: str) -> None:
    with pytest.raises(YourInputError, match="64 hexadecimal"):
        checked_fingerprint(given)
