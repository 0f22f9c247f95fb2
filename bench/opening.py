"""How soon both sides are seen: from navigation to the first picture of each on the audience page.

    python bench/opening.py                         ten openings
    python bench/opening.py --round-trip-ms 60      the viewer so far from the host
    python bench/opening.py --json                  one JSON object, with what was loaded, when, and how large

Both sides are on air from a program that sends pictures encoded beforehand (parts/replay.py): two browsers
that encode would take from the page the processor that is measured. The audience page is opened again and
again in a warm browser with a cold cache. A picture counts when its time code can be read from the page's
canvas in an animation frame. Beside it, in turn: an empty page, from navigation to its first animation frame,
which is what the browser itself takes on this machine. Code is what the page had loaded until then (page,
scripts, styles, workers, words), each as gzip packs it. All of it over loopback, or with a round trip in
network namespaces (parts/path.py), which the empty page does not meet, over HTTPS by a certificate that the
browser is told to take for good; without exposure and scan-out.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import gzip
import hashlib
import http.server
import json
import os
import ssl
import subprocess
import sys
import tempfile
import threading
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import serialization

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.browser.chromium import chromium  # noqa: E402
from tests.fakes.hosts import Host, serving  # noqa: E402

from bench.parts.apart import apart  # noqa: E402
from bench.parts.figures import Headroom, machine, percentile, quiet, table  # noqa: E402
from bench.parts.link import Impairment  # noqa: E402
from bench.parts.pages import HERE  # noqa: E402
from bench.parts.path import PathError  # noqa: E402

FIRST = """() => {
    const seen = (globalThis.__benchSeen ??= {});
    const canvases = (globalThis.__benchCanvases ??= {});
    for (const seat of ["north", "south"]) {
        if (seen[seat] !== undefined) continue;
        const canvas = (canvases[seat] ??= __vivavoceCanvas(seat));
        // A canvas takes its size with its first picture; before, reading would only cost.
        if (!canvas || (canvas.width === 300 && canvas.height === 150)) continue;
        if (__benchRead(canvas) !== null) seen[seat] = performance.now();
    }
    return Object.keys(seen).length === 2 ? seen : null;
}"""
EMPTY = b"""<!doctype html><title>empty</title><canvas></canvas><script>
requestAnimationFrame(() => { globalThis.__benchSeen = performance.now(); })</script>"""
LOADED = """() => ["navigation", "resource"]
    .flatMap((kind) => performance.getEntriesByType(kind))
    .map(({ name, startTime, responseEnd }) => ({ name, start_ms: startTime, end_ms: responseEnd }))"""


def opening(browser: Any, url: str) -> dict[str, Any]:
    """One opening with a cold cache: a context of its own has one of its own."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB")
    try:
        for script in (ROOT / "tests/browser/camera.js", HERE / "reading.js"):
            context.add_init_script(path=script)
        page = context.new_page()
        page.goto("about:blank")
        # The page's own list leaves out what its workers ask for.
        asked: set[str] = set()
        page.on("request", lambda request: asked.add(request.url))
        headroom = Headroom.start()
        # Not waited for: the looking begins with the page.
        page.goto(url, wait_until="commit")
        seen = page.wait_for_function(FIRST, polling="raf").json_value()
        idle = headroom.stop()
        code = sorted(url for url in asked if "/api/" not in url and url.startswith("http"))
        page.wait_for_timeout(300)
        loaded = page.evaluate(LOADED)
    finally:
        context.close()
    last = max(seen.values())
    return {"seen_ms": seen, "both_ms": last, "headroom": idle, "loaded": loaded, "code": code}


class _Empty(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(EMPTY)))
        self.end_headers()
        self.wfile.write(EMPTY)

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextlib.contextmanager
def empty_page() -> Iterator[str]:
    """Its address."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Empty) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://localhost:{server.server_address[1]}/"
        server.shutdown()


def empty_opening(browser: Any, url: str) -> float:
    """Milliseconds from navigation to the first animation frame of a page with nothing in it."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB")
    try:
        page = context.new_page()
        page.goto("about:blank")
        page.goto(url, wait_until="commit")
        return float(page.wait_for_function("() => globalThis.__benchSeen", polling="raf").json_value())
    finally:
        context.close()


@dataclass
class Site:
    """A host, and a browser that may be far from it. inside: what goes before a command beside the host."""

    host: Host
    browser: Any
    inside: list[str]
    certificate: Path | None


@contextlib.contextmanager
def replayed(site: Site, stages: list[str], rate: int) -> Iterator[None]:
    """The sides are on air, beside their host."""
    command = [*site.inside, sys.executable, "-m", "bench.parts.replay", *stages, "--rate", str(rate)]
    trusting = {"SSL_CERT_FILE": str(site.certificate)} if site.certificate else {}
    environment = {**os.environ, **trusting}
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env=environment) as process:
        try:
            assert process.stdout is not None
            if process.stdout.readline().strip() != "on air":
                raise RuntimeError("the replayed sides did not go on air")
            yield
        finally:
            process.terminate()


@contextlib.contextmanager
def near(folder: Path) -> Iterator[Site]:
    """Both on this machine, over its loopback."""
    with serving(folder / "data") as host, chromium(folder / "artefacts") as browsers:
        yield Site(host, browsers.context().browser, [], None)


@contextlib.contextmanager
def far(folder: Path, round_trip_ms: float) -> Iterator[Site]:
    """Each of two legs has half of the whole path's delay; the viewer's there and back is the round trip."""
    with apart(Impairment(delay_ms=round_trip_ms), folder) as site:
        certificate = folder / "data" / "tls" / "line.crt"
        key = x509.load_pem_x509_certificate(certificate.read_bytes()).public_key()
        spki = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        # With a mere exception for its certificate a browser would not keep what it has loaded once.
        pin = base64.b64encode(hashlib.sha256(spki).digest()).decode()
        arguments = [f"--ignore-certificate-errors-spki-list={pin}"]
        context = site.browsers.context(executable=site.viewer, arguments=arguments)
        yield Site(site.host, context.browser, site.net.inside("host"), certificate)


def packed(url: str) -> int:
    trusting = ssl._create_unverified_context() if url.startswith("https:") else None
    with urllib.request.urlopen(url, timeout=20, context=trusting) as answer:
        return len(gzip.compress(answer.read(), mtime=0))


def run(times: int, rate: int, round_trip_ms: float = 0.0) -> dict[str, Any]:
    here = machine()
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        site = stack.enter_context(far(folder, round_trip_ms) if round_trip_ms else near(folder))
        host, browser = site.host, site.browser
        facts = host.new_discussion(title="Opening")
        stack.enter_context(replayed(site, [side["stage_url"] for side in facts["sides"]], rate))
        opening(browser, facts["audience_url"])
        empty_url = stack.enter_context(empty_page())
        openings, empty = [], []
        for _ in range(times):
            quiet(most_busy=0.6, patience_s=10)
            openings.append(opening(browser, facts["audience_url"]))
            if not round_trip_ms:
                quiet(most_busy=0.6, patience_s=10)
                empty.append(empty_opening(browser, empty_url))
        last = openings[-1]
        code = {url.removeprefix(host.url): packed(url) for url in last["code"]}
    both = [one["both_ms"] for one in openings]
    return {
        "machine": here,
        "what": "navigation to the first picture of both sides, ms, cold cache, warm browser, "
        + (f"{round_trip_ms:g} ms there and back" if round_trip_ms else "loopback"),
        "cameras_a_second": rate,
        "openings": times,
        "p50_ms": round(percentile(both, 50)),
        "worst_ms": round(max(both)),
        "each_ms": [round(one) for one in both],
        "empty_page_each_ms": [round(one) for one in empty],
        "empty_page_p50_ms": round(percentile(empty, 50)) if empty else None,
        "headroom": [round(one["headroom"], 2) for one in openings],
        "code_gzip_bytes": sum(code.values()),
        "code": code,
        "loaded": [
            {**one, "name": one["name"].removeprefix(host.url)}
            for one in sorted(last["loaded"], key=lambda one: float(one["start_ms"]))
        ],
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--times", type=int, default=10)
    parser.add_argument("--rate", type=int, default=30, help="pictures a second of each side")
    parser.add_argument("--round-trip-ms", type=float, default=0, help="between viewer and host")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    try:
        told = run(options.times, options.rate, options.round_trip_ms)
    except PathError as error:
        sys.exit(str(error))
    if options.json:
        print(json.dumps(told))
        return
    here = told["machine"]
    print(f"{here['at']}, {here['system']}, {here['cores']} cores, load {here['load_before']}")
    print(f"{told['what']}; two sides at {told['cameras_a_second']} a second")
    print(f"p50 {told['p50_ms']}, worst {told['worst_ms']} of {told['openings']}: {told['each_ms']}")
    if told["empty_page_each_ms"]:
        print(f"an empty page's first frame: p50 {told['empty_page_p50_ms']}: {told['empty_page_each_ms']}")
    print(f"headroom {min(told['headroom']):.0%} to {max(told['headroom']):.0%}")
    print(f"code until then: {told['code_gzip_bytes'] / 1000:.1f} kB gzip\n")
    rows = [
        [one["name"][:60], round(one["start_ms"]), round(one["end_ms"]), told["code"].get(one["name"], "")]
        for one in told["loaded"]
    ]
    print(table(["the last opening", "from ms", "to ms", "gzip bytes"], rows))


if __name__ == "__main__":
    main()
