"""A side that brought an identity key speaks from a browser by its own word, and can take a device's back.

Real Chromium, a real host, and the real `vivavoce keys` on the machine where the identity key is.
"""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.chromium import Chromium
from tests.browser.test_discussion import go_on_air
from tests.browser.test_pages import LANGUAGES, what_axe_finds
from tests.browser.test_sealed import until
from tests.fakes.hosts import VIVAVOCE, Host

UNALTERED = "Unaltered since Ana’s device signed it"
FALSE = "Not what Ana’s device signed"


@dataclass
class Side:
    """Ana's side: the machine with her identity key is a folder."""

    folder: Path
    audience_url: str = ""
    stage_url: str = ""

    def keys(self, *words: str) -> str:
        return subprocess.run(
            [str(VIVAVOCE), "keys", *words],
            cwd=self.folder,
            check=True,
            capture_output=True,
            text=True,
            timeout=60,
        ).stdout

    @property
    def public(self) -> str:
        return self.keys("show", "identity.pem").strip()

    def revokes(self, device: str, *words: str) -> str:
        options = ("--identity", "identity.pem", "--device", device, "--for", self.audience_url)
        return self.keys("revoke", *options, "--out", "revocation", *words)


@pytest.fixture
def side(tmp_path: Path) -> Side:
    folder = tmp_path / "anas-machine"
    folder.mkdir()
    one = Side(folder)
    one.keys("new", "identity.pem")
    return one


def made(page: Page, host: Host, side: Side) -> None:
    """Make the discussion on the front page; Ana's key is given as its owner's public half."""
    page.goto(f"{host.url}/?lang=en")
    page.get_by_label("Title").fill("On the bridge")
    page.get_by_label("Name").first.fill("Ana")
    page.get_by_text("Identity key (most sides have none)").first.click()
    page.get_by_label("Public key, 64 hexadecimal digits (First side)").fill(side.public)
    page.get_by_role("button", name="Make the discussion").click()
    expect(page.get_by_role("heading", name="The discussion is made")).to_be_visible()
    side.audience_url = page.get_by_label("For the audience", exact=True).input_value()
    side.stage_url = page.get_by_label("Stage of Ana", exact=True).input_value()


def device_of(page: Page) -> str:
    return page.get_by_label("This device’s key", exact=True).input_value()


def vouched_for(page: Page, side: Side) -> None:
    """The command that the page shows, run on the machine with the identity key; the page gets its file."""
    page.get_by_role("button", name="Copy: On the machine that has the identity key, run").click()
    command = page.evaluate("navigator.clipboard.readText()").split()
    assert command[:2] == ["vivavoce", "keys"]
    (side.folder / "voucher").unlink(missing_ok=True)
    side.keys(*command[2:])
    page.get_by_label("Choose the voucher’s file").set_input_files(side.folder / "voucher")


def leaves(page: Page, host: Host, side: Side) -> None:
    """It has left the air, and the host knows it: a page that is reloaded before is only lost."""
    page.get_by_role("button", name="Leave the air").click()
    path = f"/api/discussions/{side.audience_url.rpartition('/')[2]}"
    until(page, lambda: not host.request("GET", path)["state"]["seats"]["north"]["on_air"])


def verdict(audience: Page) -> Locator:
    return audience.locator("vv-side").first.get_by_role("status")


def test_a_device_that_the_side_vouches_for_is_its_own_until_the_side_takes_its_word_back(
    host: Host, browsers: Chromium, side: Side
) -> None:
    page = browsers.open("about:blank")
    made(page, host, side)
    founding = page.get_by_label("Founding hash", exact=True).input_value()
    expect(page.get_by_label("Identity key of Ana", exact=True)).to_have_value(side.public)
    browsers.keep(page, "made")

    page.goto(side.stage_url)
    expect(page.get_by_text("Not vouched for.")).to_be_visible()
    expect(page.get_by_text("identity key does not vouch for this device", exact=False)).to_be_visible()
    page.get_by_text("Founding facts").click()
    expect(page.get_by_label("Founding hash", exact=True)).to_have_value(founding)
    browsers.keep(page, "not-vouched")
    device = device_of(page)
    vouched_for(page, side)
    expect(page.get_by_text("The side’s key vouches for this device as “Ana”", exact=False)).to_be_visible()
    browsers.keep(page, "vouched")
    page.reload()
    expect(page.get_by_text("Vouched for.", exact=True)).to_be_visible()
    assert device_of(page) == device

    go_on_air(page)
    audience = browsers.open(side.audience_url, width=1440, height=900)
    expect(verdict(audience).filter(has_text=UNALTERED)).to_be_visible()
    expect(audience.get_by_text("key vouched for by Ana", exact=False).first).to_be_visible()
    browsers.keep(audience, "by-its-own-key")

    # What it is on air with stands; and with nothing revoked, so would the next run: the control.
    said = side.revokes("ab" * 32, "--send")
    assert "stays on air until another device takes over" in said
    leaves(page, host, side)
    expect(audience.locator("vv-side").first.get_by_text("Not on air").first).to_be_visible()
    go_on_air(page)
    expect(verdict(audience).filter(has_text=UNALTERED)).to_be_visible()

    (side.folder / "revocation").unlink()
    side.revokes(device, "--send")
    audience.wait_for_timeout(2_000)
    expect(verdict(audience).filter(has_text=UNALTERED)).to_be_visible()
    expect(page.get_by_text("You are on air", exact=False).first).to_be_visible()

    # Whoever found the device does not ask whether it was revoked.
    def without(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, json=answer.json() | {"revocations": []})

    leaves(page, host, side)
    page.route("**/founding", without)
    page.reload()
    go_on_air(page)
    expect(verdict(audience).filter(has_text=FALSE)).to_be_visible()
    browsers.keep(audience, "revoked")
    leaves(page, host, side)

    # An honest page says so, and a new key may be vouched for.
    page.unroute("**/founding")
    page.reload()
    expect(page.get_by_text("The side’s key took this device’s key back.", exact=False)).to_be_visible()
    browsers.keep(page, "taken-back")
    page.get_by_role("button", name="Forget this device’s key").click()
    page.get_by_role("dialog").get_by_role("button", name="Forget this device’s key").click()
    expect(page.get_by_text("Going on air now, what you send is unsealed, and", exact=False)).to_be_visible()
    assert device_of(page) != device
    vouched_for(page, side)
    go_on_air(page)
    expect(verdict(audience).filter(has_text=UNALTERED)).to_be_visible()
    assert side.folder.joinpath("identity.pem").read_text().splitlines()[1] not in host.log.read_text()


def test_without_a_voucher_it_goes_on_air_unsealed_and_says_so(
    host: Host, browsers: Chromium, side: Side
) -> None:
    page = browsers.open("about:blank")
    made(page, host, side)
    page.goto(side.stage_url)
    expect(page.get_by_text("Not vouched for.")).to_be_visible()
    go_on_air(page)
    expect(
        page.get_by_text("What you send cannot be checked by those who watch.", exact=False)
    ).to_be_visible()
    audience = browsers.open(side.audience_url)
    expect(verdict(audience).filter(has_text="Not sealed")).to_be_visible()


def test_what_is_of_no_use_is_refused_with_its_reason(
    host: Host, browsers: Chromium, side: Side, tmp_path: Path
) -> None:
    page = browsers.open("about:blank")
    page.goto(f"{host.url}/?lang=en")
    page.get_by_text("Identity key (most sides have none)").first.click()
    field = page.get_by_label("Public key, 64 hexadecimal digits (First side)")
    page.get_by_label("Choose its file (First side)").set_input_files(side.folder / "identity.pem")
    expect(page.get_by_role("alert")).to_contain_text("This is a private key, and it was not kept here.")
    expect(field).to_have_value("")
    browsers.keep(page, "private-key")
    field.fill((side.folder / "identity.pem").read_text())
    page.get_by_role("button", name="Make the discussion").click()
    expect(page.get_by_role("alert")).to_contain_text("This is a private key, and it was not kept here.")
    expect(field).to_have_value("")
    expect(field).to_be_focused()
    field.fill("abc")
    page.get_by_role("button", name="Make the discussion").click()
    expect(page.get_by_role("alert")).to_contain_text("This is no public key.")
    expect(field).to_be_focused()
    pem = tmp_path / "public.pem"
    command = ["openssl", "pkey", "-in", "identity.pem", "-pubout", "-out", str(pem)]
    subprocess.run(command, cwd=side.folder, check=True)
    page.get_by_label("Choose its file (First side)").set_input_files(pem)
    expect(field).to_have_value(side.public)

    made(page, host, side)
    page.goto(side.stage_url)
    expect(page.get_by_text("Not vouched for.")).to_be_visible()
    text = page.get_by_label("Or its text")
    text.fill("nothing")
    text.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("This is no voucher and no revocation.")
    options = ("--identity", "identity.pem", "--for", side.audience_url, "--seat", "north")
    side.keys("vouch", *options, "--device", "ab" * 32, "--out", "another")
    text.fill((side.folder / "another").read_bytes().hex())
    text.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("This vouches for another device.")
    browsers.keep(page, "refused")
    side.revokes("ab" * 32)
    page.get_by_label("Choose the voucher’s file").set_input_files(side.folder / "revocation")
    expect(page.get_by_text("Those who watch are told of 1 revoked device.")).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)


def test_where_the_browser_keeps_nothing_it_is_said(host: Host, browsers: Chromium, side: Side) -> None:
    context = browsers.context()
    context.add_init_script("Object.defineProperty(globalThis, 'indexedDB', { value: undefined })")
    page = context.new_page()
    made(page, host, side)
    page.goto(side.stage_url)
    expect(
        page.get_by_text("This browser keeps no keys, as in a private window", exact=False)
    ).to_be_visible()
    vouched_for(page, side)
    expect(page.get_by_text("Vouched for.", exact=True)).to_be_visible()
    page.reload()
    expect(page.get_by_text("Not vouched for.")).to_be_visible()


def test_axe_finds_nothing_where_keys_are_given(host: Host, browsers: Chromium, side: Side) -> None:
    page = browsers.context(own_camera=True).new_page()
    made(page, host, side)
    found = what_axe_finds(page)
    path, _, secret = side.stage_url.partition("#")
    for tag in LANGUAGES:
        page.goto(f"{host.url}/?lang={tag}")
        for each in page.locator("vv-key-field summary").all():
            each.click()
        key = page.locator("vv-key-field input[name=key]").first
        key.fill("abc")
        key.press("Tab")
        expect(page.get_by_role("alert")).to_be_visible()
        found += what_axe_finds(page)
        browsers.keep(page, f"front.{tag}")
        page.goto(f"{path}?lang={tag}#{secret}")
        expect(page.locator("vv-identity section")).to_be_visible()
        text = page.locator("vv-identity #text")
        text.fill("nothing")
        text.press("Tab")
        expect(page.get_by_role("alert").first).to_be_visible()
        page.locator("vv-identity summary").last.click()
        found += what_axe_finds(page)
        browsers.keep(page, f"stage.{tag}")
        for width, height in ((768, 1024), (390, 844)):
            page.set_viewport_size({"width": width, "height": height})
            assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), (tag, width)
            page.screenshot(path=browsers.artefacts / f"stage.{width}.{tag}.png", full_page=True)
        page.set_viewport_size({"width": 1280, "height": 800})
    assert found == []
