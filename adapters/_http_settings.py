"""Types for the settings that every HTTP source has. Their problems never repeat a value."""

from __future__ import annotations

from typing import Annotated

import httpx
from pydantic import AfterValidator, Field, SecretStr

from adapters._http_guard import reachable


def _base_url(value: str) -> str:
    try:
        url = httpx.URL(value)
    except httpx.InvalidURL as error:
        raise ValueError("not a URL; write it like https://example.org") from error
    if url.scheme not in ("http", "https") or not reachable(url):
        raise ValueError("not a web address; write it like https://example.org")
    if url.userinfo or url.query or url.fragment:
        raise ValueError("must be an address alone, without a password, ? or #")
    return value.strip().rstrip("/")


def _token(value: SecretStr) -> SecretStr:
    token = value.get_secret_value().strip()
    if not (token.isascii() and token.isprintable()) or " " in token:
        raise ValueError("not a token: it has characters that no token has")
    return SecretStr(token)


BaseUrl = Annotated[str, AfterValidator(_base_url)]
"""An http(s) address, without a slash at its end."""

Token = Annotated[SecretStr, AfterValidator(_token)]
"""A secret that is safe in a header; may be empty."""

Contact = Annotated[str, Field(pattern=r"^[\x20-\x7e]*$", max_length=200)]
"""What a service's operator may write or mail to; goes into the User-Agent."""
