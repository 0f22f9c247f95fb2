"""The host's HTTP API, as the terminal uses it."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Final, Self

import httpx

from vivavoce.clock import Clock, ClockEstimate, HostClock
from vivavoce.errors import CODES, RefusedError, UnavailableError, VivavoceError, YourInputError
from vivavoce.terminal import trust
from vivavoce.terminal.addresses import StageAddress

__all__ = ["AirGrant", "HostApi"]

_PROBES_AT_START: Final = 5


@dataclass(frozen=True, slots=True)
class AirGrant:
    """As POST …/air answers. token: never to be logged."""

    token: str = field(repr=False)
    run: str
    path: str
    line_url: str
    fingerprint: str | None


class HostApi:
    """Async context manager. base: `http://localhost:8080`. fingerprint, insecure: see `trust`.

    Every method raises what the host answered, by its code, or UnavailableError `host.unreachable`.
    """

    def __init__(
        self, base: str, *, clock: Clock, fingerprint: str | None = None, insecure: bool = False
    ) -> None:
        self._base = base
        self._clock = clock
        self._fingerprint, self._insecure = fingerprint, insecure
        self._http: httpx.AsyncClient
        self._host_clock = HostClock()

    async def __aenter__(self) -> Self:
        verify = await trust.context_for(self._base, fingerprint=self._fingerprint, insecure=self._insecure)
        self._http = httpx.AsyncClient(
            base_url=self._base, verify=verify, timeout=httpx.Timeout(10, connect=5), trust_env=False
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def create(self, facts: dict[str, Any]) -> dict[str, Any]:
        """A new discussion; see /api/docs."""
        return dict(await self._ask("POST", "/api/discussions", json=facts))

    async def discussion(self, id: str) -> dict[str, Any]:
        """What everybody may know of a discussion."""
        return dict(await self._ask("GET", f"/api/discussions/{id}"))

    async def founding(self, discussion: str) -> dict[str, Any]:
        """The founding facts, as the host tells them: `facts` and `hash` in hex, and by seat the `devices`
        that seal now, each `run` and `device` in hex, and `revocations`. Does not check that the
        hash is of the facts."""
        return dict(await self._ask("GET", f"/api/discussions/{discussion}/founding"))

    async def leaves(self, discussion: str, run: str, track: int, group: int, count: int) -> bytes:
        """The leaves of the first `count` samples of a span, as they travel (seal.md, S20). Does not check
        them. Raises YourInputError `leaves.unknown` where the host does not have them."""
        asked = {"run": run, "track": track, "group": group, "count": count}
        answer = await self._request("GET", f"/api/discussions/{discussion}/leaves", params=asked)
        return answer.content

    async def revoke(self, discussion: str, revocation: bytes) -> None:
        """Have a revocation kept and told. revocation: its envelope."""
        await self._ask("POST", f"/api/discussions/{discussion}/revocations", content=revocation)

    async def line(self) -> tuple[str, str | None]:
        """(url, fingerprint) of where a viewer takes the line."""
        facts = await self._ask("GET", "/api/line")
        return facts["url"], facts["fingerprint"]

    async def seat(self, stage: StageAddress) -> dict[str, Any]:
        """The seat that the stage address is for."""
        return dict(await self._ask("GET", _seat(stage), bearer=stage.secret))

    async def go_on_air(
        self, stage: StageAddress, device: str, *, take_over: bool = False, token: str | None = None
    ) -> AirGrant:
        """Raises RefusedError `air.taken` where another device is on air and take_over is not given."""
        asked = {"device": device, "take_over": take_over} | ({"token": token} if token else {})
        facts = await self._ask("POST", f"{_seat(stage)}/air", json=asked, bearer=stage.secret)
        line = facts["line"]
        return AirGrant(facts["token"], facts["run"], facts["path"], line["url"], line["fingerprint"])

    async def leave(self, stage: StageAddress, token: str) -> None:
        await self._ask("DELETE", f"{_seat(stage)}/air", bearer=token)

    async def compare_clocks(self) -> ClockEstimate:
        """Probe the host's clock, five times at first, and return the best estimate so far."""
        for _ in range(1 if self._host_clock.estimate else _PROBES_AT_START):
            sent_us = self._clock.now_us()
            facts = await self._ask("GET", "/api/clock")
            self._host_clock.probe(sent_us, facts["received_us"], facts["sent_us"], self._clock.now_us())
        estimate = self._host_clock.estimate
        assert estimate is not None
        return estimate

    @property
    def clock_estimate(self) -> ClockEstimate | None:
        """The host's clock as far as it is known."""
        return self._host_clock.estimate

    async def _ask(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        content: bytes | None = None,
        bearer: str | None = None,
    ) -> Any:
        headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
        if content is not None:
            headers["Content-Type"] = "application/octet-stream"
        answer = await self._request(method, path, json=json, content=content, headers=headers)
        return answer.json() if answer.content else None

    async def _request(self, method: str, path: str, **options: Any) -> httpx.Response:
        try:
            answer = await self._http.request(method, path, **options)
        except httpx.HTTPError as error:
            raise await self._unreachable(error) from None
        if answer.is_success:
            return answer
        raise _told(answer)

    async def _unreachable(self, error: httpx.HTTPError) -> VivavoceError:
        cause: BaseException | None = error
        while cause is not None:
            if isinstance(cause, ssl.SSLCertVerificationError):
                seen = await trust.seen_fingerprint(self._base)
                return UnavailableError(
                    "host.unreachable",
                    f"The certificate of the host at {self._base}, fingerprint {seen}, is not known here.",
                    remedy="Compare it with what the host says of itself, then give it with --fingerprint;"
                    " or accept any with --insecure, which lets whoever is in between read the secret.",
                )
            cause = cause.__cause__ or cause.__context__
        return UnavailableError("host.unreachable", f"No host answers at {self._base}.")


def _seat(stage: StageAddress) -> str:
    return f"/api/discussions/{stage.discussion}/seats/{stage.seat}"


def _told(answer: httpx.Response) -> VivavoceError:
    """The host's error as one of ours."""
    try:
        facts = answer.json()["error"]
        code, message, remedy = str(facts["code"]), str(facts["message"]), str(facts["remedy"])
    except (ValueError, KeyError, TypeError):
        return UnavailableError(
            "host.unreachable", f"What answers at {answer.url.copy_with(fragment=None)} is no Vivavoce host."
        )
    kind = {404: YourInputError, 413: YourInputError, 422: YourInputError, 503: UnavailableError}.get(
        answer.status_code, RefusedError
    )
    return kind(code if code in CODES else "internal", message, remedy=remedy)
