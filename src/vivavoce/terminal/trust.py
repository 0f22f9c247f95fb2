"""Which certificate a host's pages are accepted by, when it is of the host's own making."""

from __future__ import annotations

import asyncio
import hashlib
import ssl
from urllib.parse import urlsplit

from vivavoce.errors import UnavailableError

__all__ = ["context_for", "seen_fingerprint"]

_DIAL_S = 5.0


async def context_for(base: str, *, fingerprint: str | None, insecure: bool) -> ssl.SSLContext | bool:
    """What httpx's `verify` takes.

    fingerprint: SHA-256 of the one certificate to accept, in hex. The certificate is fetched, compared, and
    then is the only root that the following connections trust, so nobody can slip in between.
    insecure: accept any. Raises UnavailableError `host.unreachable`, also if the fingerprints differ.
    """
    if urlsplit(base).scheme != "https":
        return True
    if insecure:
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return context
    if fingerprint is None:
        return True
    certificate = await _certificate(base)
    seen = hashlib.sha256(certificate).hexdigest()
    if seen != fingerprint:
        raise UnavailableError(
            "host.unreachable",
            f"The host at {base} shows the certificate {seen}, not the one of --fingerprint.",
            remedy="Ask the host for its fingerprint again; if it is still this one, someone is in between.",
        )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_flags = ssl.VerifyFlags.VERIFY_X509_PARTIAL_CHAIN
    context.load_verify_locations(cadata=certificate)
    return context


async def seen_fingerprint(base: str) -> str | None:
    """SHA-256, in hex, of the certificate that answers at `base`; None where none does. Proves nothing."""
    try:
        return hashlib.sha256(await _certificate(base)).hexdigest()
    except UnavailableError:
        return None


async def _certificate(base: str) -> bytes:
    parts = urlsplit(base)
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        async with asyncio.timeout(_DIAL_S):
            _, writer = await asyncio.open_connection(
                parts.hostname, parts.port or 443, ssl=context, server_hostname=parts.hostname
            )
    except (OSError, TimeoutError):
        raise UnavailableError("host.unreachable", f"No host answers at {base}.") from None
    try:
        certificate: bytes | None = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    finally:
        writer.close()
    if certificate is None:
        raise UnavailableError("host.unreachable", f"The host at {base} shows no certificate.")
    return certificate
