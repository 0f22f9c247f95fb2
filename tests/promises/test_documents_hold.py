"""The documents cannot drift: links lead somewhere, commands exist, folders are there."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
COMMANDS = [
    line
    for block in re.findall(r"```sh\n(.*?)```", (ROOT / "README.md").read_text(), flags=re.DOTALL)
    for line in block.splitlines()
]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_every_link_of_a_document_leads_somewhere(document: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", document.read_text())
    broken = [link for link in links if "://" not in link and not (document.parent / link).exists()]
    assert broken == []


@pytest.mark.parametrize("command", [c for c in COMMANDS if c.startswith("make ")])
def test_a_make_command_of_the_readme_has_its_target(command: str) -> None:
    done = subprocess.run(
        ["make", "--dry-run", *command.split()[1:]], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def test_every_vivavoce_command_of_the_readme_has_its_help() -> None:
    text = (ROOT / "README.md").read_text()
    named = sorted(set(re.findall(r"vivavoce (serve|publish|watch|export|demo|[a-z]+) ?", text)) & verbs())
    assert {"serve", "publish", "watch", "export", "demo"} <= set(named)
    vivavoce = Path(sys.executable).with_name("vivavoce")
    for verb in named:
        done = subprocess.run([str(vivavoce), verb, "--help"], capture_output=True, text=True)
        assert done.returncode == 0, (verb, done.stderr)


def verbs() -> set[str]:
    vivavoce = Path(sys.executable).with_name("vivavoce")
    text = subprocess.run([str(vivavoce), "--help"], capture_output=True, text=True).stdout
    return set(re.findall(r"\b[a-z]+\b", text))


def test_every_folder_of_the_readmes_tree_exists() -> None:
    tree = re.search(r"```\n(src/vivavoce/.*?)```", (ROOT / "README.md").read_text(), flags=re.DOTALL)
    assert tree is not None
    for row in tree[1].splitlines():
        home, *rest = row.split()
        assert (ROOT / home).is_dir(), home
        for name in rest:
            if name.endswith("/") and home in {"src/vivavoce/", "web/src/"}:
                assert (ROOT / home / name).is_dir(), home + name


def test_every_rule_of_the_formats_is_numbered_once_and_in_order() -> None:
    for name, letter in (("line", "L"), ("record", "R"), ("evidence", "E")):
        text = (ROOT / "docs" / "formats" / f"{name}.md").read_text()
        numbers = [int(n) for n in re.findall(rf"^- \*\*{letter}(\d+)\*\*", text, flags=re.MULTILINE)]
        assert numbers == list(range(1, len(numbers) + 1)), name


def test_every_decision_is_listed() -> None:
    folder = ROOT / "docs" / "decisions"
    listed = (folder / "README.md").read_text()
    for path in folder.glob("[0-9]*.md"):
        assert path.name in listed
