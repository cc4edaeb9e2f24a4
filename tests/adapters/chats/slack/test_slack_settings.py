"""Section ``slack``: what is wrong with a token is said at the start, and the token is not."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from adapters.chats.slack.settings import Settings

HTTP = {"client_id": "1.2", "client_secret": "s", "signing_secret": "t"}


@pytest.mark.parametrize(
    "given",
    [
        {"bot_token": "xoxb-1"},
        {"bot_token": " xoxb-1\n", "app_token": "xapp-1"},
        {"bot_token": "xoxe.xoxb-1", "signing_secret": "s"},
        HTTP,
    ],
)
def test_these_are_enough(given: dict[str, str]) -> None:
    made = Settings.model_validate(given)
    assert not made.bot_token or made.bot_token.get_secret_value() == given["bot_token"].strip()
    assert "xoxb-1" not in repr(made)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "give bot_token"),
        ({"bot_token": "xoxp-secret"}, "a bot token begins with xoxb-"),
        ({"bot_token": "   "}, "a bot token begins with xoxb-"),
        ({"bot_token": '"xoxb-secret"'}, "a bot token begins with xoxb-"),
        ({"bot_token": "xapp-secret"}, "a bot token begins with xoxb-"),
        ({"bot_token": "xoxb-1", "app_token": "xoxb-secret"}, "an app-level token begins with xapp-"),
        ({"bot_token": "xoxb-1", "base_url": "slack.com"}, "https://slack.com/api/"),
        ({"client_id": "1.2"}, "client_id and client_secret go together"),
        ({"client_id": "1.2", "client_secret": "secret"}, "client_id needs signing_secret"),
        ({"bot_token": "xoxb-1", "command": "papers"}, "pattern"),
        ({"bot_token": "xoxb-1", "bot_tokn": "x"}, "bot_tokn"),
        ({"bot_token": "xoxb-1", "optional_scopes": "users:read admin"}, "no use for admin"),
    ],
)
def test_these_are_not_and_the_error_says_why(given: dict[str, str], said: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Settings.model_validate(given)
    told = "; ".join(f"{error['loc']} {error['msg']}" for error in caught.value.errors())
    assert said in told
    assert "secret" not in told.replace("client_secret", "").replace("signing_secret", "")


@pytest.mark.parametrize("base", ["https://slack.com/api", "https://slack.com/api/"])
def test_the_page_of_consent_is_beside_the_api(base: str) -> None:
    made = Settings.model_validate({**HTTP, "base_url": base})
    assert made.base_url == "https://slack.com/api/"
    assert made.authorize_url == "https://slack.com/oauth/v2/authorize"


def test_another_service_may_have_tokens_of_another_kind() -> None:
    made = Settings.model_validate({"bot_token": "anything", "base_url": "http://127.0.0.1:1/api/"})
    assert made.bot_token
    assert made.bot_token.get_secret_value() == "anything"
