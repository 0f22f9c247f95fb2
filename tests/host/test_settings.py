"""What a host is told at its start."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from vivavoce.errors import VivavoceError
from vivavoce.settings import Settings

HOSTS: dict[str, tuple[str, bool, bool, str]] = {
    # --host: (listens on, only this machine, HTTPS, in addresses)
    "localhost": ("127.0.0.1", True, False, "localhost"),
    "127.0.0.1": ("127.0.0.1", True, False, "127.0.0.1"),
    "127.0.0.2": ("127.0.0.2", True, False, "127.0.0.2"),
    "::1": ("::1", True, False, "[::1]"),
    "192.0.2.7": ("192.0.2.7", False, True, "192.0.2.7"),
    "2001:db8::1": ("2001:db8::1", False, True, "[2001:db8::1]"),
    "studio.example": ("0.0.0.0", False, True, "studio.example"),
}


@pytest.mark.parametrize("host", HOSTS)
def test_where_a_host_listens_and_how_it_is_addressed(host: str) -> None:
    settings = Settings(host=host)
    assert (settings.bind, settings.is_loopback, settings.is_secure, settings.public_host) == HOSTS[host]


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("localhost", "127.0.0.1"),
        ("127.0.0.2", "127.0.0.2"),
        ("::1", "::1"),
        ("::", "::1"),
        ("0.0.0.0", "127.0.0.1"),
    ],
)
def test_this_machine_itself_finds_the_line_at(host: str, address: str) -> None:
    assert Settings(host=host).line_loopback == address


def test_all_addresses_are_addressed_by_the_one_on_the_way_out() -> None:
    settings = Settings(host="0.0.0.0")
    assert settings.bind == "0.0.0.0"
    assert settings.public_host not in ("0.0.0.0", "")


def test_a_certificate_makes_even_localhost_secure() -> None:
    assert Settings(tls_cert=Path("a"), tls_key=Path("b")).is_secure


def test_the_certificate_of_the_hosts_own_making_is_for_every_name_it_answers_to() -> None:
    assert {"studio.example", "localhost", "127.0.0.1", "::1"} <= set(Settings(host="studio.example").names)
    assert len(set(Settings().names)) == len(Settings().names)


REFUSED: dict[str, dict[str, Any]] = {
    "--port is 65536": {"port": 65_536},
    "--port is -1": {"port": -1},
    "--sessions is 7": {"sessions": 7},
    "--host is 'no such name'": {"host": "no such name"},
    "--host is ''": {"host": ""},
    "--host is 'a..b'": {"host": "a..b"},
    "--tls-key is missing": {"tls_cert": Path("a")},
    "--tls-cert is missing": {"tls_key": Path("a")},
    "--relay is 'http://relay.example'": {"relay": "http://relay.example"},
    "--relay is 'nonsense'": {"relay": "nonsense"},
}


@pytest.mark.parametrize("said", REFUSED)
def test_a_setting_out_of_range_is_named_with_its_value(said: str) -> None:
    with pytest.raises(VivavoceError) as refusal:
        Settings(**REFUSED[said])
    assert refusal.value.message.startswith(said)


def test_a_database_password_is_not_shown_with_the_settings() -> None:
    assert "geheim" not in repr(Settings(database="postgresql://a:geheim@b/c"))
