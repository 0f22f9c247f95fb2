"""/api/docs: the OpenAPI description as a page that needs no script and nothing from elsewhere."""

from __future__ import annotations

import json
from collections.abc import Iterator
from html import escape
from typing import Any

__all__ = ["reference"]

_METHODS = ("get", "post", "put", "patch", "delete")


def reference(openapi: dict[str, Any]) -> str:
    """The page for an OpenAPI 3.1 description: each operation with what it takes and answers, each schema."""
    return "\n".join(_page(openapi))


def _page(openapi: dict[str, Any]) -> Iterator[str]:
    info = openapi["info"]
    yield "<!doctype html><html lang=en><head><meta charset=utf-8>"
    yield '<meta name=viewport content="width=device-width, initial-scale=1">'
    yield f"<title>{escape(info['title'])}: HTTP interface</title>"
    yield '<link rel=icon href="data:,"><link rel=stylesheet href="/api/docs.css"></head><body><main>'
    yield f"<h1>{escape(info['title'])}: HTTP interface</h1><p>{_text(info['description'])}</p>"
    yield '<p>The same for programs: <a href="/api/openapi.json">/api/openapi.json</a> (OpenAPI 3.1).</p>'
    for path, operations in openapi["paths"].items():
        for method in _METHODS:
            if method in operations:
                yield from _operation(path, method, operations[method])
    yield "<h2>Schemas</h2>"
    for name, schema in openapi["components"]["schemas"].items():
        yield from _schema(name, schema)
    yield "</main></body></html>"


def _operation(path: str, method: str, operation: dict[str, Any]) -> Iterator[str]:
    yield f'<section id="{escape(operation["operationId"])}">'
    yield f"<h2><code>{method.upper()} {escape(path)}</code></h2>"
    yield f"<p>{_text(operation.get('description', ''))}</p>"
    needed = sorted({name for option in operation.get("security", []) for name in option})
    if needed:
        yield f"<p>Authorization: Bearer, {' or '.join(escape(name) for name in needed)}.</p>"
    parameters = operation.get("parameters", [])
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    if parameters or body:
        yield "<table><caption>Takes</caption><tbody>"
        for parameter in parameters:
            schema = parameter["schema"]
            yield _row(f"{parameter['name']} ({parameter['in']})", _type(schema), _limits(schema))
        if body:
            yield _row("body", _type(body), "application/json")
        yield "</tbody></table>"
    yield "<table><caption>Answers</caption><tbody>"
    for status, answer in operation["responses"].items():
        schema = answer.get("content", {}).get("application/json", {}).get("schema")
        yield _row(status, _type(schema) if schema else "nothing", escape(answer.get("description", "")))
    yield "</tbody></table></section>"


def _schema(name: str, schema: dict[str, Any]) -> Iterator[str]:
    yield f'<section id="schema-{escape(name)}"><h3><code>{escape(name)}</code></h3>'
    yield f"<p>{_text(schema.get('description', ''))}</p>"
    if schema.get("properties"):
        required = schema.get("required", [])
        yield "<table><tbody>"
        for key, value in schema["properties"].items():
            yield _row(key + ("" if key in required else "?"), _type(value), _limits(value))
        yield "</tbody></table>"
    yield "</section>"


_LIMITS = ("minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", "pattern", "enum", "const")


def _limits(schema: dict[str, Any]) -> str:
    limits = {key: value for key, value in schema.items() if key in _LIMITS}
    if "default" in schema and not isinstance(schema["default"], (list, dict)):
        limits["default"] = schema["default"]
    return escape(
        ", ".join(f"{key} {json.dumps(value, ensure_ascii=False)}" for key, value in limits.items())
    )


def _type(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        name = escape(schema["$ref"].rpartition("/")[2])
        return f'<a href="#schema-{name}"><code>{name}</code></a>'
    for several in ("anyOf", "oneOf"):
        if several in schema:
            return " or ".join(_type(each) for each in schema[several])
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    if isinstance(schema.get("additionalProperties"), dict):
        return f"object of {_type(schema['additionalProperties'])}"
    return escape(str(schema.get("type", "anything")))


def _row(name: str, kind: str, more: str) -> str:
    return f"<tr><th scope=row><code>{escape(name)}</code></th><td>{kind}</td><td>{more}</td></tr>"


def _text(text: str) -> str:
    """Escaped, with `code` between backticks."""
    parts = escape(" ".join(text.split())).split("`")
    return "".join(f"<code>{part}</code>" if at % 2 else part for at, part in enumerate(parts))
