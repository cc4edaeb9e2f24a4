"""The server as a process, with a control side over HTTP.

``GET /smtp`` gives the SMTP address and ``GET /count`` how many mails were accepted. ``PUT /delay/{domain}`` says how
late they are, ``PUT /faults/{address}`` what happens to an address's next mails, one fault each, and
``GET /accepted/{address}`` tells what was accepted.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections import deque
from dataclasses import dataclass

from aiohttp import web

from tests.emulators.listening import listening
from tests.emulators.mail import Accepted, Fault, MailServer, serving


@dataclass
class Control:
    """What the outside may ask."""

    server: MailServer

    def application(self) -> web.Application:
        app = web.Application()
        app.add_routes(
            [
                web.get("/smtp", self._smtp),
                web.get("/count", self._count),
                web.put("/delay/{domain}", self._delay),
                web.put("/faults/{address}", self._faults),
                web.get("/accepted/{address}", self._accepted),
            ]
        )
        return app

    async def _smtp(self, request: web.Request) -> web.Response:
        return web.json_response(self.server.url)

    async def _count(self, request: web.Request) -> web.Response:
        return web.json_response(self.server.count)

    async def _delay(self, request: web.Request) -> web.Response:
        self.server.delays[request.match_info["domain"]] = await request.json()
        return web.json_response({})

    async def _faults(self, request: web.Request) -> web.Response:
        self.server.faults[request.match_info["address"]] = deque(Fault(**fault) for fault in await request.json())
        return web.json_response({})

    async def _accepted(self, request: web.Request) -> web.Response:
        return web.json_response([_shown(mail) for mail in self.server.boxes[request.match_info["address"]]])


def _shown(mail: Accepted) -> dict[str, str]:
    return {"message_id": mail.message_id, "raw": mail.raw.decode("ascii"), "text": mail.part("plain")}


async def _main(forget: bool) -> None:
    async with serving(MailServer(forget=forget)) as server, listening(Control(server).application()) as url:
        sys.stdout.write(f"{url}\n")
        sys.stdout.flush()
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--start", help="what its clock says at the start; mail has none")
    parser.add_argument("--forget", action="store_true", help="only count, so that any number of mails fits")
    asyncio.run(_main(parser.parse_args().forget))
