"""Log lines are structured and carry neither secrets nor names."""

from __future__ import annotations

import io
import json
import logging
import sys
from collections.abc import Iterator

import pytest
import structlog

from vivavoce import log


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    out = io.StringIO()
    monkeypatch.setattr(sys, "stderr", out)
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    log.set_up(json=True)
    yield out
    root.handlers, root.level = before, level
    structlog.reset_defaults()


def test_a_line_is_one_json_object_with_its_fields(lines: io.StringIO) -> None:
    structlog.get_logger("vivavoce.x").info("went_on_air", discussion="k7m2xq4vw9", seat="north")
    line = json.loads(lines.getvalue())
    assert (line["event"], line["level"], line["discussion"]) == ("went_on_air", "info", "k7m2xq4vw9")
    assert line["timestamp"].endswith("Z")


SECRET = "pOk0CF59bVmIs9NcAxrBOjTvrL9PcnA1cFGH7Lr3EUE"
SAID = {
    "a field of that name": {"token": SECRET},
    "the query of an address": {"url": f"https://127.0.0.1:8080/line?token={SECRET}&x=1"},
    "a stage address": {"address": f"http://localhost:8080/stage/k7m2xq4vw9/north#{SECRET}"},
    "a header": {"why": f"Authorization: Bearer {SECRET}"},
    "a database's address": {"why": f"postgresql://vivavoce:{SECRET}@db/vivavoce"},
    "a name": {"name": SECRET},
}


@pytest.mark.parametrize("case", SAID)
def test_a_secret_does_not_reach_the_log_as(case: str, lines: io.StringIO) -> None:
    structlog.get_logger("vivavoce.x").warning("said", **SAID[case])
    logging.getLogger("a.library").warning(
        "said %s", next(iter(SAID[case].values())) if case != "a name" else ""
    )
    text = lines.getvalue()
    assert text.count("\n") == 2
    if case in ("a field of that name", "a name"):
        text = text.splitlines()[0]
    assert SECRET not in text


def test_libraries_say_only_what_is_wrong(lines: io.StringIO) -> None:
    logging.getLogger("uvicorn.error").info("Started server process")
    logging.getLogger("aiosqlite").debug("INSERT INTO seats … 'Quixote'")
    logging.getLogger("uvicorn.access").warning("192.0.2.9 - GET /d/k7m2xq4vw9")
    assert lines.getvalue() == ""


def test_a_fault_is_logged_with_where_it_happened(lines: io.StringIO) -> None:
    try:
        raise ValueError("inside")
    except ValueError as error:
        structlog.get_logger("vivavoce.x").error("fault", exc_info=error)
    assert "test_log.py" in json.loads(lines.getvalue())["exception"]
