"""What a line of `vivavoce watch` says to people, in the sense of what the audience page says. Pure."""

from __future__ import annotations

from typing import Final

from vivavoce.terminal.report import Line

__all__ = ["delay", "words"]

_WORDS: Final = {
    "verified": "unaltered since its device signed it",
    "pending": "on air, its seals are on their way",
    "late": "late: what is shown is not proven yet",
    "gap": "gap: something is missing",
    "broken": "BROKEN: this is not what its device signed",
    "unsealed": "on air, unsealed",
}
_ENDINGS: Final = {
    True: ". Its device signed that this was all",
    False: ". No end was signed: more may have followed",
    None: "",
}


def words(line: Line) -> str:
    """How a side stands, and of one that left whether its device signed that this was all."""
    ending = _ENDINGS[line.ended]
    if line.code == "line.unreachable":
        return "this viewer's line is down"
    if line.code == "air.not_on":
        return f"not on air{ending}"
    code = f" [{line.code}]" if line.code else ""
    by = " (key introduced by the host)" if line.by == "host" and line.state == "verified" else ""
    return f"{_WORDS[line.state]}{by}{code}{ending}"


def delay(line: Line) -> str:
    """In milliseconds, with its uncertainty."""
    if line.delay is None:
        return "not known"
    return f"{line.delay.p50_us / 1000:.0f} ms, give or take {line.delay.uncertainty_us / 1000:.0f}"
