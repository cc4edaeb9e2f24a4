from __future__ import annotations

import socket

from adapters.web.starlette.running import _bound


def test_small_answers_are_not_held_back_by_nagle() -> None:
    # asyncio sets TCP_NODELAY on what it accepts if the socket names its protocol, as accepted ones inherit it
    with _bound("127.0.0.1", 0) as listening, socket.create_connection(listening.getsockname()):
        accepted, _ = listening.accept()
        with accepted:
            assert accepted.proto == socket.IPPROTO_TCP
