"""Promise: what an identity key revoked counts in a record, its export and its clips alike, whoever tells it;
and what nobody's key signed counts nowhere."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.fakes.mp4s import Film
from tests.record.films import SOUTH, film_record
from vivavoce.record.clip import clip_mp4
from vivavoce.record.contents import open_record
from vivavoce.record.export import export_mp4
from vivavoce.record.founding import founding_of_record
from vivavoce.record.seals import SEALS_START, Kept, read_seals, write_entry
from vivavoce.record.verdicts import Judged
from vivavoce.record.verify import verify
from vivavoce.record.verify_mp4 import verify_mp4
from vivavoce.seal.papers import Papers, parse_papers
from vivavoce.seal.signer import Signer
from vivavoce.seal.statement import Revocation

LATER_RUN = "2" * 16
"""North's second run, of which the clip has nothing."""


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return film_record(tmp_path_factory.mktemp("films"), lossy=False)


@pytest.fixture
def record(films: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(films, tmp_path / films.name))


def seals_of(file: Path) -> list[Kept]:
    return [one for one in read_seals(file.read_bytes()) if isinstance(one, Kept)]


def revocation(record: Path, *, later_us: int = 0, by: Signer = SOUTH) -> bytes:
    """Of south's device, dated so long after its run began."""
    contents = open_record(record, samples=False)
    run = next(run for run in contents.runs if run.seat == "south")
    papers = next(one for one in seals_of(record / "south" / run.run / "seals.log") if one.index == 0)
    said = Revocation(parse_papers(papers.raw).device, run.epoch_us + later_us).to_bytes()
    return by.envelope("revocation", founding_of_record(contents.facts).digest, said)


def told(record: Path, *revocations: bytes) -> None:
    """The host kept these."""
    file = record / "record.json"
    facts = json.loads(file.read_text())
    file.write_text(json.dumps({**facts, "revocations": [raw.hex() for raw in revocations]}))


def carried(record: Path, *revocations: bytes) -> None:
    """The papers of another run have these."""
    file = record / "north" / LATER_RUN / "seals.log"

    def with_them(one: Kept) -> Kept:
        if one.index:
            return one
        papers = parse_papers(one.raw)
        raw = Papers(papers.device, papers.statement, papers.vouchers, revocations).to_bytes()
        return replace(one, raw=raw)

    file.write_bytes(SEALS_START + b"".join(write_entry(with_them(one)) for one in seals_of(file)))


def judged(record: Path, tmp_path: Path) -> dict[str, Judged]:
    """Of the record, an export and a clip of it. The clip is of the time in which north's first run and
    south's are on air."""
    export_mp4(record, tmp_path / "whole.mp4")
    clip_mp4(record, tmp_path / "clip.mp4", 1_000_000, 2_000_000)
    return {
        "record": verify(record),
        "whole": verify_mp4(tmp_path / "whole.mp4"),
        "clip": verify_mp4(tmp_path / "clip.mp4"),
    }


@pytest.mark.parametrize("tell", [told, carried])
def test_a_run_that_began_when_its_device_was_revoked_is_broken_everywhere(
    tell: Callable[..., None], record: Path, tmp_path: Path
) -> None:
    tell(record, revocation(record))
    for name, one in judged(record, tmp_path).items():
        assert not one.holds, name
        assert [(each.code, each.side) for each in one.findings if each.code == "seal.run"] == [
            ("seal.run", "south")
        ], name
        assert {each.side: each.by for each in one.sides} == {"north": "host", "south": None}, name


@pytest.mark.parametrize("tell", [told, carried])
@pytest.mark.parametrize("why", ["later", "by a stranger", "no envelope"])
def test_a_run_stands_everywhere_where_a_revocation_does_not_count(
    why: str, tell: Callable[..., None], record: Path, tmp_path: Path
) -> None:
    raws = {
        "later": revocation(record, later_us=1),
        "by a stranger": revocation(record, by=Signer()),
        "no envelope": b"x" * 128,
    }
    tell(record, raws[why])
    for name, one in judged(record, tmp_path).items():
        assert (one.holds, one.findings) == (True, []), name
        assert {each.side: each.by for each in one.sides} == {"north": "host", "south": "identity"}, name


def test_a_file_and_its_record_say_the_same(record: Path, tmp_path: Path) -> None:
    told(record, revocation(record))
    all = judged(record, tmp_path)
    assert all["whole"].findings == all["record"].findings
    assert all["whole"].verdict == all["record"].verdict


def test_strangers_cannot_use_up_the_room_of_a_revocation(record: Path) -> None:
    stranger = Signer()
    told(record, *(revocation(record, later_us=at, by=stranger) for at in range(1_000)), revocation(record))
    assert "seal.run" in {one.code for one in verify(record).findings}


def test_a_file_has_only_what_identity_keys_signed(record: Path, tmp_path: Path) -> None:
    true = revocation(record)
    told(record, b"x", true, revocation(record, by=Signer()), true)
    carried(record, true)
    export_mp4(record, tmp_path / "film.mp4")
    assert Film(tmp_path / "film.mp4").evidence.revoked == (true,)


def test_whoever_makes_a_file_may_leave_a_revocation_out(record: Path, tmp_path: Path) -> None:
    """As docs/trust.md says: that nothing was revoked is its maker's word."""
    told(record, revocation(record))
    export_mp4(record, tmp_path / "film.mp4")
    film = Film(tmp_path / "film.mp4")
    film.evidence.revoked = ()
    film.write()
    assert verify_mp4(tmp_path / "film.mp4").holds
