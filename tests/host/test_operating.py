"""docs/operating.md names every setting and every metric, and no others."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

from vivavoce.settings import Settings
from vivavoce.web.metrics import Metrics

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "operating.md").read_text()


def test_it_names_every_setting_and_its_variable() -> None:
    names = {field.name for field in fields(Settings)}
    assert {name.replace("_", "-") for name in names} == set(
        re.findall(r"^\| .*?`--([a-z-]+)`", TEXT, re.M)
    ) | {"tls-key"}
    for name in names:
        assert f"`VIVAVOCE_{name.upper()}`" in TEXT


def test_it_names_every_metric() -> None:
    metrics = Metrics()
    metrics.watch(sessions=lambda: 0, on_air=lambda: 0, recording=lambda: "off", refusals=dict)
    served = {name for name in re.findall(r"^# HELP (vivavoce_\w+)", metrics.page().decode(), re.M)}
    assert served - {name for name in served if name.endswith("_created")} == set(
        re.findall(r"`(vivavoce_\w+)`", TEXT)
    )


def test_the_error_page_reads_what_the_host_writes() -> None:
    script = (ROOT / "web" / "src" / "ui" / "error-page.ts").read_text()
    for name in ("error", "message", "remedy"):
        assert f'written("{name}")' in script
    assert "vivavoce-" in script
