"""A host with a certificate of its own making: accepted only by its fingerprint, or knowingly without."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from vivavoce.clock import SystemClock
from vivavoce.errors import UnavailableError
from vivavoce.line.certificates import Certificate, make
from vivavoce.terminal.api import HostApi

pytestmark = pytest.mark.anyio

ANSWER = b'{"received_us": 1000000, "sent_us": 1000001}'


@asynccontextmanager
async def host(certificate: Certificate) -> AsyncIterator[str]:
    """Answers every request as /api/clock does, over TLS; its base address."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(ANSWER)}\r\n\r\n"
                writer.write(head.encode() + ANSWER)
        except (asyncio.IncompleteReadError, OSError):
            writer.close()

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.cert, certificate.key)
    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context)
    async with server:
        yield f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"


@pytest.fixture
def certificate(tmp_path: Path) -> Certificate:
    return make(tmp_path / "tls", ["somewhere.example"], time.time_ns() // 1000)


async def ask(base: str, *, fingerprint: str | None = None, insecure: bool = False) -> None:
    async with HostApi(base, clock=SystemClock(), fingerprint=fingerprint, insecure=insecure) as api:
        await api.compare_clocks()


async def test_an_unknown_certificate_is_refused_and_its_fingerprint_told(certificate: Certificate) -> None:
    async with host(certificate) as base:
        with pytest.raises(UnavailableError) as caught:
            await ask(base)
    assert caught.value.code == "host.unreachable"
    assert certificate.fingerprint
    assert certificate.fingerprint in caught.value.message
    assert "--insecure" in caught.value.remedy


async def test_the_certificate_of_the_fingerprint_is_accepted_by_whatever_name(
    certificate: Certificate,
) -> None:
    async with host(certificate) as base:
        await ask(base, fingerprint=certificate.fingerprint)


async def test_another_certificate_than_the_fingerprints_is_refused(certificate: Certificate) -> None:
    async with host(certificate) as base:
        with pytest.raises(UnavailableError, match="not the one of --fingerprint"):
            await ask(base, fingerprint="ab" * 32)


async def test_a_host_that_changes_its_certificate_after_it_was_compared_is_refused(
    certificate: Certificate, tmp_path: Path
) -> None:
    other = make(tmp_path / "other", ["somewhere.example"], time.time_ns() // 1000)
    async with (
        host(certificate) as base,
        host(other) as base_of_other,
        HostApi(base, clock=SystemClock(), fingerprint=certificate.fingerprint) as api,
    ):
        api._http.base_url = base_of_other
        with pytest.raises(UnavailableError):
            await api.compare_clocks()


async def test_any_certificate_is_accepted_where_that_is_asked_for(certificate: Certificate) -> None:
    async with host(certificate) as base:
        await ask(base, insecure=True)


async def test_a_host_that_is_not_there_is_unreachable(free_port: int) -> None:
    for fingerprint in (None, "ab" * 32):
        with pytest.raises(UnavailableError, match="No host answers") as caught:
            await ask(f"https://127.0.0.1:{free_port}", fingerprint=fingerprint)
        assert caught.value.code == "host.unreachable"
