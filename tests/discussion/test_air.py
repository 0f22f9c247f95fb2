"""Who is on air: the rules A1 to A9 of vivavoce.discussion.air."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from vivavoce.discussion import air
from vivavoce.discussion.air import Air, Change, Holder
from vivavoce.errors import RefusedError

SECOND = 1_000_000


def holder(device: str, since_us: int = 0, token: str | None = None) -> Holder:
    return Holder(
        device=device,
        device_hash=f"hash of {device}",
        token_id=token or f"token of {device} at {since_us}",
        run=f"run of {device} at {since_us}",
        since_us=since_us,
    )


PHONE, LAPTOP = "phone", "laptop"
EMPTY = Air()
ON = air.take(EMPTY, holder(PHONE, 10), take_over=False).air
SENDING = air.heard(ON, "token of phone at 10", 20).air
LOST = air.passed(SENDING, 20 + 2 * SECOND).air

TAKES = {
    "nobody is on air": (EMPTY, PHONE, False, None, "went_on_air"),
    "the same device asks again": (ON, PHONE, False, None, "went_on_air"),
    "the same device asks again and says to take over": (ON, PHONE, True, None, "went_on_air"),
    "another page shows the token on air": (ON, LAPTOP, False, "token of phone at 10", "went_on_air"),
    "another device asks": (ON, LAPTOP, False, None, "air.taken"),
    "another device asks while the first is lost": (LOST, LAPTOP, False, None, "air.taken"),
    "another device shows a token that is void": (ON, LAPTOP, False, "an old token", "air.taken"),
    "another device takes over": (ON, LAPTOP, True, None, "taken_over"),
    "another device takes over from a lost one": (LOST, LAPTOP, True, None, "taken_over"),
}


@pytest.mark.parametrize("case", TAKES)
def test_taking_the_air_when(case: str) -> None:
    before, device, take_over, shown, expected = TAKES[case]
    asker = holder(device, 5 * SECOND, "the new token")
    if expected == "air.taken":
        with pytest.raises(RefusedError) as refusal:
            air.take(before, asker, take_over=take_over, shown_token_id=shown)
        assert refusal.value.code == expected
        assert "phone" in refusal.value.message
        return
    change = air.take(before, asker, take_over=take_over, shown_token_id=shown)
    assert change.event == expected
    assert change.air.holder == change.began == asker
    assert change.ended == before.holder
    assert change.why == ("taken_over" if expected == "taken_over" else change.why)
    assert change.air.heard_us == 0
    assert not change.air.lost


def test_the_same_device_anew_ends_its_old_run_as_its_own_doing() -> None:
    assert air.take(ON, holder(PHONE, 30), take_over=False).why == "again"


def test_only_the_token_on_air_leaves_it() -> None:
    change = air.leave(ON, "token of phone at 10", 30)
    assert (change.event, change.why, change.ended, change.air.holder) == ("left", "left", ON.holder, None)
    with pytest.raises(RefusedError, match=r"access\.token"):
        air.leave(ON, "an old token", 30)
    with pytest.raises(RefusedError, match=r"air\.not_on"):
        air.leave(EMPTY, "token of phone at 10", 30)


@pytest.mark.parametrize("before", [EMPTY, ON, SENDING, LOST], ids=["off", "on", "sending", "lost"])
def test_renewing_takes_whoever_is_on_air_off_it(before: Air) -> None:
    change = air.renew(before, 9 * SECOND)
    assert (change.event, change.ended, change.air.holder) == ("renewed", before.holder, None)


def test_a_seat_is_sending_for_a_second_after_its_newest_sample() -> None:
    assert not air.is_sending(ON, 10)
    assert air.is_sending(SENDING, 20 + SECOND)
    assert not air.is_sending(SENDING, 21 + SECOND)


def test_a_device_that_never_sent_is_not_lost() -> None:
    assert air.passed(ON, 60 * SECOND).event is None


def test_a_device_that_falls_silent_is_lost_once_and_returns_once() -> None:
    lost = air.passed(SENDING, 21 + SECOND)
    assert lost.event == "lost"
    assert lost.air.holder == ON.holder
    assert air.passed(lost.air, 9 * SECOND).event is None
    back = air.heard(lost.air, "token of phone at 10", 9 * SECOND)
    assert back.event == "returned"
    assert air.heard(back.air, "token of phone at 10", 9 * SECOND + 1).event is None


def test_what_a_void_token_sends_changes_nothing() -> None:
    assert air.heard(LOST, "an old token", 9 * SECOND).air == LOST
    assert air.heard(EMPTY, "an old token", 9 * SECOND).air == EMPTY


def test_after_the_hosts_restart_whoever_was_on_air_is_lost_until_it_sends() -> None:
    back = air.resumed(ON.holder, 15)
    assert back.holder == ON.holder
    assert not air.is_sending(back, 9 * SECOND)
    assert air.passed(back, 9 * SECOND).event == "lost"
    assert air.resumed(None, 15) == Air(changed_us=15)


class TheAir(RuleBasedStateMachine):
    """Any order of acts, clocks that stand still or jump back included."""

    @initialize()
    def start(self) -> None:
        self.air = Air()
        self.now = 0
        self.count = 0
        self.tokens: list[str] = []
        self.void: set[str] = set()
        self.newest_event = 0

    def apply(self, change: Change) -> None:
        before = self.air
        if change.event is not None:
            assert change.at_us >= self.newest_event, "A8"
            self.newest_event = change.at_us
        if change.ended is not None:
            assert change.ended == before.holder
            self.void.add(change.ended.token_id)
        if change.event is None:
            assert change.air.holder == before.holder
        if change.event in ("lost", "returned"):
            assert change.air.holder == before.holder, "A7"
        self.air = change.air

    @rule(step=st.integers(-2 * SECOND, 3 * SECOND))
    def time_passes(self, step: int) -> None:
        self.now = max(0, self.now + step)
        self.apply(air.passed(self.air, self.now))

    @rule(
        device=st.sampled_from(["a", "b", "c"]),
        take_over=st.booleans(),
        shown=st.integers(0, 5),
    )
    def ask(self, device: str, take_over: bool, shown: int) -> None:
        self.count += 1
        asker = replace(holder(device, self.now), token_id=f"t{self.count}", run=f"r{self.count}")
        token = self.tokens[-1 - shown] if shown < len(self.tokens) else None
        before = self.air
        try:
            change = air.take(self.air, asker, take_over=take_over, shown_token_id=token)
        except RefusedError:
            assert before.holder is not None
            assert before.holder.device != device, "A3"
            assert not take_over, "A4"
            assert token != before.holder.token_id, "A3"
            return
        self.tokens.append(asker.token_id)
        self.apply(change)
        assert self.air.holder is not None
        assert self.air.holder.token_id == asker.token_id

    @rule(which=st.integers(0, 5))
    def leave(self, which: int) -> None:
        token = self.tokens[-1 - which] if which < len(self.tokens) else "never given"
        try:
            self.apply(air.leave(self.air, token, self.now))
        except RefusedError:
            assert self.air.holder is None or self.air.holder.token_id != token, "A5"
        else:
            assert self.air.holder is None

    @rule(which=st.integers(0, 5))
    def send(self, which: int) -> None:
        token = self.tokens[-1 - which] if which < len(self.tokens) else "never given"
        before = self.air
        self.apply(air.heard(self.air, token, self.now))
        if token in self.void or token == "never given":
            assert self.air == before, "A9"
        else:
            assert not self.air.lost

    @rule()
    def renew(self) -> None:
        self.apply(air.renew(self.air, self.now))
        assert self.air.holder is None, "A6"

    @invariant()
    def a_token_that_went_void_is_never_on_air_again(self) -> None:
        assert self.air.holder is None or self.air.holder.token_id not in self.void

    @invariant()
    def nobody_is_lost_who_is_not_on_air(self) -> None:
        assert not (self.air.lost and self.air.holder is None)


TestTheAir = TheAir.TestCase
TestTheAir.settings = settings(max_examples=200, stateful_step_count=30, deadline=None)
