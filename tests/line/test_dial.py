"""When a session counts as dead (vivavoce.line.dial)."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import moq
import pytest

from vivavoce.errors import CODES
from vivavoce.line.closing import Closing
from vivavoce.line.dial import Dialler, Silence

# (what happens, packets sent and received at each look of 200 ms, what the last look says)
_CASES = {
    "a line that receives is alive": ([(n, n) for n in range(20)], "alive"),
    "a line that was heard just now is alive": ([(1, 1), (9, 1)], "alive"),
    "a line that is silent for half a second is asked": ([(1, 1)] * 4, "ask"),
    "a line that has nothing to send is idle, however long": ([(1, 1)] * 50, "ask"),
    "a line whose questions find no answer is dead": ([(1 + n, 1) for n in range(7)], "dead"),
    "a line that sends into silence is dead": ([(1 + 40 * n, 1) for n in range(7)], "dead"),
    "a line that answers the question is alive": ([*[(1 + n, 1) for n in range(5)], (6, 2)], "alive"),
    "a line that came back starts anew": ([*[(1 + n, 1) for n in range(9)], (10, 2), (20, 2)], "alive"),
}


@pytest.mark.parametrize("what", _CASES)
def test_silence(what: str) -> None:
    looks, last = _CASES[what]
    silence = Silence(0)
    said = ""
    for number, (sent, received) in enumerate(looks):
        said = silence.look(sent, received, number * 200_000)
    assert said == last


def test_every_closing_has_an_error_that_people_can_read() -> None:
    assert {closing.error for closing in Closing} <= set(CODES)
    assert not Closing.TOKEN.retry
    assert Closing.DONE.retry


class _Session:
    def stats(self) -> Any:
        return SimpleNamespace(packets_sent=0, packets_received=0, rtt_us=0)

    async def closed(self) -> None:
        await asyncio.Event().wait()


class _Client:
    async def __aexit__(self, *_: object) -> None:
        pass


class _Scripted(Dialler):
    """Dials take `takes_s`, and sessions end as `ends` says; the last one goes on."""

    def __init__(self, takes_s: list[float], ends: list[Closing | None]) -> None:
        self.up: asyncio.Queue[bool] = asyncio.Queue()
        super().__init__(
            url="https://127.0.0.1:1/line",
            fingerprint=None,
            token=None,
            now_us=lambda: 0,
            publish=moq.OriginProducer,
            subscribe=moq.OriginProducer,
            changed=lambda session, _: self.up.put_nowait(session is not None),
        )
        self._takes_s, self._ends = takes_s, ends

    async def _dial(self) -> Any:
        await asyncio.sleep(self._takes_s.pop(0))
        return SimpleNamespace(client=_Client(), session=_Session())

    async def _watch(self, line: Any) -> Closing | None:
        if not self._ends:
            await asyncio.Event().wait()
        return self._ends.pop(0)


@pytest.mark.anyio
async def test_a_session_that_a_given_up_dial_of_our_own_put_out_is_dialled_again() -> None:
    dialler = _Scripted([0, 0.5, 0.5, 0], [Closing.DONE, Closing.REPLACED])
    await dialler.start()
    assert [await dialler.up.get() for _ in range(5)] == [True, False, True, False, True]
    assert not dialler.ended.done()
    await dialler.stop()


@pytest.mark.anyio
async def test_a_session_that_another_device_put_out_is_over() -> None:
    dialler = _Scripted([0, 0], [Closing.DONE, Closing.REPLACED])
    await dialler.start()
    assert await dialler.ended is Closing.REPLACED
    await dialler.stop()
