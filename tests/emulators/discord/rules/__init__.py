"""What Discord refuses, as data, and the bodies that it refuses with."""

from __future__ import annotations

from collections.abc import Iterable

from tests.emulators.discord.rules.schema import Problem
from tests.emulators.discord.state.nouns import JSON

SAYS = {
    0: "401: Unauthorized",
    10002: "Unknown Application",
    10003: "Unknown Channel",
    10004: "Unknown Guild",
    10007: "Unknown Member",
    10008: "Unknown Message",
    10013: "Unknown User",
    10015: "Unknown Webhook",
    10062: "Unknown interaction",
    10063: "Unknown application command",
    20009: "Explicit content cannot be sent to the desired recipient(s)",
    20012: "You are not authorized to perform this action on this application",
    20028: "The channel you are writing has hit the write rate limit",
    20029: "The write action you are performing on the server has hit the write rate limit",
    30034: "Max number of daily application command creates has been reached (200)",
    40001: "Unauthorized. Provide a valid token and try again",
    40003: "You are opening direct messages too fast",
    40004: "Send messages has been temporarily disabled",
    40005: "Request entity too large",
    40006: "This feature has been temporarily disabled server-side",
    40007: "The user is banned from this guild",
    40033: "This message has already been crossposted",
    40058: "Cannot send a message in a forum channel",
    40060: "Interaction has already been acknowledged.",
    40062: "Service resource is being rate limited",
    40067: "A tag is required to create a forum post in this channel",
    40094: "This interaction has reached the maximum number of follow up messages",
    40333: "internal network error",
    50001: "Missing Access",
    50005: "Cannot edit a message authored by another user",
    50006: "Cannot send an empty message",
    50007: "Cannot send messages to this user",
    50008: "Cannot send messages in a non-text channel",
    50009: "Channel verification level is too high for you to gain access",
    50013: "Missing Permissions",
    50014: "Invalid authentication token provided",
    50024: "Cannot execute action on this channel type",
    50027: "Invalid Webhook Token",
    50035: "Invalid Form Body",
    50045: "File uploaded exceeds the maximum size",
    50083: "Thread is archived",
    50095: "This server is not available in your location",
    50109: "The request body contains invalid JSON.",
    50278: "Cannot send messages to this user due to having no mutual guilds",
    130000: "API resource is currently overloaded. Try again a little later",
    160004: "A thread has already been created for this message",
    160005: "Thread is locked",
    160006: "Maximum number of active threads reached",
    200000: "Message was blocked by automatic moderation",
    200001: "Title was blocked by automatic moderation",
    240000: "Message blocked by harmful links filter",
    400001: "Cloud Storage is temporarily unavailable",
}
STATUS = {
    **dict.fromkeys((0, 40001, 50014, 50027), 401),
    **dict.fromkeys((20012, 40007, 40333, 50001, 50005, 50007, 50009, 50013, 50278), 403),
    **dict.fromkeys((10002, 10003, 10004, 10007, 10008, 10013, 10015, 10062, 10063), 404),
    40005: 413,
    **dict.fromkeys((20028, 20029, 30034, 40062), 429),
    130000: 503,
}
"""Where it is not 400. The day's number of new commands is a 429 since 2024 (discord.js #10458)."""


class Refused(Exception):
    """Discord's no."""

    def __init__(self, code: int, problems: Iterable[Problem] = (), *, status: int = 0, **more: object) -> None:
        super().__init__(f"{code}: {SAYS.get(code, '')}")
        self.code, self.more = code, more
        self.problems = tuple(problems)
        self.status = status or STATUS.get(code, 400)

    @property
    def body(self) -> JSON:
        """What the client reads."""
        body: JSON = {"message": SAYS.get(self.code, "Bad Request"), "code": self.code}
        return body | ({"errors": nested(self.problems)} if self.problems else {}) | self.more


def insist(problems: Iterable[Problem]) -> None:
    """Raise ``Refused`` with Invalid Form Body when there is any problem."""
    if found := list(problems):
        raise Refused(50035, found)


def nested(problems: Iterable[Problem]) -> JSON:
    """Problems as Discord writes them: by field, by place in a list, and ``_errors`` at the end."""
    tree: JSON = {}
    for path, code, message in problems:
        here = tree
        for step in path:
            here = here.setdefault(step, {})
        here.setdefault("_errors", []).append({"code": code, "message": message})
    return tree
