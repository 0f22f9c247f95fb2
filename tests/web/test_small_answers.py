"""Clocks are compared by small answers, so these must not wait for anything."""

from __future__ import annotations

import socket

from vivavoce.web.server import bound


def test_the_sockets_say_that_they_are_tcp_so_that_asyncio_sends_small_answers_at_once() -> None:
    for listening in bound("127.0.0.1", 0):
        with listening:
            assert listening.proto == socket.IPPROTO_TCP
