"""The section ``discord``."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from adapters.chats.discord.settings import Settings

TOKEN = "aaaa.bbbb.verysecret"


def settings(**more: object) -> Settings:
    return Settings.model_validate({"token": TOKEN, **more})


def test_a_token_is_enough_and_hidden() -> None:
    made = settings(token=f" Bot {TOKEN} ")
    assert made.token.get_secret_value() == TOKEN
    assert "verysecret" not in repr(made)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"token": "verysecret"}, "three parts"),
        ({"token": "a.b.c d"}, "one word"),
        ({"api_url": "discord.com/api"}, "https://discord.com/api/v10"),
        ({"gateway_url": "https://gateway.discord.gg"}, "wss://gateway.discord.gg/"),
        ({"first_shard": 1}, "need shards"),
        ({"shards": 4, "first_shard": 3, "last_shard": 1}, "within 0 to shards - 1"),
        ({"shards": 4, "last_shard": 4}, "within 0 to shards - 1"),
        ({"post_per_paper": ["123456789012345678", "forum"]}, "'forum' is not the id of a channel"),
        ({"guild": "1"}, "Extra inputs"),
    ],
)
def test_what_is_wrong_is_said_without_the_secret(given: dict[str, object], says: str) -> None:
    with pytest.raises(ValidationError, match=says) as caught:
        settings(**given)
    told = "; ".join(error["msg"] for error in caught.value.errors())
    assert "verysecret" not in told


def test_a_range_of_shards_is_read() -> None:
    assert settings(shards=8, first_shard=4).last == 7
    assert settings(shards=8, last_shard=3).last == 3
    assert settings(api_url="http://127.0.0.1:1/api/v10/").api_url == "http://127.0.0.1:1/api/v10"


def test_another_service_may_have_tokens_of_another_kind() -> None:
    made = settings(token="anything", api_url="http://127.0.0.1:1/api/v10")
    assert made.token.get_secret_value() == "anything"
