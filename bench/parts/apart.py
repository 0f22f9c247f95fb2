"""The product's parts and a call's two ends in network namespaces of their own, joined by a bad path.

`side`, `host` and `viewer`. What is done to the whole path is split over the product's two legs, side to host
and host to viewer; the call's only leg, side to viewer, has all of it. The line's speed is each leg's own.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.browser.chromium import Chromium, chromium
from tests.fakes.hosts import Host, serving
from tools.setup import find_browser

from bench.parts.link import Impairment
from bench.parts.path import Net, PathError

__all__ = ["LEGS", "Apart", "apart"]

LEGS = (("side", "host"), ("host", "viewer"))
"""The product's two legs, in the direction of the picture."""


@dataclass
class Apart:
    """side, viewer: programs that run a browser there."""

    net: Net
    browsers: Chromium
    host: Host
    side: Path
    viewer: Path


@contextlib.contextmanager
def apart(whole: Impairment, folder: Path, *, seed: int = 1) -> Iterator[Apart]:
    """Namespaces, path, a host in its namespace, and browsers for the others. folder: for what they write.

    Raises PathError where the machine lacks something.
    """
    links = {("side", "viewer"): whole, **dict.fromkeys(LEGS, whole.halved())}
    with (
        Net(["side", "host", "viewer"], links, seed=seed) as net,
        chromium(folder / "artefacts") as browsers,
        serving(folder / "data", inside=net.inside("host"), address=net.address("host")) as host,
    ):
        program = find_browser()
        if program is None:
            raise PathError("No browser is installed.")
        yield Apart(net, browsers, host, net.wrapper("side", program), net.wrapper("viewer", program))
