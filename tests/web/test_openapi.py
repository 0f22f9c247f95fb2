"""The interface holds to its own OpenAPI description, whatever is sent to it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis import checks

from tests.fakes.lines import FakeLine, FakeRecording
from tests.web.conftest import bearer, stage_secret
from vivavoce.clock import SystemClock
from vivavoce.discussion.database import database_url
from vivavoce.discussion.desk import Desk
from vivavoce.discussion.discussion import seats_of
from vivavoce.discussion.secrets import Throttle, digest, new_secret
from vivavoce.discussion.store import Store
from vivavoce.web.app import create_app
from vivavoce.web.metrics import Metrics
from vivavoce.web.server import Server, bound
from vivavoce.web.site import Site


@dataclass
class Running:
    url: str
    discussion: str
    stage_secret: str
    host_secret: str


async def _run(folder: Path, told: list[Running], up: threading.Event, stop: asyncio.Event) -> None:
    async with Store(database_url(f"sqlite:///{folder / 'web.db'}")) as store:
        clock, secret = SystemClock(), new_secret()
        desk = Desk(store, clock)
        desk.attach(FakeLine(), FakeRecording())
        await desk.open()
        made = await desk.create("", seats_of([("", "en"), ("", "ru")]))
        sockets = bound("127.0.0.1", 0)
        base = f"http://127.0.0.1:{sockets[0].getsockname()[1]}"
        site = Site(
            desk=desk,
            line=FakeLine(),
            clock=clock,
            metrics=Metrics(),
            host_secret=digest(secret),
            base=base,
            names=frozenset(),
            loopback=False,
            # The description says that a wrong secret is 401; being throttled has a test of its own.
            throttle=Throttle(limit=1_000_000),
            reports=Throttle(limit=1_000_000),
        )
        async with Server(create_app(site), sockets, None):
            told.append(Running(base, made.discussion.id, made.secrets["north"], secret))
            up.set()
            await stop.wait()
        await desk.close()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    told: list[Running] = []
    up, loop, stop = threading.Event(), asyncio.new_event_loop(), asyncio.Event()
    work = _run(tmp_path_factory.mktemp("openapi"), told, up, stop)
    thread = threading.Thread(target=loop.run_until_complete, args=(work,))
    thread.start()
    assert up.wait(30)
    yield told[0]
    loop.call_soon_threadsafe(stop.set)
    thread.join(30)
    loop.close()


schema = schemathesis.openapi.from_dict(create_app(cast(Site, None)).openapi())

checks.load_all_checks()
EXCLUDED: Any = [
    # Some texts that fit the description are refused: control characters, two booths of one language.
    checks.CHECKS.get_one("positive_data_acceptance"),
]


@schema.parametrize()
@settings(
    max_examples=40,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_it_answers_as_described_whatever_is_asked_by(case: schemathesis.Case[Any], running: Running) -> None:
    by_stage = "seats" in case.path and not case.path.endswith("renew")
    if case.path_parameters and len(str(case.body)) % 2:  # a discussion that is there, half of the time
        case.path_parameters["discussion"] = running.discussion
        if "seat" in case.path_parameters:
            case.path_parameters["seat"] = "north"
    secret = running.stage_secret if by_stage else running.host_secret
    case.call_and_validate(base_url=running.url, headers=bearer(secret), excluded_checks=EXCLUDED)


def test_the_secret_of_a_stage_address_is_the_part_after_the_hash() -> None:
    assert stage_secret({"stage_url": "http://localhost/stage/a/north#s"}) == "s"
