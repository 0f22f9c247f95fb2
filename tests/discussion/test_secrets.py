"""Secrets: drawn, kept, compared, throttled."""

from __future__ import annotations

import pytest

from vivavoce.discussion.secrets import Throttle, address_group, digest, matches, new_run, new_secret, short

MINUTE = 60_000_000


def test_a_secret_matches_itself_only() -> None:
    secret, other = new_secret(), new_secret()
    assert len(secret) == 43
    assert matches(secret, digest(secret))
    assert not matches(other, digest(secret))
    assert not matches(secret + "x", digest(secret))
    assert not matches("", digest(secret))


@pytest.mark.parametrize("text", ["", "short", "é" * 43, "\ud800", "a" * 10_000])
def test_what_is_no_secret_never_matches_even_its_own_digest(text: str) -> None:
    assert not matches(text, digest(text))


def test_what_is_kept_does_not_hold_the_secret() -> None:
    secret = new_secret()
    assert len(digest(secret)) == 32
    assert secret.encode() not in digest(secret)


def test_a_run_and_a_devices_short_name_have_their_form() -> None:
    assert len(bytes.fromhex(new_run())) == 8
    assert len(short("a device")) == 4


def test_an_address_is_throttled_after_its_limit_and_free_again_after_the_window() -> None:
    throttle = Throttle(limit=3, window_us=MINUTE)
    assert [throttle.count("192.0.2.1", at) for at in range(5)] == [True, True, True, False, False]
    assert throttle.count("192.0.2.2", 5)
    assert throttle.count("192.0.2.1", MINUTE)


def test_a_throttle_remembers_a_bounded_number_of_addresses() -> None:
    throttle = Throttle(addresses=100)
    for number in range(1000):
        throttle.count(f"10.0.{number // 256}.{number % 256}", number)
    assert len(throttle) == 100


GROUPS = {
    "192.0.2.1": "192.0.2.1",
    "2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64",
    "2001:db8:1:2:ffff::1": "2001:db8:1:2::/64",
    "fe80::1%eth0": "fe80::/64",
    "": "",
}


@pytest.mark.parametrize("address", GROUPS)
def test_addresses_of_one_customer_count_as_one(address: str) -> None:
    assert address_group(address) == GROUPS[address]
