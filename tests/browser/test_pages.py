"""The pages by themselves, as the host serves them: for everyone, in their language, without a mouse."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import Chromium
from tests.browser.conftest import ROOT, Discussion
from tests.fakes.hosts import Host

AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
LANGUAGES = ("en", "ru", "ar-XB")


def what_axe_finds(page: Page) -> list[str]:
    """Axe is put in by the debugger, past the page's content policy."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found: dict[str, Any] = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{page.url} {each['id']}: {[node['target'] for node in each['nodes']]}"
        for each in found["violations"]
    ]


def test_axe_finds_nothing_on_any_page_in_any_language(
    host: Host, discussion: Discussion, browsers: Chromium
) -> None:
    page = browsers.context(own_camera=True).new_page()
    stage = discussion.stage_url("north")
    addresses = {
        "front": f"{host.url}/",
        "audience": discussion.audience_url,
        "stage": stage,
        "missing": f"{host.url}/nothing/here",
    }
    found: list[str] = []
    for tag in LANGUAGES:
        for name, address in addresses.items():
            path, _, secret = address.partition("#")
            page.goto(f"{path}?lang={tag}" + (f"#{secret}" if secret else ""))
            expect(page.get_by_role("main").first).to_be_visible()
            page.wait_for_function("() => document.title !== 'Vivavoce' || document.querySelector('vv-home')")
            direction = "rtl" if tag == "ar-XB" else "ltr"
            expect(page.locator("html")).to_have_attribute("dir", direction)
            expect(page.locator("html")).to_have_attribute("lang", tag)
            found += what_axe_finds(page)
            browsers.keep(page, f"{name}.{tag}")
    assert found == []


def test_axe_finds_a_fault_that_was_put_there(host: Host, browsers: Chromium) -> None:
    page = browsers.open(f"{host.url}/")
    expect(page.get_by_role("main")).to_be_visible()
    page.evaluate("document.body.append(document.createElement('button'))")
    assert any("button-name" in fault for fault in what_axe_finds(page))


def test_a_discussion_is_made_on_the_front_page_and_its_links_work(host: Host, browsers: Chromium) -> None:
    page = browsers.open(f"{host.url}/?lang=en")
    page.get_by_label("Title").fill("On the bridge")
    page.get_by_label("Name").first.fill("Northland")
    page.get_by_role("button", name="Make the discussion").click()
    expect(page.get_by_role("heading", name="The discussion is made")).to_be_focused()
    audience = page.get_by_label("For the audience", exact=True).input_value()
    stage = page.get_by_label("Stage of Northland", exact=True).input_value()
    assert what_axe_finds(page) == []
    page.goto(audience)
    expect(page.get_by_role("heading", name="On the bridge")).to_be_visible()
    page.goto(stage)
    expect(page.get_by_role("button", name="Go on air")).to_be_visible()


def test_a_refused_maker_is_told_how_and_may_give_the_hosts_secret(host: Host, browsers: Chromium) -> None:
    page = browsers.context().new_page()
    page.set_extra_http_headers({"X-Forwarded-For": "192.0.2.7"})
    page.goto(f"{host.url}/?lang=en")
    page.get_by_role("button", name="Make the discussion").click()
    expect(page.get_by_role("alert")).to_contain_text("Only the host may do this.")
    secret = page.get_by_label("The host’s secret")
    expect(secret).to_be_focused()
    secret.fill((host.data / "host-secret").read_text(encoding="utf-8").strip())
    secret.press("Enter")
    expect(page.get_by_role("heading", name="The discussion is made")).to_be_visible()


def test_the_secret_leaves_the_visible_address_and_a_reload_still_opens_the_stage(
    discussion: Discussion, browsers: Chromium
) -> None:
    page = browsers.open(discussion.stage_url("south"))
    go = page.get_by_role("button", name="Go on air")
    expect(go).to_be_visible()
    assert "#" not in page.url
    page.reload()
    expect(go).to_be_visible()
    assert discussion.secret("south") not in page.content()


def test_a_wrong_secret_and_an_unknown_discussion_get_a_page_with_the_remedy(
    host: Host, discussion: Discussion, browsers: Chromium
) -> None:
    page = browsers.open(discussion.stage_url("south").partition("#")[0] + "?lang=en#guessed")
    expect(page.get_by_role("heading", name="This address does not open the stage.")).to_be_visible()
    browsers.keep(page, "wrong-secret")
    answer = page.goto(f"{host.url}/d/aaaaaaaaaa?lang=ru")
    assert answer is not None
    assert answer.status == 404
    expect(page.get_by_role("heading", name="Такой дискуссии здесь нет.")).to_be_visible()
    browsers.keep(page, "unknown-discussion")


def test_a_browser_that_cannot_is_told_what_to_use_and_why(
    discussion: Discussion, browsers: Chromium
) -> None:
    context = browsers.context()
    context.add_init_script("delete globalThis.WebTransport")
    page = context.new_page()
    page.goto(f"{discussion.audience_url}?lang=en")
    expect(page.get_by_role("heading", name="This browser cannot show this page.")).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text("Use a current Chrome, Edge or Firefox.")
    expect(page.get_by_role("listitem")).to_have_text("WebTransport, which carries the line")
    assert what_axe_finds(page) == []
    browsers.keep(page, "cannot")


def test_a_relay_that_is_no_address_is_refused_by_name(discussion: Discussion, browsers: Chromium) -> None:
    page = browsers.open(f"{discussion.audience_url}?lang=en&relay=http://mirror.example/line")
    expect(page.get_by_role("main")).to_contain_text("Give relay= an https address")


def test_the_audience_page_goes_by_keyboard(discussion: Discussion, browsers: Chromium) -> None:
    page = browsers.open(f"{discussion.audience_url}?lang=en")
    sound = page.get_by_role("button", name="Turn on the sound")
    expect(sound).to_be_visible()
    page.keyboard.press("m")
    expect(page.get_by_role("button", name="Turn off the sound")).to_be_visible()
    page.keyboard.press("m")
    expect(sound).to_be_visible()
    page.keyboard.press("f")
    page.wait_for_function("() => document.fullscreenElement !== null")
    page.keyboard.press("f")
    page.wait_for_function("() => document.fullscreenElement === null")
    reached: list[str] = []
    for _ in range(6):
        page.keyboard.press("Tab")
        reached.append(_focused(page))
    assert {"Turn on the sound M", "Full screen F"} <= set(reached)


def _focused(page: Page) -> str:
    return str(
        page.evaluate(
            """() => { let at = document.activeElement;
            while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
            return (at?.innerText ?? "").trim().replace(/\\s+/g, " "); }"""
        )
    )


@pytest.mark.parametrize("path", ["", "d", "stage"])
def test_a_page_asks_nobody_but_its_host_and_nothing_is_refused_by_its_policy(
    path: str, host: Host, discussion: Discussion, browsers: Chromium
) -> None:
    addresses = {"": f"{host.url}/", "d": discussion.audience_url, "stage": discussion.stage_url("north")}
    page = browsers.context(own_camera=True).new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    browsers.listen(page)
    page.goto(addresses[path])
    expect(page.get_by_role("main")).to_be_visible()
    page.wait_for_load_state("networkidle")
    own = (host.url, "blob:", "data:")
    assert [url for url in asked if not url.startswith(own)] == []
    assert browsers.troubles == []


def test_the_chosen_language_is_kept(host: Host, browsers: Chromium) -> None:
    page = browsers.open(f"{host.url}/", locale="en-GB")
    page.get_by_label("Language", exact=True).select_option("ru")
    expect(page.get_by_role("heading", name="Создать дискуссию")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="Создать дискуссию")).to_be_visible()
    page.goto(f"{host.url}/?lang=en")
    expect(page.get_by_role("heading", name="Make a discussion")).to_be_visible()


def test_what_a_side_speaks_stays_when_the_page_speaks_another_language(
    host: Host, browsers: Chromium
) -> None:
    page = browsers.open(f"{host.url}/?lang=en")
    page.locator("#language-2").select_option("zh")
    page.get_by_label("Language", exact=True).select_option("ru")
    expect(page.get_by_role("heading", name="Создать дискуссию")).to_be_visible()
    expect(page.locator("#language-2")).to_have_value("zh")
    expect(page.locator("#language-1")).to_have_value("ru")


def test_the_audience_page_fits_its_window_without_scrolling(
    discussion: Discussion, browsers: Chromium
) -> None:
    page = browsers.open(f"{discussion.audience_url}?lang=en")
    for width, height in ((1440, 900), (768, 1024), (390, 844), (844, 390)):
        page.set_viewport_size({"width": width, "height": height})
        expect(page.get_by_role("button", name="Turn on the sound")).to_be_in_viewport()
        size = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]")
        assert size == [width, height]
