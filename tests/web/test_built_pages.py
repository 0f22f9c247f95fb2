"""Promise: the audience page asks for all that its first picture needs as soon as it is there."""

from __future__ import annotations

import re

import pytest

from vivavoce.web.built import STATIC

_AHEAD = re.compile(r'<link rel="modulepreload" as="worker"[^>]* href="/([^"]+)"')


def asked_ahead(page: str) -> list[str]:
    """The workers' files that a page asks for before any of its code has run."""
    return _AHEAD.findall((STATIC / page).read_text())


def test_the_audience_page_asks_for_its_workers_two_files_with_its_own() -> None:
    start, worker = sorted(asked_ahead("audience.html"))
    assert start.startswith("assets/watcher.start-")
    assert worker.startswith("assets/watcher.worker-")
    assert (STATIC / start).is_file()
    assert (STATIC / worker).is_file()


@pytest.mark.parametrize("page", ["index.html", "stage.html", "error.html"])
def test_no_other_page_loads_what_it_does_not_show(page: str) -> None:
    assert asked_ahead(page) == []
