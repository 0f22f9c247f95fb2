"""Promise: the audience page begins with all that its first picture needs as soon as it is there."""

from __future__ import annotations

import re

import pytest

from vivavoce.web.built import STATIC, hashes_of, with_opening

_AHEAD = re.compile(r'<link rel="modulepreload" as="worker"[^>]* href="/([^"]+)"')


def asked_ahead(page: str) -> list[str]:
    """The workers' files that a page asks for before any of its code has run."""
    return _AHEAD.findall((STATIC / page).read_text())


def test_the_audience_page_asks_for_its_workers_file_before_all_else() -> None:
    [worker] = asked_ahead("audience.html")
    assert worker.startswith("assets/watcher.worker-")
    assert (STATIC / worker).is_file()
    text = (STATIC / "audience.html").read_text()
    asked = re.findall(r'(?:href|src)="/([^"]+)"', text)
    assert asked[0] == worker


def test_the_audience_page_begins_that_worker_by_a_script_of_its_own() -> None:
    text = (STATIC / "audience.html").read_text()
    [worker] = asked_ahead("audience.html")
    _, _, script = text.partition('<script id="vivavoce-ahead">')
    assert f"`/{worker}`" in script.partition("</script>")[0]
    assert len(hashes_of(text)) == 1


def test_what_the_page_is_told_stands_before_the_script_that_reads_it() -> None:
    told = with_opening((STATIC / "audience.html").read_text(), {"line": 1})
    assert 0 < told.index('id="vivavoce-opening"') < told.index('id="vivavoce-ahead"')


@pytest.mark.parametrize("page", ["index.html", "stage.html", "error.html"])
def test_no_other_page_loads_what_it_does_not_show_or_has_a_script_of_its_own(page: str) -> None:
    assert asked_ahead(page) == []
    assert hashes_of((STATIC / page).read_text()) == []
