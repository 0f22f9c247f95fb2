"""Look at every page: screenshots at three widths in three languages, and axe's findings.

    .venv/bin/python tools/look.py [--out artefacts/look] [--only audience] [--quick]

Starts Vite's development server on a free port (its build has the preview scenes, the shipped one has not)
and a headless Chromium. Exit 1 if axe finds anything or a page scrolls sideways.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import shutil
import socket
import sys
from pathlib import Path
from typing import Any, Final

from playwright.async_api import Page, async_playwright

WEB: Final = Path(__file__).resolve().parents[1] / "web"
SIZES: Final = ((1440, 900), (768, 1024), (390, 844))
LANGUAGES: Final = ("en", "ru", "ar-XB")
EVERYWHERE: Final = ("audience:both", "stage:on_air", "stage:closed", "index:", "error:", "verify:")
SCENES: Final = (
    "audience:long",
    "audience:one",
    "audience:none",
    "audience:silent",
    "audience:lost",
    "audience:unplayable",
    "audience:camera",
    "audience:shapes",
    "audience:delay",
    "audience:relay",
    "stage:ready",
    "stage:returning",
    "stage:taken_over",
    "stage:failed",
    "stage:asks",
    "stage:unplugged",
    "stage:on_air-long",
    "stage:renewed",
    "stage:unvouched",
    "stage:vouched",
    "index:refused",
    "index:made",
)

_MADE = {
    "id": "k7m2xq4vw9",
    "title": "Was the promise kept?",
    "audience_url": "http://localhost:8080/d/k7m2xq4vw9",
    "sides": [
        {
            "side": side,
            "name": name,
            "language": "en",
            "stage_url": f"http://localhost:8080/stage/k7m2xq4vw9/{side}#x",
        }
        for side, name in (("north", "North"), ("south", "A name that is a good deal longer than the other"))
    ],
}
_REFUSED = {"error": {"code": "access.host", "message": "The host's secret is missing.", "remedy": ""}}


async def shoot(
    page: Page, base: str, scene: str, language: str, size: tuple[int, int], out: Path
) -> list[str]:
    """One screenshot and what is wrong with it."""
    kind, _, name = scene.partition(":")
    await page.set_viewport_size({"width": size[0], "height": size[1]})
    query = f"lang={language}" + (f"&preview={name}" if kind in ("audience", "stage") else "")
    if name == "relay":
        query += "&relay=http://mirror.example/line"
    await page.goto(f"{base}/{kind}.html?{query}")
    await page.wait_for_function("document.title !== 'Vivavoce' || document.querySelector('vv-home')")
    if kind == "index" and name:
        answer = {"json": _MADE, "status": 201} if name == "made" else {"json": _REFUSED, "status": 401}
        await page.route("**/api/discussions", lambda route: route.fulfill(**answer))
        await page.click("form button.main")
    if name == "delay":
        await page.locator("vv-delay button").first.click()
    await page.wait_for_timeout(700)
    await page.screenshot(path=out / f"{scene.replace(':', '-')}.{size[0]}.{language}.png", full_page=True)
    await page.add_script_tag(path=WEB / "node_modules/axe-core/axe.min.js")
    found: dict[str, Any] = await page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    wrong = [
        f"{each['id']}: {each['help']} {[node['target'] for node in each['nodes']]}"
        for each in found["violations"]
    ]
    if await page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        wrong.append("the page scrolls sideways")
    return [f"{scene} {language} {size[0]}: {each}" for each in wrong]


async def look(out: Path, only: str, quick: bool) -> list[str]:
    out.mkdir(parents=True, exist_ok=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    vite = await asyncio.create_subprocess_exec(
        "node", "node_modules/vite/bin/vite.js", "--host", "127.0.0.1", "--port", str(port), "--strictPort",
        cwd=WEB, stdout=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    wrong: list[str] = []

    def failed(error: object) -> None:
        wrong.append(f"script error: {error}")

    try:
        for _ in range(100):
            with contextlib.suppress(OSError):
                (await asyncio.open_connection("127.0.0.1", port))[1].close()
                break
            await asyncio.sleep(0.1)
        async with async_playwright() as play:
            browser = await play.chromium.launch(
                executable_path=os.environ.get("VIVAVOCE_CHROMIUM") or shutil.which("chromium"),
                args=["--headless=new", "--no-sandbox", "--use-fake-device-for-media-stream",
                      "--use-fake-ui-for-media-stream"],
            )  # fmt: skip
            base = f"http://127.0.0.1:{port}"
            sizes = SIZES[:1] if quick else SIZES
            wanted = [(scene, tag, size) for scene in EVERYWHERE for tag in LANGUAGES for size in sizes]
            wanted += [(scene, "en", size) for scene in SCENES for size in (SIZES[0], SIZES[2])]
            wanted += [
                ("audience:both", "en", (844, 390)),
                ("audience:delay", "en", (844, 390)),
                ("audience:long", "ru", (390, 844)),
            ]
            for scene, tag, size in wanted:
                if only in scene:
                    page = await browser.new_page(locale="en-GB", timezone_id="Europe/Vienna")
                    page.on("pageerror", failed)
                    wrong += await shoot(page, base, scene, tag, size, out)
                    await page.close()
            await browser.close()
    finally:
        vite.terminate()
        await vite.wait()
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument(
        "--out", type=Path, default=WEB.parent / "artefacts" / "look", help="where the pictures go"
    )
    parser.add_argument("--only", default="", help="scenes whose name holds this")
    parser.add_argument("--quick", action="store_true", help="one width only")
    asked = parser.parse_args()
    wrong = asyncio.run(look(asked.out, asked.only, asked.quick))
    print("\n".join(wrong) or f"nothing found; the pictures are in {asked.out}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
