"""What Slack's noes mean, as data: every code of the method pages that a delivery can meet has one verdict.

A code that Slack has invented since is a fault of ours until somebody has looked: it stops one message, not a channel.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError

from bot.errors import DeliveryError, Verdict

LONGEST = 3600.0
"""Seconds; a longer Retry-After is not believed."""
INVITE = "I am not in that channel. Run `/invite @papers` there, then try again"
ADMIN = "An administrator of the workspace must allow the app to post there"
REINSTALL = "Slack does not accept our token any more. Install the app again"

_BY_VERDICT: Mapping[Verdict, Mapping[str, str]] = {
    Verdict.WAIT: dict.fromkeys(("ratelimited", "rate_limited"), "Slack asks us to slow down"),
    Verdict.RETRY: {
        **dict.fromkeys(("service_unavailable", "request_timeout"), "Slack is not available at present"),
        "message_limit_exceeded": "the workspace posts more messages than Slack allows",
        **dict.fromkeys(
            ("team_added_to_org", "org_login_required", "grid_migration_in_progress", "migration_in_progress"),
            "the workspace is being moved",
        ),
        "token_expired": "the token has run out and could not be renewed",
    },
    Verdict.UNKNOWN: {
        **dict.fromkeys(("fatal_error", "internal_error"), "Slack failed and does not know how far it got"),
        **dict.fromkeys(
            ("duplicate_message_not_found", "duplicate_channel_not_found"), "Slack saw this message before"
        ),
    },
    Verdict.PAUSE: {
        **dict.fromkeys(("channel_not_found", "not_in_channel"), INVITE),
        "is_archived": "the channel is archived",
        **dict.fromkeys(
            ("restricted_action", "restricted_action_read_only_channel"),
            f"Only some people may post in that channel. {ADMIN}",
        ),
        "restricted_action_thread_only_channel": "That channel takes replies only. Choose another one",
        **dict.fromkeys(
            ("restricted_action_non_threadable_channel", "restricted_action_thread_locked"),
            "That channel takes no replies. Choose another one",
        ),
        **dict.fromkeys(
            (
                "no_permission",
                "ekm_access_denied",
                "app_access_restricted",
                "accesslimited",
                "two_factor_setup_required",
                "team_access_not_granted",
            ),
            ADMIN,
        ),
        "access_denied": ADMIN,
        "messages_tab_disabled": "Direct messages are switched off in the app's manifest: switch its Messages tab on",
    },
    Verdict.DROP: dict.fromkeys(
        ("user_not_found", "user_disabled", "user_not_visible"), "The person has left the workspace"
    ),
    Verdict.TENANT: {
        **dict.fromkeys(("invalid_auth", "not_authed", "account_inactive", "token_revoked"), REINSTALL),
        "missing_scope": "The app lacks a permission. Install it again with the scopes of `broadsheet manifest slack`",
    },
    Verdict.DEGRADE: {
        **dict.fromkeys(
            (
                "invalid_blocks",
                "invalid_blocks_format",
                "msg_blocks_too_long",
                "markdown_text_too_long",
                "msg_too_long",
                "too_many_attachments",
                "no_text",
                "metadata_too_large",
                "invalid_metadata_format",
                "invalid_metadata_schema",
                "markdown_text_conflict",
            ),
            "Slack refuses the shape of the message",
        ),
        "cannot_reply_to_message": "the message to reply to is gone",
        **dict.fromkeys(
            (
                "posting_to_channel_denied",
                "slack_connect_blocked",
                "slack_connect_canvas_sharing_blocked",
                "slack_connect_clip_sharing_blocked",
                "slack_connect_file_link_sharing_blocked",
                "slack_connect_file_upload_sharing_blocked",
                "slack_connect_lists_sharing_blocked",
                "file_sharing_blocked",
                "file_not_found",
                "file_uploads_disabled",
            ),
            "Slack allows no files there",
        ),
    },
    Verdict.BUG: dict.fromkeys(
        (
            "not_allowed_token_type",
            "team_not_found",
            "invalid_arguments",
            "invalid_arg_name",
            "invalid_array_arg",
            "invalid_charset",
            "invalid_form_data",
            "invalid_post_type",
            "invalid_json",
            "json_not_object",
            "missing_post_type",
            "missing_charset",
            "method_deprecated",
            "deprecated_endpoint",
            "unknown_method",
            "as_user_not_supported",
            "invalid_attachments",
            "attachment_payload_limit_exceeded",
        ),
        "Slack refuses our request",
    ),
}
CODES: Mapping[str, tuple[Verdict, str]] = {
    code: (verdict, sentence) for verdict, codes in _BY_VERDICT.items() for code, sentence in codes.items()
}
"""Code -> what it means, and a sentence."""

AT_TOP_LEVEL = frozenset(
    {"cannot_reply_to_message", "restricted_action_non_threadable_channel", "restricted_action_thread_locked"}
)
"""Noes to a reply that are no noes to a message of its own."""

_FOR_PEOPLE = {Verdict.PAUSE, Verdict.TENANT, Verdict.DROP}
"""Their sentences are read by people who can do something about it: no codes."""
_UNSENT = (aiohttp.ClientConnectorError, aiohttp.InvalidURL)
"""Nothing can have been sent."""


def failure(error: BaseException) -> DeliveryError:
    """Say what an end of a call means; of what is not an end of a call, that it may have done its work."""
    match error:
        case DeliveryError():
            return error
        case SlackApiError():
            return refusal(error)
        case asyncio.TimeoutError():
            return DeliveryError("Slack did not answer in time", Verdict.UNKNOWN, code="timeout")
        case aiohttp.ClientError() if isinstance(error, _UNSENT):
            return DeliveryError("Slack cannot be reached", Verdict.RETRY, code="unreachable")
        case aiohttp.WSServerHandshakeError():
            said = f"Slack answered {error.status} instead of connecting"
            return DeliveryError(said, Verdict.UNKNOWN, code=f"http_{error.status}")
        case aiohttp.ClientConnectionError() | OSError():
            return DeliveryError("the connection to Slack broke off", Verdict.UNKNOWN, code="broken")
    return DeliveryError(f"the connection to Slack broke ({type(error).__name__})", Verdict.UNKNOWN, code="broken")


CALLS = (SlackApiError, aiohttp.ClientError, TimeoutError, OSError, ValueError, RecursionError)
"""How a call of slack_sdk can end: the last two come from answers that are no JSON, or too deep."""


def unsent(error: BaseException) -> DeliveryError:
    """The same for a call that posts nothing: after an unclear end it can be made again."""
    told = failure(error)
    if told.verdict is not Verdict.UNKNOWN:
        return told
    return DeliveryError(str(told), Verdict.RETRY, code=told.code)


def refusal(error: SlackApiError) -> DeliveryError:
    """Say what Slack's answer means. One that is no JSON may come from a proxy, after the work was done."""
    response = error.response
    body: Any = getattr(response, "data", None)
    status = int(getattr(response, "status_code", getattr(response, "status", 0)) or 0)
    code = str(body.get("error") or "") if isinstance(body, dict) else ""
    headers: Mapping[str, str] = getattr(response, "headers", None) or {}
    if status == 429 or CODES.get(code, ("",))[0] is Verdict.WAIT:
        return DeliveryError("Slack asks us to slow down", Verdict.WAIT, code=code, seconds=seconds(headers))
    if not code:
        return DeliveryError(f"Slack answered {status} without a word", Verdict.UNKNOWN, code=f"http_{status}")
    if code not in CODES and code.startswith("restricted_action"):
        code = "restricted_action"
    if code not in CODES and status >= 500:
        return DeliveryError(f"Slack answered {status} {code}", Verdict.UNKNOWN, code=code)
    verdict, sentence = CODES.get(code, (Verdict.BUG, "Slack refuses our request"))
    if verdict in _FOR_PEOPLE:
        needed = f" It needs {str(body['needed'])[:100]}." if body.get("needed") else ""
        return DeliveryError(f"{sentence}{needed}", verdict, code=code)
    problems = body.get("errors")
    where = f": {'; '.join(map(str, problems[:3]))[:300]}" if isinstance(problems, list) and problems else ""
    return DeliveryError(f"{sentence} ({code}{where})", verdict, code=code)


def seconds(headers: Mapping[str, str]) -> float | None:
    """Read Retry-After: seconds, with or without a fraction, or a date. ``None`` when it says nothing sensible."""
    said = headers.get("Retry-After", "")
    try:
        wait = float(said)
    except ValueError:
        try:
            wait = parsedate_to_datetime(said).timestamp() - parsedate_to_datetime(headers["Date"]).timestamp()
        except (ValueError, TypeError, KeyError, OverflowError):
            return None
    return min(wait, LONGEST) if wait >= 0 else None
