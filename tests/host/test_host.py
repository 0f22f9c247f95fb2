"""One host in this process: its parts work together on a real port."""

from __future__ import annotations

import asyncio
import socket
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from vivavoce.clock import ClockEstimate, SystemClock
from vivavoce.errors import VivavoceError
from vivavoce.host import Host
from vivavoce.line.certificates import make
from vivavoce.line.publish import Publisher
from vivavoce.line.trackconfig import TrackConfig
from vivavoce.settings import Settings
from vivavoce.web.server import bound

pytestmark = pytest.mark.anyio

SOUND = TrackConfig("floor.1", "audio", "opus", sample_rate=48_000, channels=1, language="en", role="floor")
DAY_US = 86_400_000_000


@dataclass
class MovedClock:
    """The machine's clock, moved on by a test."""

    by_us: int = 0

    def now_us(self) -> int:
        return SystemClock().now_us() + self.by_us


def settings(data: Path, **more: Any) -> Settings:
    return Settings(data=data, port=more.pop("port", 0), **more)


def client(host: Host, verify: bool | ssl.SSLContext = False) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=host.url, verify=verify, trust_env=False)


def speak(line: Publisher, number: int) -> None:
    line.write("floor.1", number * 20_000, True, bytes([0xFC, number % 256]))


def publisher(grant: dict[str, Any]) -> Publisher:
    clock = SystemClock()
    return Publisher(
        url=grant["line"]["url"],
        fingerprint=grant["line"]["fingerprint"],
        token=grant["token"],
        path=grant["path"],
        run=grant["run"],
        epoch_us=clock.now_us(),
        clock=clock,
    )


async def on_air(http: httpx.AsyncClient) -> tuple[str, dict[str, Any]]:
    """A new discussion's id, and the grant of a device on air for north."""
    made = (await http.post("/api/discussions", json={})).json()
    secret = made["sides"][0]["stage_url"].partition("#")[2]
    answer = await http.post(
        f"/api/discussions/{made['id']}/seats/north/air",
        json={"device": "the-phone"},
        headers={"Authorization": f"Bearer {secret}"},
    )
    return made["id"], answer.json()


async def until(http: httpx.AsyncClient, id: str, what: Any) -> dict[str, Any]:
    """The discussion's state once `what` holds for it."""
    while True:
        state: dict[str, Any] = (await http.get(f"/api/discussions/{id}")).json()["state"]
        if what(state):
            return state
        await asyncio.sleep(0.05)


async def test_what_a_side_sends_reaches_the_state_the_metrics_and_the_record(tmp_path: Path) -> None:
    async with Host(settings(tmp_path)) as host, client(host) as http:
        id, grant = await on_air(http)
        async with publisher(grant) as line:
            line.set_tracks([SOUND])
            line.write_clock(0, ClockEstimate(0, 500))
            for number in range(50):
                speak(line, number)
                await asyncio.sleep(0.005)
            state = await until(http, id, lambda state: state["seats"]["north"]["sending"])
        assert state["recording"] == "running"
        metrics = (await http.get("/metrics")).text
        assert f'vivavoce_line_samples_total{{discussion="{id}",kind="sound",seat="north"}}' in metrics
        assert "vivavoce_capture_to_host_seconds_count" in metrics
        assert "vivavoce_seats_on_air 1.0" in metrics
        state = await until(http, id, lambda state: len(state["events"]) == 2)
        assert [event["event"] for event in state["events"]] == ["went_on_air", "lost"]
        assert state["seats"]["north"]["on_air"]
        assert not state["seats"]["north"]["sending"]
    files = {
        path.name: path.stat().st_size for path in (tmp_path / "records" / id).rglob("*") if path.is_file()
    }
    assert files["floor.1.mp4"] > 50 * 2


async def test_a_device_comes_back_with_its_token_after_the_hosts_restart(
    tmp_path: Path, free_port: int
) -> None:
    async with Host(settings(tmp_path, port=free_port)) as host, client(host) as http:
        id, grant = await on_air(http)
        line = await publisher(grant).__aenter__()
        line.set_tracks([SOUND])
        number = 0
        while not (await http.get(f"/api/discussions/{id}")).json()["state"]["seats"]["north"]["sending"]:
            speak(line, number := number + 1)
            await asyncio.sleep(0.02)
    async with Host(settings(tmp_path, port=free_port)) as host, client(host) as http:
        while True:
            state = (await http.get(f"/api/discussions/{id}")).json()["state"]
            if state["seats"]["north"]["sending"]:
                break
            speak(line, number := number + 1)
            await asyncio.sleep(0.02)
        assert state["seats"]["north"]["run"] == grant["run"]
        names = [event["event"] for event in state["events"]]
        assert names[0] == "went_on_air"
        assert "left" not in names
    await line.__aexit__(None, None, None)


async def test_taking_over_and_renewing_end_the_run_on_the_line(tmp_path: Path) -> None:
    async with Host(settings(tmp_path)) as host, client(host) as http:
        id, grant = await on_air(http)
        async with publisher(grant) as line:
            line.set_tracks([SOUND])
            speak(line, 0)
            renewed = await http.post(f"/api/discussions/{id}/seats/north/renew", json={})
            assert renewed.status_code == 200
            assert await line.ended() in ("air.not_on", "access.token")
        with pytest.raises(VivavoceError):
            async with publisher(grant):
                pass


async def test_the_certificate_is_renewed_before_it_lapses_and_the_line_goes_on(tmp_path: Path) -> None:
    clock = MovedClock()
    async with Host(settings(tmp_path), clock=clock) as host, client(host) as http:
        before = (await http.get("/api/line")).json()
        assert not await host.renew_certificate()
        clock.by_us = 11 * DAY_US
        assert await host.renew_certificate()
        after = (await http.get("/api/line")).json()
        assert after["fingerprint"] != before["fingerprint"]
        assert after["url"] == before["url"]
        assert not await host.renew_certificate()
        _, grant = await on_air(http)
        async with publisher(grant) as line:
            assert line.live


async def test_a_host_for_others_serves_https_under_a_certificate_of_its_own(tmp_path: Path) -> None:
    clock = MovedClock()
    async with Host(settings(tmp_path, host="0.0.0.0"), clock=clock) as host:
        assert host.url.startswith("https://")
        trusting = ssl.create_default_context(cafile=str(host.certificate.cert))
        local = f"https://127.0.0.1:{host.port}"
        async with httpx.AsyncClient(base_url=local, verify=trusting, trust_env=False) as http:
            line = (await http.get("/api/line")).json()
            assert line == {"url": f"{local}/line", "fingerprint": host.certificate.fingerprint}
            assert (await http.post("/api/discussions", json={})).status_code == 401
            secret = host.secret_file.read_text().strip()
            made = await http.post("/api/discussions", json={}, headers={"Authorization": f"Bearer {secret}"})
            assert made.json()["audience_url"].startswith(host.url)
        clock.by_us = 11 * DAY_US
        assert await host.renew_certificate()
        renewed = ssl.create_default_context(cafile=str(host.certificate.cert))
        renewed.verify_flags &= ~ssl.VERIFY_X509_STRICT
        async with httpx.AsyncClient(base_url=local, verify=renewed, trust_env=False) as http:
            with pytest.raises(httpx.ConnectError, match="not yet valid"):  # served, and made for later
                await http.get("/api/clock")


async def test_a_given_certificate_is_served_and_taken_up_when_its_files_are_replaced(tmp_path: Path) -> None:
    given = make(tmp_path / "given", ["localhost", "127.0.0.1"], SystemClock().now_us())
    told = settings(tmp_path / "data", tls_cert=given.cert, tls_key=given.key)
    async with Host(told) as host:
        assert host.url == f"https://localhost:{host.port}"
        trusting = ssl.create_default_context(cafile=str(given.cert))
        async with client(host, trusting) as http:
            assert (await http.get("/api/line")).json()["fingerprint"] is None
        assert not await host.renew_certificate()
        again = make(tmp_path / "given", ["localhost", "127.0.0.1"], SystemClock().now_us())
        assert again.fingerprint != given.fingerprint
        assert await host.renew_certificate()
        async with client(host, ssl.create_default_context(cafile=str(again.cert))) as http:
            assert (await http.get("/api/clock")).status_code == 200


async def test_a_given_certificate_names_a_host_that_listens_everywhere(tmp_path: Path) -> None:
    given = make(tmp_path / "given", ["*.example", "studio.example", "127.0.0.1"], SystemClock().now_us())
    told = settings(tmp_path / "data", host="0.0.0.0", tls_cert=given.cert, tls_key=given.key)
    async with Host(told) as host:
        assert host.url == f"https://studio.example:{host.port}"


async def test_a_host_on_the_second_loopback_address_has_its_line_there(tmp_path: Path) -> None:
    for address, written in (("127.0.0.2", "127.0.0.2"), ("::1", "[::1]")):
        try:
            for each in bound(address, 0):
                each.close()
        except VivavoceError:
            continue  # a machine without that address
        async with Host(settings(tmp_path, host=address)) as host, client(host) as http:
            assert host.url == f"http://{written}:{host.port}"
            _, grant = await on_air(http)
            assert grant["line"]["url"] == f"https://{written}:{host.port}/line"
            async with publisher(grant) as line:
                assert line.live


async def test_a_given_certificate_that_cannot_be_served_is_named(tmp_path: Path) -> None:
    now_us = SystemClock().now_us()
    one = make(tmp_path / "one", ["localhost"], now_us)
    other = make(tmp_path / "other", ["localhost"], now_us)
    old = make(tmp_path / "old", ["localhost"], now_us - 20 * DAY_US)
    for cert, key, said in (
        (one.cert, other.key, "is not the key"),
        (tmp_path / "none.pem", one.key, r"none\.pem"),
        (one.key, one.key, "no PEM certificate"),
        (old.cert, old.key, "has lapsed"),
    ):
        with pytest.raises(VivavoceError, match=said) as refusal:
            async with Host(settings(tmp_path / "data", tls_cert=cert, tls_key=key)):
                pass
        assert refusal.value.code == "tls.unusable"


async def test_a_busy_port_is_named_with_its_protocol(tmp_path: Path, busy_tcp: int, busy_udp: int) -> None:
    for port, protocol in ((busy_tcp, "TCP"), (busy_udp, "UDP")):
        with pytest.raises(VivavoceError, match=f"{protocol}.*{port}|{port}.*{protocol}") as refusal:
            async with Host(settings(tmp_path, port=port)):
                pass
        assert refusal.value.code == "port.busy"
    async with Host(settings(tmp_path)):
        pass


async def test_an_address_of_another_machine_is_named(tmp_path: Path) -> None:
    with pytest.raises(VivavoceError, match=r"192\.0\.2\.7.*not an address of this machine"):
        async with Host(settings(tmp_path, host="192.0.2.7")):
            pass


async def test_localhost_is_this_host_by_both_its_addresses(tmp_path: Path) -> None:
    if not socket.has_ipv6 or len(sockets := bound("127.0.0.1", 0)) == 1:
        pytest.skip("a machine without IPv6")
    for each in sockets:
        each.close()
    async with Host(settings(tmp_path)) as host:
        for address in ("127.0.0.1", "[::1]"):
            async with httpx.AsyncClient(trust_env=False) as http:
                assert (await http.get(f"http://{address}:{host.port}/api/clock")).status_code == 200


async def test_the_host_stops_by_itself_when_another_took_its_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from vivavoce import host as hosts
    from vivavoce.discussion.store import Store
    from vivavoce.errors import UnavailableError

    async def taken(_: Store) -> None:
        raise UnavailableError("data.in_use", "Another host works on the database.")

    monkeypatch.setattr(hosts, "_UPKEEP_S", 0.01)
    monkeypatch.setattr(Store, "check", taken)
    async with Host(settings(tmp_path)) as host:
        with pytest.raises(UnavailableError, match=r"data\.in_use"):
            await host.failed()


async def test_a_connection_that_says_nothing_is_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from vivavoce.web import protocol

    monkeypatch.setattr(protocol, "HEAD_S", 0.2)
    async with Host(settings(tmp_path)) as host, client(host) as http:
        for said in (b"", b"GET /api/clock HT", b"GET /api/clock HTTP/1.1\r\nHost: localhost\r\n"):
            reader, writer = await asyncio.open_connection("127.0.0.1", host.port)
            writer.write(said)
            assert (await reader.read()).startswith(b"HTTP/1.1 400")
            writer.close()
        answer = await http.get("/api/clock")
        await asyncio.sleep(0.4)  # an idle connection that was used may stay
        assert answer.status_code == (await http.get("/api/clock")).status_code == 200


HUGE = {
    "a header of a megabyte": b"GET /api/clock HTTP/1.1\r\nHost: localhost\r\nX: "
    + b"x" * 1_000_000
    + b"\r\n\r\n",
    "an address of a megabyte": b"GET /" + b"x" * 1_000_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "a hundred thousand headers": b"GET /api/clock HTTP/1.1\r\nHost: localhost\r\n"
    + b"A: b\r\n" * 100_000
    + b"\r\n",
    "no HTTP": b"\x16\x03\x01" + b"\0" * 1000,
    "a body said to be endless": (
        b"POST /api/discussions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        b"Content-Length: 99999999999999999999999999\r\n\r\n{}"
    ),
    "a chunk said to be endless": (
        b"POST /api/discussions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        b"Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF\r\n" + b"x" * 200_000
    ),
}


@pytest.mark.parametrize("case", HUGE)
async def test_the_host_lives_on_after(case: str, tmp_path: Path) -> None:
    async with Host(settings(tmp_path)) as host, client(host) as http:
        reader, writer = await asyncio.open_connection("127.0.0.1", host.port)
        try:
            writer.write(HUGE[case])
            await writer.drain()
            said = await asyncio.wait_for(reader.read(4096), 20)
        except ConnectionError:
            said = b""
        writer.close()
        assert not said.startswith(b"HTTP/1.1 2")
        assert (await http.get("/api/clock")).status_code == 200
