"""Pages, files, headers, the line's address and the clock."""

from __future__ import annotations

import base64
import hashlib
import json

import httpx
import pytest

from tests.web.conftest import Web
from vivavoce.web.site import host_of

pytestmark = pytest.mark.anyio
HTML = {"Accept": "text/html,application/xhtml+xml"}


async def test_each_page_has_its_address(web: Web, client: httpx.AsyncClient) -> None:
    made = await web.made()
    for path, text in {
        "/": "front",
        f"/d/{made['id']}": "audience",
        f"/stage/{made['id']}/north": "stage",
    }.items():
        answer = await client.get(path, headers=HTML)
        assert (answer.status_code, text in answer.text) == (200, True)
        head = await client.head(path, headers=HTML)
        assert head.status_code == 200


async def test_the_page_that_verifies_is_one_file_under_the_policy_that_stands_in_it(
    web: Web, client: httpx.AsyncClient
) -> None:
    page = await client.get("/verify", headers=HTML)
    assert page.content == (web.site.static / "verify.html").read_bytes()
    assert page.headers.get_list("content-security-policy") == [
        "default-src 'none'; script-src 'sha256-x'; frame-ancestors 'none'"
    ]
    front = await client.get("/", headers=HTML)
    other = {"content-security-policy", "content-length", "last-modified", "etag", "vary"}
    same = {name: value for name, value in front.headers.items() if name not in other}
    assert {name: page.headers[name] for name in same} == same, "but for that it is sent as the others are"


async def test_the_audience_page_may_run_the_script_that_the_build_put_into_it_and_no_other(
    web: Web, client: httpx.AsyncClient
) -> None:
    made = await web.made()
    front = (await client.get("/", headers=HTML)).headers["content-security-policy"]
    page = web.site.static / "audience.html"
    plain = (await client.get(f"/d/{made['id']}", headers=HTML)).headers["content-security-policy"]
    assert plain == front, "nothing stands in it"
    page.write_text('<head><script id="vivavoce-ahead">go()</script><script>other()</script></head>')
    answer = await client.get(f"/d/{made['id']}", headers=HTML)
    hashed = base64.b64encode(hashlib.sha256(b"go()").digest()).decode()
    expected = front.replace("script-src 'self'", f"script-src 'self' 'sha256-{hashed}'")
    expected = expected.replace("worker-src 'self'", "worker-src 'self' blob:")
    assert answer.headers["content-security-policy"] == expected
    assert answer.text.index("vivavoce-opening") < answer.text.index("vivavoce-ahead")


async def test_a_page_without_a_policy_of_its_own_may_run_nothing(
    web: Web, client: httpx.AsyncClient
) -> None:
    (web.site.static / "verify.html").write_text("<!doctype html><script>alert(1)</script>")
    page = await client.get("/verify", headers=HTML)
    assert page.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/d/aaaaaaaaaa", "discussion.unknown"),
        ("/stage/aaaaaaaaaa/north", "discussion.unknown"),
        ("/nothing", "page.unknown"),
        ("/no/thing/here", "page.unknown"),
    ],
)
async def test_a_person_is_told_what_is_wrong_on_a_page_and_a_program_in_json(
    client: httpx.AsyncClient, path: str, code: str
) -> None:
    page = await client.get(path, headers=HTML)
    assert page.status_code == 404
    assert f'<meta name="vivavoce-error" content="{code}" />' in page.text.partition("</head>")[0]
    told = await client.get(path, headers={"Accept": "application/json"})
    assert told.status_code == 404
    assert told.json()["error"]["code"] == code


async def test_what_was_asked_for_cannot_write_into_the_error_page(client: httpx.AsyncClient) -> None:
    answer = await client.get('/"><script>alert(1)</script></head>', headers=HTML)
    assert answer.status_code == 404
    assert "<script>" not in answer.text
    assert answer.text.count("</head>") == 1


async def test_a_stage_of_an_unknown_seat_is_told_so(web: Web, client: httpx.AsyncClient) -> None:
    made = await web.made()
    answer = await client.get(f"/stage/{made['id']}/east", headers=HTML)
    assert answer.status_code == 404
    assert "seat.unknown" in answer.text


async def test_files_are_kept_for_ever_where_their_name_tells_their_content(
    client: httpx.AsyncClient,
) -> None:
    asset = await client.get("/assets/main-abc123.js")
    assert asset.status_code == 200
    assert "immutable" in asset.headers["cache-control"]
    assert asset.headers["content-type"].startswith("text/javascript")
    icon = await client.get("/icon.svg")
    assert icon.headers["cache-control"] == "no-cache"


async def test_texts_are_packed_for_whoever_can_unpack_them(web: Web, client: httpx.AsyncClient) -> None:
    text = "export const word = 'again';\n" * 200
    (web.site.static / "assets" / "long-1.js").write_text(text)
    packed = await client.get("/assets/long-1.js", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.headers["vary"] == "Accept-Encoding"
    assert int(packed.headers["content-length"]) < len(text) / 10
    plain = await client.get("/assets/long-1.js", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert packed.text == plain.text == text
    assert packed.headers["content-type"] == plain.headers["content-type"]


@pytest.mark.parametrize(
    "path",
    [
        "/../outside.txt",
        "/..%2foutside.txt",
        "/assets/..%2f..%2foutside.txt",
        "/assets/../../outside.txt",
        "/assets/%2e%2e/%2e%2e/outside.txt",
        "/assets//etc/passwd",
        "/%2fetc%2fpasswd",
        "/assets/%00",
        "/assets/" + "a" * 5000,
        "/audience.html",
        "/assets",
        "/assets/",
    ],
)
async def test_only_the_built_files_are_served(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert answer.status_code == 404
    assert "not for you" not in answer.text


async def test_every_answer_keeps_to_itself(web: Web, client: httpx.AsyncClient) -> None:
    made = await web.made()
    for path in ("/", f"/d/{made['id']}", "/api/clock", "/assets/main-abc123.js", "/nothing", "/api/docs"):
        headers = (await client.get(path, headers=HTML)).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["cross-origin-opener-policy"] == "same-origin"
        assert headers["cross-origin-embedder-policy"] == "require-corp"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert "camera=()" in headers["permissions-policy"]
        assert "server" not in headers
    stage = (await client.get(f"/stage/{made['id']}/north", headers=HTML)).headers
    assert "camera=(self), microphone=(self)" in stage["permissions-policy"]


async def test_pages_that_were_not_built_are_told_with_their_remedy(
    web: Web, client: httpx.AsyncClient
) -> None:
    for page in web.site.static.glob("*.html"):
        page.unlink()
    answer = await client.get("/", headers=HTML)
    assert answer.status_code == 503
    assert "make setup" in answer.text


LINES = {
    "http://localhost:8080": "https://127.0.0.1:4443/line",
    "http://127.0.0.1:8080": "https://127.0.0.1:4443/line",
    "http://[::1]:8080": "https://127.0.0.1:4443/line",
    "http://192.0.2.7:8080": "https://192.0.2.7:4443/line",
    "http://[2001:db8::1]:8080": "https://[2001:db8::1]:4443/line",
    "http://studio.example": "https://studio.example:4443/line",
}


@pytest.mark.parametrize("base", LINES)
async def test_the_line_is_where_the_page_was_asked_for(web: Web, base: str) -> None:
    async with web.client(base) as client:
        answer = await client.get("/api/line")
    assert answer.json() == {"url": LINES[base], "fingerprint": "ab" * 32}
    assert answer.headers["cache-control"] == "no-store"


async def test_an_external_relay_takes_the_viewers_and_leaves_the_sides_here(web: Web) -> None:
    web.site.relay = "https://relay.example/vivavoce"
    async with web.client() as client:
        answer = await client.get("/api/line")
    assert answer.json() == {"url": "https://relay.example/vivavoce", "fingerprint": None}


async def test_the_clock_is_the_hosts(web: Web, client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/clock")
    assert answer.json() == {"received_us": web.clock.at_us, "sent_us": web.clock.at_us}
    assert answer.headers["cache-control"] == "no-store"


async def test_the_reference_names_every_operation_and_schema(client: httpx.AsyncClient) -> None:
    openapi = (await client.get("/api/openapi.json")).json()
    page = (await client.get("/api/docs")).text
    for path, operations in openapi["paths"].items():
        for method, operation in operations.items():
            assert f"<code>{method.upper()} {path}</code>" in page
            assert operation.get("description"), (method, path)
    for name in openapi["components"]["schemas"]:
        assert f'id="schema-{name}"' in page
    assert "<script" not in page
    assert (await client.get("/api/docs.css")).headers["content-type"].startswith("text/css")


@pytest.mark.parametrize("path", ["/api/discussions", "/api/line", "/api/clock"])
async def test_a_method_that_is_not_for_a_path_is_told(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.patch(path)
    assert answer.status_code == 405
    assert answer.json()["error"]["code"] == "input.malformed"
    assert "allow" in answer.headers


@pytest.mark.parametrize(
    ("header", "host"),
    [("a:1", "a"), ("A.", "a"), ("[::1]:1", "::1"), ("a:b", None), ("", None), ("a/b", None), ("a?b", None)],
)
def test_the_host_of_a_header(header: str, host: str | None) -> None:
    assert host_of(header) == host


async def test_the_audience_page_knows_what_it_would_ask_for_first(web: Web) -> None:
    title = "</script><img src=x onerror=alert(1)> & more"
    made = await web.made(title=title)
    north = '{"vivavoce":{"run":"<"}}'
    web.line.catalogued = {"north": north, "booth-ru": "{}"}
    async with web.client() as client:
        answer = await client.get(f"/d/{made['id']}")
        asked = (await client.get(f"/api/discussions/{made['id']}")).json()
        line = (await client.get("/api/line")).json()
    assert answer.headers["cache-control"] == "no-store"
    before, _, rest = answer.text.partition('<script type="application/json" id="vivavoce-opening">')
    data, _, after = rest.partition("</script>")
    assert before.endswith("<head>")
    assert after == "</head>audience"
    told = json.loads(data)
    assert told["discussion"]["title"] == title
    assert told["discussion"] | {"state": None} == asked | {"state": None}
    assert told["line"] == line
    assert told["catalogs"] == {"north": north}, "a booth's is not needed for a picture"
