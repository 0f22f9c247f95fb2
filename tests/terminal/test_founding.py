"""What a host tells of the founding: taken as far as it has its form."""

from __future__ import annotations

from typing import Any

import pytest
from tools.vectors import show as made

from vivavoce.errors import EvidenceError
from vivavoce.terminal.founding import Told, founding_from

pytestmark = pytest.mark.anyio

ONE = bytes(range(128))


class Answering:
    """A host that answers so."""

    def __init__(self, **said: Any) -> None:
        facts = {"facts": made.FOUNDING.to_bytes().hex(), "hash": made.FOUNDING.digest.hex()}
        self._told: dict[str, Any] = facts | {"devices": {}} | said

    async def founding(self, discussion: str) -> dict[str, Any]:
        return self._told


async def told(**said: Any) -> Told:
    api: Any = Answering(**said)
    return await founding_from(api, made.FOUNDING.discussion)


async def test_what_was_revoked_is_taken_as_it_is_told() -> None:
    assert (await told(revocations=[ONE.hex()])).revocations == (ONE,)


async def test_a_host_of_before_them_tells_none() -> None:
    assert (await told()).revocations == ()


@pytest.mark.parametrize(
    "wrong", [None, "x" * 64, {"a": 1}, [7], ["x"], ["0"], [""], ["00" * 257]], ids=lambda one: str(one)[:12]
)
async def test_revocations_that_are_none_are_left_out(wrong: Any) -> None:
    assert (await told(revocations=wrong)).revocations == ()


async def test_one_that_is_none_takes_nothing_from_the_others() -> None:
    assert (await told(revocations=["x", ONE.hex()])).revocations == (ONE,)


async def test_so_many_are_taken() -> None:
    assert len((await told(revocations=[ONE.hex()] * 2_000)).revocations) == 1_024


@pytest.mark.parametrize("devices", [None, {"north": {}}, {"north": {"run": "x", "device": 7}}], ids=str)
async def test_devices_that_are_none_are_refused(devices: Any) -> None:
    with pytest.raises(EvidenceError) as refused:
        await told(devices=devices)
    assert refused.value.code == "seal.founding"
