"""When a session counts as dead (vivavoce.line.dial)."""

from __future__ import annotations

import pytest

from vivavoce.errors import CODES
from vivavoce.line.closing import Closing
from vivavoce.line.dial import Silence

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
