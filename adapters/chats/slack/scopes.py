"""The scopes: two are required, each of the others can be refused, and then costs what stands beside it."""

from __future__ import annotations

from collections.abc import Mapping

REQUIRED = ("commands", "chat:write")
OPTIONAL: Mapping[str, str] = {
    "chat:write.public": "post in public channels without /invite",
    "users:read": "know people's time zones and names, and who is a guest or an administrator",
    "files:write": "show a topic's half year as a picture, not in words alone",
    "links:read": "see links to papers that people share",
    "links:write": "show what is behind them, and when the channel had them",
}
"""Scope -> what it is for."""
OWN: Mapping[str, str] = {
    "channels:history": "look whether a message arrived when its answer was lost",
    "groups:history": "the same in private channels",
    "im:history": "the same in direct messages",
}
"""Optional scopes that only an app of one workspace asks for: a distributed one may read once a minute, no more."""
