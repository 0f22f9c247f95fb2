"""The core does no IO and reads no clock.

Samples, catalogues, feeds, delays, the air, boxes: bytes and `now` in, values out. So they can be tested
without waiting, and the browser can hold to the same vectors. Only the files named here may touch the world;
a new one has to be added knowingly.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "src" / "vivavoce"

SHELLS = {
    "cli.py",
    "clock.py",  # SystemClock, the one reader of the machine's clock
    "host.py",
    "log.py",
    "loop.py",
    "settings.py",
    "discussion/database.py",
    "discussion/desk.py",
    "discussion/migrate.py",
    "discussion/schema.py",
    "discussion/secrets.py",
    "discussion/store.py",
    "folder.py",
    "line/broadcast.py",
    "line/certificates.py",
    "line/dial.py",
    "line/encode.py",
    "line/gate.py",
    "line/publish.py",
    "line/relay.py",
    "line/run.py",
    "line/watch.py",
    "record/address.py",
    "record/contents.py",
    "record/mp4_file.py",
    "record/telling.py",
    "record/verify.py",
    "record/verify_mp4.py",
    "record/recorder.py",
    "record/store.py",
}
SHELL_FOLDERS = ("terminal/", "web/", "line/sources/", "discussion/migrations/")

WORLD = {
    "aiosqlite",
    "asyncio",
    "asyncpg",
    "av",
    "fcntl",
    "httpx",
    "logging",
    "moq",
    "os",
    "random",
    "secrets",
    "shutil",
    "socket",
    "sqlalchemy",
    "sqlite3",
    "ssl",
    "structlog",
    "subprocess",
    "tempfile",
    "threading",
    "time",
    "urllib",
}


def shells_and_cores() -> list[Path]:
    return [path for path in SOURCE.rglob("*.py") if "static" not in path.parts]


def is_shell(path: Path) -> bool:
    name = path.relative_to(SOURCE).as_posix()
    return name in SHELLS or name.startswith(SHELL_FOLDERS)


def world_of(source: str) -> set[str]:
    """What of the world a module's text touches."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names} & WORLD
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {node.module.partition(".")[0]} & WORLD
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "open":
            found.add("open()")
        elif (
            isinstance(node, ast.Attribute)
            and node.attr in {"now", "utcnow", "today"}
            and isinstance(node.value, ast.Name)
            and node.value.id in {"datetime", "date"}
        ):
            found.add(f"datetime.{node.attr}")
    return found


@pytest.mark.parametrize(
    "path", [p for p in shells_and_cores() if not is_shell(p)], ids=lambda p: p.relative_to(SOURCE).as_posix()
)
def test_a_core_module_touches_nothing_of_the_world(path: Path) -> None:
    assert world_of(path.read_text()) == set()


@pytest.mark.parametrize("name", sorted(SHELLS))
def test_a_module_named_as_a_shell_exists_and_needs_to_be_one(name: str) -> None:
    assert (SOURCE / name).exists(), f"{name} is named as a shell and is gone"


@pytest.mark.parametrize(
    "text",
    ["import time", "from os import path", "import sqlalchemy.ext.asyncio", "open('x')", "datetime.now()"],
)
def test_the_check_itself_notices(text: str) -> None:
    assert world_of(text)
