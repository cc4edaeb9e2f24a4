"""Every code of Slack's method pages that a delivery can meet, and what it means."""

from __future__ import annotations

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from adapters.chats.slack.errors import CODES, LONGEST, failure, refusal, unsent
from bot.errors import DeliveryError, Verdict

EXPECTED = {
    Verdict.WAIT: "ratelimited rate_limited",
    Verdict.RETRY: "message_limit_exceeded service_unavailable request_timeout team_added_to_org org_login_required "
    "grid_migration_in_progress token_expired",
    Verdict.UNKNOWN: "fatal_error internal_error duplicate_message_not_found duplicate_channel_not_found",
    Verdict.PAUSE: "channel_not_found not_in_channel is_archived restricted_action restricted_action_read_only_channel "
    "restricted_action_thread_only_channel restricted_action_non_threadable_channel restricted_action_thread_locked "
    "restricted_action_something_new no_permission access_denied ekm_access_denied app_access_restricted "
    "accesslimited two_factor_setup_required team_access_not_granted messages_tab_disabled",
    Verdict.DROP: "user_not_found user_disabled user_not_visible",
    Verdict.TENANT: "invalid_auth not_authed account_inactive token_revoked missing_scope",
    Verdict.DEGRADE: "cannot_reply_to_message invalid_blocks invalid_blocks_format msg_blocks_too_long "
    "markdown_text_too_long msg_too_long too_many_attachments no_text metadata_too_large invalid_metadata_format "
    "invalid_metadata_schema markdown_text_conflict slack_connect_file_upload_sharing_blocked file_not_found "
    "posting_to_channel_denied",
    Verdict.BUG: "not_allowed_token_type team_not_found invalid_arguments invalid_arg_name invalid_array_arg "
    "invalid_json invalid_charset something_that_slack_invents_next_year",
}


def answered(body: object, status: int = 200, **headers: str) -> SlackApiError:
    response = AsyncSlackResponse(
        client=AsyncWebClient(),
        http_verb="POST",
        api_url="",
        req_args={},
        data=body,  # type: ignore[arg-type]
        headers=headers,
        status_code=status,
    )
    return SlackApiError("no", response)  # type: ignore[no-untyped-call]


def no(code: str, status: int = 200, **more: object) -> DeliveryError:
    return refusal(answered({"ok": False, "error": code, **more}, status))


@pytest.mark.parametrize(("verdict", "code"), [(v, code) for v, codes in EXPECTED.items() for code in codes.split()])
def test_each_code_has_its_verdict_and_a_sentence(verdict: Verdict, code: str) -> None:
    told = no(code)
    assert told.verdict is verdict
    assert len(str(told).split()) > 2


def test_no_code_stands_in_two_classes() -> None:
    listed = [code for codes in EXPECTED.values() for code in codes.split()]
    assert len(listed) == len(set(listed))
    assert set(CODES) - set(listed) == {
        code for code in CODES if code not in listed and CODES[code][0] is not Verdict.WAIT
    }


def test_a_missing_scope_is_named() -> None:
    assert "chat:write" in str(no("missing_scope", needed="chat:write", provided="commands"))


def test_places_that_slack_refuses_are_named() -> None:
    assert "/blocks/3" in str(no("invalid_blocks", errors=["must be shorter [json-pointer:/blocks/3]"]))


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_server_error_may_have_done_its_work(status: int) -> None:
    assert refusal(answered("<html>", status)).verdict is Verdict.UNKNOWN
    assert no("upstream_broke", status).verdict is Verdict.UNKNOWN


@pytest.mark.parametrize("body", [{}, "", "<html>", None, {"ok": True}])
def test_an_answer_that_says_nothing_is_unclear(body: object) -> None:
    assert refusal(answered(body)).verdict is Verdict.UNKNOWN


@pytest.mark.parametrize(
    ("said", "wait"),
    [
        ({"Retry-After": "3"}, 3.0),
        ({"Retry-After": "1.5"}, 1.5),
        ({"Retry-After": "1e9"}, LONGEST),
        ({"Retry-After": "-4"}, None),
        ({"Retry-After": "nan"}, None),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": ""}, None),
        ({}, None),
        ({"Retry-After": "Wed, 25 Nov 2026 10:00:30 GMT", "Date": "Wed, 25 Nov 2026 10:00:00 GMT"}, 30.0),
        ({"Retry-After": "Wed, 25 Nov 2026 10:00:30 GMT"}, None),
    ],
)
def test_a_wait_is_read_however_it_is_written(said: dict[str, str], wait: float | None) -> None:
    told = refusal(answered({"ok": False, "error": "ratelimited"}, 429, **said))
    assert (told.verdict, told.seconds) == (Verdict.WAIT, wait)


def test_ends_of_a_connection_are_told_apart() -> None:
    refused = aiohttp.ClientConnectorError(None, OSError("refused"))  # type: ignore[arg-type]
    assert failure(refused).verdict is Verdict.RETRY
    assert failure(aiohttp.ServerDisconnectedError()).verdict is Verdict.UNKNOWN
    assert failure(TimeoutError()).verdict is Verdict.UNKNOWN
    assert failure(ValueError("not JSON")).verdict is Verdict.UNKNOWN


def test_a_call_that_posts_nothing_can_be_made_again() -> None:
    assert unsent(TimeoutError()).verdict is Verdict.RETRY
    assert unsent(answered({"ok": False, "error": "token_revoked"})).verdict is Verdict.TENANT
