"""`vivavoce keys` as a person types it, against a real host; what it signs is judged as a viewer does."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.hosts import VIVAVOCE, Host, serving
from vivavoce.clock import SystemClock
from vivavoce.errors import EvidenceError
from vivavoce.seal.signer import Signer
from vivavoce.seal.statement import Founding, FoundingSide, RunStatement, parse_founding, run_of
from vivavoce.terminal import vouching
from vivavoce.terminal.keyfiles import load_envelopes, load_signer, new_key

ROOT = Path(__file__).resolve().parents[2]
MINUTE_US = 60_000_000
DAY_US = 86_400_000_000


@dataclass
class Keyed:
    """A discussion whose north brought an identity key, in a folder that holds `north.pem`, `device.pem`."""

    folder: Path
    made: Any
    founding: Founding

    def keys(self, *words: str) -> tuple[int, str, str]:
        done = subprocess.run(
            [str(VIVAVOCE), "keys", *words], cwd=self.folder, capture_output=True, text=True, timeout=60
        )
        return done.returncode, done.stdout, done.stderr

    def signs(self, verb: str, *flags: str, **changed: str | None) -> tuple[int, str, str]:
        """The command with all that it needs. changed: options given otherwise, None for not at all."""
        options: dict[str, str | None] = {
            "identity": "north.pem",
            "device": "device.pem",
            "for": self.made["audience_url"],
            "seat": "north" if verb == "vouch" else None,
            "out": verb,
        }
        words = [(f"--{name}", value) for name, value in (options | changed).items() if value is not None]
        return self.keys(verb, *flags, *(word for pair in words for word in pair))

    def standing(self, *, vouchers: str = "vouch", revocations: str = "", later_us: int = 0) -> str:
        """How a run of north's device stands that begins now, or the code by which it does not."""
        device = load_signer(self.folder / "device.pem")
        epoch_us = SystemClock().now_us() + later_us
        run = RunStatement(b"\1" * 8, Signer().public, "north", epoch_us)
        statement = device.envelope("run", self.founding.digest, run.to_bytes())
        files = [[self.folder / name for name in names.split()] for names in (vouchers, revocations)]
        try:
            return run_of(
                self.founding,
                statement,
                device.public,
                load_envelopes(files[0]),
                revocations=load_envelopes(files[1]),
            )[1]
        except EvidenceError as error:
            return error.code


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    with serving(tmp_path_factory.mktemp("keys") / "data") as host:
        yield host


@pytest.fixture
def keyed(host: Host, tmp_path: Path) -> Keyed:
    north = new_key(tmp_path / "north.pem")
    new_key(tmp_path / "device.pem")
    made = host.new_discussion(
        title="Заседание", sides=[{"name": "Ana", "identity_key": north.public.hex()}, {"name": "Боб"}]
    )
    told = host.request("GET", f"/api/discussions/{made['id']}/founding")
    return Keyed(tmp_path, made, parse_founding(bytes.fromhex(told["facts"])))


def test_a_key_is_made_and_shown(keyed: Keyed) -> None:
    code, out, err = keyed.keys("new", "another.pem")
    assert (code, err) == (0, "")
    key = keyed.keys("show", "another.pem")[1].strip()
    assert len(bytes.fromhex(key)) == 32
    assert key in out
    assert keyed.keys("show", key)[1].strip() == key
    assert keyed.keys("new", "another.pem")[0] == 2
    pem = (keyed.folder / "another.pem").read_text()
    assert pem.splitlines()[1] not in out


def test_a_device_that_is_vouched_for_speaks_for_its_seat_and_it_is_said_in_words(keyed: Keyed) -> None:
    assert keyed.standing(vouchers="") == "seal.run", "without a voucher it does not: the control"
    code, out, err = keyed.signs("vouch", name="Ana's telephone")
    assert (code, err) == (0, "")
    assert keyed.standing() == "identity"
    assert keyed.standing(later_us=DAY_US - MINUTE_US) == "identity"
    assert keyed.standing(later_us=DAY_US + MINUTE_US) == "seal.run", "a day is the default"
    assert keyed.standing(later_us=-5 * MINUTE_US) == "identity", "its clock may be slow"
    voucher = (keyed.folder / "vouch").read_bytes().hex()
    texts = ("Ana's telephone", "speaks for north", " UTC until ", keyed.founding.digest.hex(), voucher)
    for said in ("Заседание", keyed.made["id"], *texts):
        assert said in out
    assert "north: Ana, en, identity key " in out
    assert "south: Боб, en, key introduced by the host" in out


def test_a_device_may_be_named_by_its_digits_and_for_days(keyed: Keyed) -> None:
    device = load_signer(keyed.folder / "device.pem").public.hex()
    assert keyed.signs("vouch", device=device, days="3")[0] == 0
    assert keyed.standing(later_us=3 * DAY_US - MINUTE_US) == "identity"


def test_a_device_that_is_revoked_begins_no_run_and_a_new_one_does(keyed: Keyed) -> None:
    assert keyed.signs("vouch")[0] == 0
    code, out, err = keyed.signs("revoke")
    assert (code, err) == (0, "")
    assert "does not speak for north" in out
    assert keyed.standing(revocations="revoke") == "seal.run"
    assert keyed.standing(revocations="revoke", later_us=-MINUTE_US) == "identity", "what began before stands"
    (keyed.folder / "device.pem").rename(keyed.folder / "lost.pem")
    new_key(keyed.folder / "device.pem")
    assert keyed.signs("vouch", out="second")[0] == 0
    assert keyed.standing(vouchers="vouch second", revocations="revoke") == "identity"


def test_a_revocation_that_is_sent_is_told_by_the_host_and_it_is_said_what_happens(
    host: Host, keyed: Keyed
) -> None:
    def told() -> list[str]:
        return list(host.request("GET", f"/api/discussions/{keyed.made['id']}/founding")["revocations"])

    code, out, err = keyed.signs("revoke", out="unsent")
    assert (code, err, told()) == (0, "", [])
    assert "Nobody knows it yet" in out
    code, out, err = keyed.signs("revoke", "--send")
    assert (code, err) == (0, "")
    assert told() == [(keyed.folder / "revoke").read_bytes().hex()]
    assert "Sent: the host tells everybody" in out
    assert "stays on air until another device takes over" in out


def test_the_commands_of_the_operators_guide_do_what_it_says(host: Host, keyed: Keyed) -> None:
    text = (ROOT / "docs" / "operating.md").read_text()
    block = re.search(r"```\n(vivavoce keys new.*?)```", text, flags=re.DOTALL)
    assert block is not None
    lines = [line.partition("  ")[0].split() for line in block[1].splitlines() if line.startswith("vivavoce")]
    assert [words[2] for words in lines] == ["new", "show", "vouch", "revoke"]
    device = load_signer(keyed.folder / "device.pem").public.hex()

    def runs(words: list[str], audience_url: str = "") -> str:
        given = {"AUDIENCE_URL": audience_url, "DEVICE": device}
        code, out, err = keyed.keys(*(given.get(word, word) for word in words[2:]))
        assert (code, err) == (0, ""), words
        return out

    new, show, vouch, revoke = lines
    told, key = runs(new), runs(show).strip()
    assert key in told
    made = host.new_discussion(sides=[{"identity_key": key}, {}])
    assert "speaks for north" in runs(vouch, made["audience_url"])
    assert "Sent: " in runs(revoke, made["audience_url"])
    facts = host.request("GET", f"/api/discussions/{made['id']}/founding")
    assert facts["revocations"] == [(keyed.folder / "revocation").read_bytes().hex()]


REFUSED: dict[str, tuple[str, dict[str, str | None], str]] = {
    "another's identity key": ("vouch", {"identity": "device.pem"}, "seal.key"),
    "a seat that brought none": ("vouch", {"seat": "south"}, "brought no identity key"),
    "a seat that is not there": ("vouch", {"seat": "booth-fr"}, "there are north, south"),
    "no days": ("vouch", {"days": "0"}, "--days"),
    "a name that cannot be shown": ("vouch", {"name": "a\x1b[31m"}, "input.malformed"),
    "a device that is none": ("vouch", {"device": "d75a"}, "input.file"),
    "a device's key that none may have": ("vouch", {"device": "01" + "00" * 31}, "seal.key"),
    "an identity that is a folder": ("vouch", {"identity": "."}, "input.file"),
    "a file that is there": ("vouch", {"out": "north.pem"}, "is there already"),
    "an address that is none": ("vouch", {"for": "http://localhost/stage/x"}, "is not an audience address"),
    "a host that does not answer": ("vouch", {"for": "http://localhost:9/d/k7m2xq4vw3"}, "host.unreachable"),
    "a seat left out": ("vouch", {"seat": None}, "--seat"),
    "a key of no seat, to revoke": ("revoke", {"identity": "device.pem"}, "seal.key"),
    "a file that is there, to revoke": ("revoke", {"out": "north.pem"}, "is there already"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_nothing_is_signed_for(case: str, keyed: Keyed) -> None:
    verb, changed, says = REFUSED[case]
    kept = {path.name: path.read_bytes() for path in keyed.folder.iterdir()}
    code, out, err = keyed.signs(verb, **changed)
    assert code == 2
    assert says in err
    assert out == ""
    if changed.get("days") is None and changed.get("seat", "") is not None:
        assert len(err.strip().splitlines()) == 1, "Typer says what a command lacks in a box of its own"
    assert {path.name: path.read_bytes() for path in keyed.folder.iterdir()} == kept


def test_a_discussion_that_is_not_there_is_named(keyed: Keyed) -> None:
    address = keyed.made["audience_url"].replace(keyed.made["id"], "aaaaaaaaaa")
    code, _, err = keyed.signs("vouch", **{"for": address})
    assert code == 2
    assert "discussion.unknown" in err


def test_the_group_lists_its_commands_and_stands_among_the_others() -> None:
    listed = subprocess.run([str(VIVAVOCE), "keys", "--help"], capture_output=True, text=True)
    assert listed.returncode == 0
    assert all(verb in listed.stdout for verb in ("new", "show", "vouch", "revoke"))
    every = subprocess.run([str(VIVAVOCE), "--help"], capture_output=True, text=True).stdout
    assert "│ keys " in every
    assert subprocess.run([str(VIVAVOCE), "keys", "nope"], capture_output=True).returncode == 2


FACTS = Founding("k7m2xq4vw9", "A talk", 1, (FoundingSide("north", "North", "en"),))
TOLD: dict[str, Any] = {"facts": FACTS.to_bytes().hex(), "hash": FACTS.digest.hex(), "devices": {}}
LIES: dict[str, tuple[dict[str, Any], str]] = {
    "nothing": ({}, "k7m2xq4vw9"),
    "no hex": (TOLD | {"facts": "zz"}, "k7m2xq4vw9"),
    "facts that are cut off": (TOLD | {"facts": TOLD["facts"][:-2]}, "k7m2xq4vw9"),
    "a number": (TOLD | {"facts": 7}, "k7m2xq4vw9"),
    "another hash": (TOLD | {"hash": "00" * 32}, "k7m2xq4vw9"),
    "another discussion": (TOLD, "aaaaaaaaaa"),
}


@pytest.mark.parametrize("case", LIES)
def test_a_host_is_not_believed_that_tells(case: str) -> None:
    told, discussion = LIES[case]
    with pytest.raises(EvidenceError) as refusal:
        vouching.founding_told(told, discussion)
    assert refusal.value.code == "seal.founding"


def test_a_host_that_tells_the_facts_is_heard() -> None:
    assert vouching.founding_told(TOLD, "k7m2xq4vw9") == FACTS


def test_a_hosts_texts_do_not_command_the_terminal() -> None:
    side = FoundingSide("north", "a\u202eb\x9b31m", "en")
    words = vouching.in_words(Founding("k7m2xq4vw9", "", (1 << 53) - 1, (side,)))
    assert "a\ufffdb\ufffd31m" in words
    assert "without a title" in words
