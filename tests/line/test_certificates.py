"""The host's certificate: pinnable by browsers, renewed in time, refused with a reason."""

from __future__ import annotations

import hashlib
import ssl
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from vivavoce.errors import UnavailableError, YourInputError
from vivavoce.line.certificates import LIFETIME_S, RENEW_BEFORE_S, current, load, make

_NOW_US = 1_795_293_844_127_987
_DAY_US = 86_400_000_000


def test_a_browser_may_pin_what_is_made(tmp_path: Path) -> None:
    """W3C WebTransport, `serverCertificateHashes`: ECDSA P-256, valid for at most 14 days."""
    made = make(tmp_path / "tls", ["localhost", "192.168.1.7", "::1"], _NOW_US)
    leaf = x509.load_pem_x509_certificate(made.cert.read_bytes())
    key = leaf.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    assert isinstance(key.curve, ec.SECP256R1)
    assert leaf.not_valid_after_utc - leaf.not_valid_before_utc < timedelta(days=14)
    assert made.pinned
    assert set(made.names) == {"localhost", "192.168.1.7", "::1"}
    der = ssl.PEM_cert_to_DER_cert(made.cert.read_text())
    assert made.fingerprint == hashlib.sha256(der).hexdigest()


def test_nobody_else_may_read_the_key(tmp_path: Path) -> None:
    made = make(tmp_path / "tls", ["localhost"], _NOW_US)
    assert made.key.stat().st_mode & 0o777 == 0o600
    assert made.cert.parent.stat().st_mode & 0o777 == 0o700
    assert sorted(path.name for path in made.cert.parent.iterdir()) == ["line.crt", "line.key"]


def test_what_is_there_and_good_is_kept(tmp_path: Path) -> None:
    made = current(tmp_path, ["localhost"], _NOW_US)
    assert current(tmp_path, ["localhost"], _NOW_US + 5 * _DAY_US) == made


@pytest.mark.parametrize("days", [13, 100])
def test_what_lapses_soon_is_made_anew(tmp_path: Path, days: int) -> None:
    made = current(tmp_path, ["localhost"], _NOW_US)
    later = current(tmp_path, ["localhost"], _NOW_US + days * _DAY_US)
    assert later.fingerprint != made.fingerprint
    assert not later.due(_NOW_US + days * _DAY_US)


def test_it_is_due_three_days_before_it_lapses(tmp_path: Path) -> None:
    made = make(tmp_path, ["localhost"], _NOW_US)
    due_us = made.not_after_us - RENEW_BEFORE_S * 1_000_000
    assert not made.due(due_us - 1)
    assert made.due(due_us)
    assert made.not_after_us - _NOW_US < LIFETIME_S * 1_000_000


def test_another_name_needs_another_certificate(tmp_path: Path) -> None:
    made = current(tmp_path, ["localhost"], _NOW_US)
    assert current(tmp_path, ["localhost", "10.0.0.2"], _NOW_US).fingerprint != made.fingerprint


@pytest.mark.parametrize("spoilt", ["line.crt", "line.key"])
@pytest.mark.parametrize("content", [b"", b"rubbish", None])
def test_a_spoilt_file_is_replaced(tmp_path: Path, spoilt: str, content: bytes | None) -> None:
    current(tmp_path, ["localhost"], _NOW_US)
    if content is None:
        (tmp_path / spoilt).unlink()
    else:
        (tmp_path / spoilt).write_bytes(content)
    again = current(tmp_path, ["localhost"], _NOW_US)
    assert load(again.cert, again.key).fingerprint == again.fingerprint


def test_a_key_that_was_replaced_before_a_crash_is_noticed(tmp_path: Path) -> None:
    current(tmp_path, ["localhost"], _NOW_US)
    other = make(tmp_path / "other", ["localhost"], _NOW_US)
    (tmp_path / "line.key").write_bytes(other.key.read_bytes())
    again = current(tmp_path, ["localhost"], _NOW_US)
    assert load(again.cert, again.key).names == ("localhost",)


def test_a_given_pair_is_taken_and_not_pinned(tmp_path: Path) -> None:
    made = make(tmp_path, ["example.org"], _NOW_US)
    given = load(made.cert, made.key)
    assert not given.pinned
    assert given.fingerprint == made.fingerprint


def test_a_given_pair_that_cannot_be_used_is_refused_by_name(tmp_path: Path) -> None:
    made = make(tmp_path / "a", ["example.org"], _NOW_US)
    other = make(tmp_path / "b", ["example.org"], _NOW_US)
    rubbish = tmp_path / "rubbish.pem"
    rubbish.write_bytes(b"rubbish")
    cases = [
        (made.cert, other.key, "is not the key of"),
        (rubbish, made.key, "holds no PEM certificate"),
        (made.cert, rubbish, "holds no unencrypted PEM key"),
        (tmp_path / "nowhere", made.key, "No such file"),
        (made.key, made.cert, "holds no PEM certificate"),
        (tmp_path, made.key, "Is a directory"),
    ]
    for cert, key, reason in cases:
        with pytest.raises(YourInputError, match=reason) as caught:
            load(cert, key)
        assert caught.value.code == "tls.unusable"


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(UnavailableError, match=r"tls.*data\.read_only"):
        make(tmp_path / "file" / "tls", ["localhost"], _NOW_US)


def test_a_certificate_without_a_name_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at least one name"):
        make(tmp_path, [], _NOW_US)
