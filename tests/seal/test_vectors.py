"""Promise: both languages read the same seals, refuse the same and find the same (docs/formats/seal.md)."""

from __future__ import annotations

import filecmp
from pathlib import Path
from typing import Any

import pytest
from tools.vectors.verdicts import play
from tools.vectors.write import write

from tests.vectors import load
from vivavoce.errors import EvidenceError
from vivavoce.seal.config import parse_config
from vivavoce.seal.keys import check_signature
from vivavoce.seal.leavesframe import parse_leaves
from vivavoce.seal.papers import parse_papers
from vivavoce.seal.seal import parse_seal
from vivavoce.seal.statement import parse_founding, run_of
from vivavoce.seal.verdict import Verdict

ROOT = Path(__file__).resolve().parents[2]


def outcome(read: Any) -> str:
    try:
        read()
    except EvidenceError as error:
        return error.code
    return "ok"


@pytest.mark.parametrize("vector", load("seal/form"))
def test_the_form_of_a_seal(vector: Any) -> None:
    payload = bytes.fromhex(vector["input"]["payload"])
    assert outcome(lambda: parse_seal(payload)) == vector["expect"]
    if vector["expect"] == "ok":
        assert parse_seal(payload).seq == vector["output"]["seq"]
        assert parse_seal(payload).to_bytes() == payload


@pytest.mark.parametrize("vector", load("seal/key"))
def test_a_key_and_its_signature(vector: Any) -> None:
    given = {name: bytes.fromhex(value) for name, value in vector["input"].items()}
    assert outcome(lambda: check_signature(**given)) == vector["expect"]


@pytest.mark.parametrize("vector", load("seal/config"))
def test_a_decoders_configuration(vector: Any) -> None:
    raw = bytes.fromhex(vector["input"]["config"])
    assert outcome(lambda: parse_config(raw)) == vector["expect"]
    if vector["expect"] == "ok":
        assert parse_config(raw).name == vector["output"]["name"]
        assert parse_config(raw).to_bytes() == raw


@pytest.mark.parametrize("vector", load("seal/papers"))
def test_a_runs_papers(vector: Any) -> None:
    raw = bytes.fromhex(vector["input"]["papers"])
    assert outcome(lambda: parse_papers(raw)) == vector["expect"]
    if vector["expect"] == "ok":
        papers = parse_papers(raw)
        told = {"vouchers": len(papers.vouchers), "revocations": len(papers.revocations)}
        assert told == vector["output"]
        assert papers.to_bytes() == raw


@pytest.mark.parametrize("vector", load("seal/leaves"))
def test_the_leaves_of_a_span(vector: Any) -> None:
    raw = bytes.fromhex(vector["input"]["leaves"])
    assert outcome(lambda: parse_leaves(raw)) == vector["expect"]
    if vector["expect"] == "ok":
        frame = parse_leaves(raw)
        told = {"track": frame.track, "group": frame.group, "leaves": len(frame.leaves)}
        assert told == vector["output"]
        assert frame.to_bytes() == raw


@pytest.mark.parametrize("vector", load("seal/run"))
def test_whose_run_it_is(vector: Any) -> None:
    given = vector["input"]

    def many(name: str) -> list[bytes]:
        return [bytes.fromhex(one) for one in given[name]]

    def read() -> str:
        founding = parse_founding(bytes.fromhex(given["founding"]))
        statement, device = bytes.fromhex(given["statement"]), bytes.fromhex(given["device"])
        return run_of(founding, statement, device, many("vouchers"), revocations=many("revocations"))[1]

    assert outcome(read) == vector["expect"]
    if vector["expect"] == "ok":
        assert read() == vector["output"]["standing"]


@pytest.mark.parametrize("vector", load("seal/verdict"))
def test_the_verdict_on(vector: Any) -> None:
    given = vector["input"]
    run = [bytes.fromhex(given[name]) for name in ("founding", "run", "key", "statement")]
    assert play(Verdict(run[0], run[1], run[2], run[3]), given["events"]) == vector["output"]


def test_the_vectors_are_what_their_program_writes(tmp_path: Path) -> None:
    write(tmp_path)
    here = ROOT / "vectors" / "seal"
    names = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.json"))
    there = sorted(str(path.relative_to(here)) for path in here.rglob("*.json"))
    assert names == there
    assert filecmp.cmpfiles(here, tmp_path, names, shallow=False) == (names, [], [])
