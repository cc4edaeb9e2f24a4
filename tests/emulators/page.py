"""What the pages of the emulators share: forms that act and come back, and a page that stays fresh by itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeAlias
from urllib.parse import urlencode

from aiohttp import web

from tests.emulators.clock import Bell

Form: TypeAlias = dict[str, list[str]]
PATIENCE = 20.0
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'nonce-{}'; connect-src 'self'; img-src http: https:"
)
SCRIPT = """
const main = document.querySelector('main'); main.scrollTop = main.scrollHeight;
const fields = [...document.querySelectorAll('input, textarea, select')];
const state = (one) => one.value + one.checked;
fields.forEach((one) => { one.dataset.was = state(one) });
const busy = () => fields.some((one) => state(one) !== one.dataset.was);
const wait = async () => {
  const answer = await fetch('/page/changes?since=' + document.body.dataset.rings);
  document.body.dataset.rings = await answer.text();
  if (answer.status === 200 && !busy()) location.reload(); else setTimeout(wait, 300);
};
wait();
"""


def served(html: str, nonce: str) -> web.Response:
    """A page on which only the script with this nonce runs."""
    headers = {"Content-Security-Policy": POLICY.format(nonce)}
    return web.Response(text=html, content_type="text/html", headers=headers)


async def changes(bell: Bell, request: web.Request) -> web.Response:
    """Wait until something has changed since the page was drawn."""
    since = request.query.get("since", "0")
    status = 200
    try:
        await bell.until(lambda: bell.rings > int(since), PATIENCE)
    except TimeoutError:
        status = 202
    return web.Response(text=str(bell.rings), status=status)


def acting(
    act: Callable[[Form], Awaitable[str]],
    origin: Callable[[], str],
    expected: tuple[type[Exception], ...],
    kept: Sequence[str],
) -> Callable[[web.Request], Awaitable[web.Response]]:
    """Do something for a person, and come back with what went wrong; only for forms of this very page."""

    async def handle(request: web.Request) -> web.Response:
        if request.headers.get("Origin", origin()) != origin():
            raise web.HTTPForbidden
        posted = await request.post()
        form: Form = {name: [str(one) for one in posted.getall(name)] for name in posted}
        try:
            problem = await act(form)
        except expected as error:
            problem = str(error)
        back = {key: form[key][0] for key in kept} | {"problem": problem}
        raise web.HTTPFound("/page?" + urlencode(back))

    return handle
