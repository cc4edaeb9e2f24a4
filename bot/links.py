"""Strangers' links: which are shown at all."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import quote, urlsplit

from bot.characters import scrub

LONGEST = 500

_HOST = re.compile(r"(?!-)[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})*\.?")


def link(url: str) -> str:
    """Give a link that is safe to show, else ``""``.

    Only http and https, without credentials, spaces, controls or backslashes, 500 characters at the most. A host in
    other letters than a to z is shown as what it is, in punycode; characters that could end a link are encoded.
    """
    url = url.strip()
    return _safe(url) if len(url) <= LONGEST else ""


@lru_cache(maxsize=4096)
def _safe(url: str) -> str:
    if "\\" in url or scrub(url) != url or any(c.isspace() for c in url):
        return ""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").encode("idna").decode(), parts.port
    except ValueError:
        return ""
    if parts.scheme not in {"http", "https"} or "@" in parts.netloc or not _HOST.fullmatch(host):
        return ""
    rest = url.split("//", 1)[1][len(parts.netloc) :]
    safe = f"{parts.scheme}://{host}{f':{port}' if port is not None else ''}" + quote(
        rest, safe="/:?#@!$&'()*+,;=~%-._[]"
    )
    return safe if len(safe) <= LONGEST else ""
