"""A device is lost in mid-air and its side takes its word back: publish, watch, record, verify, for real."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.hosts import Host, serving
from tests.terminal.media import write
from tests.terminal.test_commands import nothing_is_left_running, run, stage, start, states, stop
from vivavoce.record.seals import Kept, read_seals
from vivavoce.record.verify import verify
from vivavoce.seal.papers import parse_papers
from vivavoce.terminal.keyfiles import load_signer, new_key

pytestmark = [pytest.mark.timeout(180), pytest.mark.usefixtures(nothing_is_left_running.__name__)]


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    with serving(tmp_path_factory.mktemp("revoked") / "data") as host:
        yield host


@dataclass
class North:
    """North brought an identity key, and has two devices that it vouched for."""

    host: Host
    folder: Path
    made: Any

    def keys(self, verb: str, device: str, out: str, *words: str) -> None:
        options = ("--identity", self.folder / "identity.pem", "--device", self.folder / f"{device}.pem")
        where = ("--for", self.made["audience_url"], "--out", self.folder / out)
        assert run("keys", verb, *options, *where, *words)[0] == 0

    def speaks(self, device: str, *words: str | Path) -> None:
        """From a file, to its end."""
        keys = ("--device-key", self.folder / f"{device}.pem", "--voucher", self.folder / f"{device}.voucher")
        assert run("publish", stage(self.made), "--file", self.folder / "talk.mkv", *keys, *words)[0] == 0

    def papers(self) -> list[tuple[bytes, tuple[bytes, ...]]]:
        """Of each run in the record: its device, and what it revokes."""
        found = []
        for log in (self.host.data / "records" / self.made["id"]).glob("north/*/seals.log"):
            one = next(one for one in read_seals(log.read_bytes()) if isinstance(one, Kept))
            papers = parse_papers(one.raw)
            found.append((papers.device, papers.revocations))
        return found

    def by(self) -> list[str | None]:
        """Whose word each run of the record stands by, as `vivavoce verify` judges."""
        return sorted((one.by for one in verify(self.host.data / "records" / self.made["id"]).sides), key=str)


@pytest.fixture
def north(host: Host, tmp_path: Path) -> North:
    identity = new_key(tmp_path / "identity.pem")
    made = host.new_discussion(sides=[{"identity_key": identity.public.hex()}, {}])
    write(tmp_path / "talk.mkv", seconds=2, sounds=(("libopus", "eng"),))
    one = North(host, tmp_path, made)
    for device in ("lost", "found"):
        new_key(tmp_path / f"{device}.pem")
        one.keys("vouch", device, f"{device}.voucher", "--seat", "north")
    return one


def test_what_the_host_was_sent_breaks_the_next_run_and_lets_those_before_stand(north: North) -> None:
    watcher = start("watch", north.made["audience_url"], "--json")
    north.speaks("lost")
    north.keys("revoke", "found", "of-another", "--send")
    north.speaks("lost")
    assert north.by() == ["identity", "identity"], "nothing was taken from it: the control"
    north.keys("revoke", "lost", "revocation", "--send")
    north.speaks("lost")
    said = states(stop(watcher, signal.SIGINT)[1], "north")
    assert ("verified", None) in said
    assert {state for state in said if state[0] == "broken"} == {("broken", "seal.run")}
    assert said.index(("broken", "seal.run")) > max(at for at, one in enumerate(said) if one[0] == "verified")
    assert north.by() == [None, "identity", "identity"]


def test_what_a_later_run_carries_reaches_those_who_watch_past_the_host(north: North) -> None:
    north.keys("revoke", "lost", "revocation")
    revocation = (north.folder / "revocation").read_bytes()
    watcher = start("watch", north.made["audience_url"], "--json")
    north.speaks("lost")
    north.speaks("found", "--revocation", north.folder / "revocation")
    lost, found = (load_signer(north.folder / f"{name}.pem").public for name in ("lost", "found"))
    assert sorted(north.papers()) == sorted([(lost, ()), (found, (revocation,))])
    north.speaks("lost")
    said = states(stop(watcher, signal.SIGINT)[1], "north")
    assert said.count(("broken", "seal.run")) >= 1
    first = said.index(("broken", "seal.run"))
    assert ("verified", None) in said[:first]
    assert ("verified", None) not in said[first:]


@pytest.mark.parametrize(("times", "code"), [(33, "input.option"), (1, "input.file")])
def test_revocations_that_cannot_be_carried_are_refused(north: North, times: int, code: str) -> None:
    words: list[str | Path] = ["--revocation", north.folder / "identity.pem"] * times
    status, _, err = run("publish", stage(north.made), "--synthetic", *words)
    assert (status, code in err) == (2, True)
