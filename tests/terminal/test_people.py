"""The drawn people: they look different, speak in turn, move with their voices, and show the time."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from vivavoce.line.sources import gesture, speech
from vivavoce.line.sources.person import Person
from vivavoce.line.sources.studio import ClockFace, clock_text
from vivavoce.line.sources.voice import Voice

START_US = 1_795_293_848_000_000 // (2 * speech.TURN_US) * (2 * speech.TURN_US)
TURNS = [START_US // speech.TURN_US + turn for turn in range(40)]


def loudness(side: str, at_us: int, seconds: float) -> float:
    voice = Voice(side, at_us)
    sound = np.concatenate([voice.read(960) for _ in range(int(seconds * 50))]).astype(np.float64)
    return float(np.sqrt(np.mean(sound**2)))


@pytest.fixture(scope="module")
def people() -> dict[str, Person]:
    return {side: Person(side, side.title(), 320, 180) for side in ("north", "south")}


def test_the_time_in_the_picture_is_utc_to_the_hundredth_and_never_ahead() -> None:
    assert clock_text(1_795_293_847_359_999) == "20:44:07.35"
    assert clock_text(1_795_293_847_000_000) == "20:44:07.00"


def test_the_digits_of_the_clock_never_shift() -> None:
    face = ClockFace(1.0)
    widths = {face._cells[digit].width for digit in "0123456789"}
    assert len(widths) == 1


@pytest.mark.parametrize("turn", TURNS)
def test_only_the_side_whose_turn_it_is_speaks_beyond_a_sound_of_assent(turn: int) -> None:
    owner, other = ("north", "south") if turn % 2 == 0 else ("south", "north")
    said, heard = speech.utterance(owner, turn), speech.utterance(other, turn)
    assert sum(one.end_us - one.start_us for one in said) > speech.TURN_US // 2
    assert len(heard) in (0, 2)
    assert {one.vowel for one in heard} <= {"m"}


@pytest.mark.parametrize("side", ["north", "south"])
def test_syllables_keep_their_order_and_stay_within_their_turn(side: str) -> None:
    for turn in TURNS:
        said = speech.utterance(side, turn)
        assert all(one.start_us < one.end_us for one in said)
        assert all(one.end_us <= next_one.start_us for one, next_one in itertools.pairwise(said))
        assert all(speech.turn_of(one.start_us) == speech.turn_of(one.end_us) == turn for one in said)


def test_sides_whose_clocks_differ_by_200_ms_still_do_not_speak_at_once() -> None:
    for at_us in range(START_US, START_US + 4 * speech.TURN_US, 20_000):
        assert not (speech.is_speaking("north", at_us) and speech.is_speaking("south", at_us + 200_000))


def test_who_has_the_turn_is_heard_and_who_has_not_is_not() -> None:
    quiet_turn = next(turn for turn in TURNS[::2] if not speech.utterance("south", turn))
    at_us = quiet_turn * speech.TURN_US
    assert loudness("north", at_us, 8) > 20 * loudness("south", at_us, 8)


def test_both_sides_are_about_equally_loud_and_differ_in_pitch() -> None:
    north, south = loudness("north", START_US, 8), loudness("south", START_US + speech.TURN_US, 8)
    assert 0.6 < north / south < 1.7

    def pitch(side: str, turn_us: int) -> float:
        """The strongest period in the sound's envelope, by its autocorrelation, in Hz."""
        voice = Voice(side, turn_us)
        sound = np.concatenate([voice.read(960) for _ in range(400)]).astype(np.float64)
        sound = np.abs(sound) - np.abs(sound).mean()
        spectrum = np.fft.rfft(sound, 2 * len(sound))
        echo = np.fft.irfft(np.abs(spectrum) ** 2)
        low, high = 48_000 // 400, 48_000 // 70
        return 48_000 / (low + int(np.argmax(echo[low:high])))

    assert 150 < pitch("north", START_US) < 260
    assert 80 < pitch("south", START_US + speech.TURN_US) < 150


@pytest.mark.parametrize("side", ["north", "south"])
def test_the_voice_is_the_same_however_it_is_cut_into_packets(side: str) -> None:
    at_us = START_US + (speech.TURN_US if side == "south" else 0)
    whole, cut = Voice(side, at_us), Voice(side, at_us)
    one = whole.read(960 * 150).astype(np.float64)
    other = np.concatenate([cut.read(480) for _ in range(300)]).astype(np.float64)
    assert np.sqrt(np.mean((one - other) ** 2)) < 0.05 * np.sqrt(np.mean(one**2))


def test_the_mouth_opens_with_the_voice_and_rests_while_the_other_speaks() -> None:
    speaking = [gesture.pose("north", START_US + step * 20_000).opened for step in range(50, 350)]
    listening = [gesture.pose("south", START_US + step * 20_000).opened for step in range(50, 350)]
    assert max(speaking) > 0.7
    assert np.mean(speaking) > 0.2 > 4 * np.mean(listening)
    silent = [
        gesture.pose("north", at_us).opened
        for at_us in range(START_US, START_US + speech.TURN_US, 10_000)
        if speech.syllable_at("north", at_us) is None
    ]
    assert silent
    assert max(silent) == 0


@pytest.mark.parametrize("side", ["north", "south"])
def test_a_side_blinks_some_times_a_minute_and_a_listener_nods(side: str) -> None:
    closed = [gesture.pose(side, START_US + step * 20_000).closed > 0.9 for step in range(3000)]
    blinks = sum(now and not before for before, now in itertools.pairwise(closed))
    assert 12 <= blinks <= 45
    other_turn = START_US + (speech.TURN_US if side == "north" else 0)
    nods = [gesture.pose(side, other_turn + step * 20_000).head_y for step in range(60, 390)]
    assert max(nods) - min(nods) > 3


def test_no_part_of_a_pose_jumps_from_one_picture_to_the_next() -> None:
    for side in ("north", "south"):
        poses = [gesture.pose(side, START_US + step * 16_667) for step in range(1200)]
        for part in ("head_x", "head_y", "turn", "tilt", "brow", "breath"):
            moves = [abs(getattr(a, part) - getattr(b, part)) for a, b in itertools.pairwise(poses)]
            assert max(moves) < 1.6, (side, part)


def test_the_two_are_drawn_differently_and_equally_bright(people: dict[str, Person]) -> None:
    north, south = (np.asarray(people[side].draw(START_US), dtype=np.float64) for side in ("north", "south"))
    assert north.shape == south.shape == (180, 320, 3)
    assert np.abs(north - south).mean() > 10
    assert 0.75 < north.mean() / south.mean() < 1.33


def test_pictures_of_different_moments_differ_and_of_one_moment_do_not(people: dict[str, Person]) -> None:
    first = np.asarray(people["north"].draw(START_US))
    assert not np.array_equal(first, np.asarray(people["north"].draw(START_US + 10_000)))
    assert np.array_equal(first, np.asarray(people["north"].draw(START_US)))


def test_a_name_in_another_script_is_drawn() -> None:
    named = np.asarray(Person("south", "Юг", 320, 180).draw(START_US))
    unnamed = np.asarray(Person("south", "", 320, 180).draw(START_US))
    assert not np.array_equal(named, unnamed)
