"""Logs: a fixed message, values in fields, one line each, on standard error.

No secret, no token, no person's name and nothing that was said stands in a log. Fields are chosen so where
they are written; `_without_secrets` is the net below it.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, Final

import structlog

__all__ = ["set_up"]

_PRIVATE_FIELDS: Final = frozenset(
    {"token", "secret", "password", "authorization", "cookie", "name", "title", "stage_url", "text"}
)
_PRIVATE_TEXT: Final = re.compile(
    r"(?i)((?:token|secret|password|bearer)[=: ]+|/stage/[^\s#]*#|://[^\s:/@]*:)[^\s&\"'@]+"
)


def set_up(*, json: bool | None = None, level: str = "info") -> None:
    """Send every log line of this process, the libraries' too, to standard error.

    json: one JSON object a line; by default when standard error is no terminal.
    """
    if json is None:
        json = not sys.stderr.isatty()
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _without_secrets,
    ]
    end: list[Any] = (
        [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
        if json
        else [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())]
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *end],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    # Libraries say what only their authors need, and sometimes what they were given: names, for one.
    root.setLevel("WARNING")
    logging.getLogger("vivavoce").setLevel(level.upper())
    for name in ("uvicorn", "uvicorn.error"):
        logger = logging.getLogger(name)
        logger.handlers = []
        logger.propagate = True
    logging.getLogger("uvicorn.access").disabled = True
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=False,
    )


def _without_secrets(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    for key, value in event.items():
        if key in _PRIVATE_FIELDS:
            event[key] = "…"
        elif isinstance(value, str):
            event[key] = _PRIVATE_TEXT.sub(r"\1…", value)
    return event
