"""The certificate that QUIC and HTTPS share: made here, or given.

A browser trusts a self-made one only by its fingerprint, and only if it is an ECDSA key and valid for at
most fourteen days (W3C WebTransport, `serverCertificateHashes`); so it is renewed well before it lapses.
"""

from __future__ import annotations

import ipaddress
import os
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from vivavoce.errors import UnavailableError, YourInputError

__all__ = ["LIFETIME_S", "RENEW_BEFORE_S", "Certificate", "current", "load", "make"]

LIFETIME_S = 13 * 86_400
"""From not_before to not_after. Browsers refuse a pinned certificate that is valid for over 14 days."""

RENEW_BEFORE_S = 3 * 86_400
"""A page that was opened with the old fingerprint has this long before the old one would have lapsed."""

_BACKDATE_S = 3_600
"""A viewer whose clock is up to an hour slow still accepts it."""

_MICROS = 1_000_000


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate chain and its key, as files. The key itself is never held here.

    fingerprint: SHA-256 of the leaf's DER, 64 hex digits. pinned: self-made, so viewers need the fingerprint.
    names: the hosts and addresses it stands for. not_after_us: Unix microseconds.
    """

    cert: Path
    key: Path
    fingerprint: str
    names: tuple[str, ...]
    not_after_us: int
    pinned: bool

    def due(self, now_us: int) -> bool:
        """Whether it should be replaced now: less than `RENEW_BEFORE_S` of its life is left."""
        return now_us >= self.not_after_us - RENEW_BEFORE_S * _MICROS


def current(folder: Path, names: Sequence[str], now_us: int) -> Certificate:
    """The self-made certificate in `folder`, or a new one if there is none, it is due, it stands for other
    names, or it cannot be read. Raises UnavailableError `data.read_only` if it cannot be written."""
    try:
        found = _read(folder / "line.crt", folder / "line.key", pinned=True)
    except (OSError, ValueError, YourInputError):
        return make(folder, names, now_us)
    if found.due(now_us) or not set(names) <= set(found.names):
        return make(folder, names, now_us)
    return found


def make(folder: Path, names: Sequence[str], now_us: int) -> Certificate:
    """Make a self-signed ECDSA P-256 certificate; write it to `folder` (0700) as line.crt, line.key (0600).

    names: host names and IP addresses it is to stand for, at least one. now_us: Unix microseconds.
    The files are replaced one after the other, the key first: a crash in between leaves a pair that does
    not belong together, which `current` notices and replaces.
    Raises ValueError without names, UnavailableError `data.read_only` if the files cannot be written.
    """
    if not names:
        raise ValueError("a certificate needs at least one name")
    key = ec.generate_private_key(ec.SECP256R1())
    start = datetime.fromtimestamp(now_us // _MICROS - _BACKDATE_S, tz=UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Vivavoce host")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(seconds=LIFETIME_S))
        .add_extension(x509.SubjectAlternativeName([_general_name(each) for each in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _replace(folder / "line.key", secret)
        _replace(folder / "line.crt", certificate.public_bytes(serialization.Encoding.PEM))
    except OSError as error:
        raise UnavailableError(
            "data.read_only", f"The certificate cannot be written to {folder}: {error.strerror}."
        ) from None
    return _read(folder / "line.crt", folder / "line.key", pinned=True)


def load(cert: Path, key: Path) -> Certificate:
    """A certificate that was given: a PEM chain, leaf first, and its unencrypted PEM key.

    Raises YourInputError `tls.unusable` and says which file and why. Does not check who signed it, nor that
    it has not lapsed: see `not_after_us`.
    """
    return _read(cert, key, pinned=False)


def _read(cert: Path, key: Path, *, pinned: bool) -> Certificate:
    chain = _bytes(cert, "certificate")
    secret = _bytes(key, "key")
    try:
        leaf = x509.load_pem_x509_certificates(chain)[0]
    except ValueError:
        raise YourInputError("tls.unusable", f"{cert} holds no PEM certificate.") from None
    try:
        private = serialization.load_pem_private_key(secret, password=None)
    except (ValueError, TypeError):
        raise YourInputError("tls.unusable", f"{key} holds no unencrypted PEM key.") from None
    spki = (serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    if private.public_key().public_bytes(*spki) != leaf.public_key().public_bytes(*spki):
        raise YourInputError("tls.unusable", f"{key} is not the key of {cert}.")
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(cert, key)
    except ssl.SSLError as error:
        raise YourInputError("tls.unusable", f"{cert} cannot be served: {error.reason}.") from None
    return Certificate(
        cert=cert,
        key=key,
        fingerprint=leaf.fingerprint(hashes.SHA256()).hex(),
        names=_names(leaf),
        not_after_us=int(leaf.not_valid_after_utc.timestamp()) * _MICROS,
        pinned=pinned,
    )


def _bytes(path: Path, what: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise YourInputError("tls.unusable", f"The {what} {path} cannot be read: {error.strerror}.") from None


def _names(leaf: x509.Certificate) -> tuple[str, ...]:
    try:
        names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    addresses = [str(address) for address in names.get_values_for_type(x509.IPAddress)]
    return (*names.get_values_for_type(x509.DNSName), *addresses)


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _replace(path: Path, data: bytes) -> None:
    """Whole or not at all, and never readable by others, not even for a moment."""
    temporary = path.with_name(path.name + ".new")
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
