"""Section ``discord`` of the settings."""

from __future__ import annotations

from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationInfo, field_validator, model_validator

from adapters.chats.discord.markup import is_id

DISCORD = "https://discord.com/api/v10"


class Settings(BaseModel):
    """One app: its bot's token is all that it needs."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    api_url: str = Field(DISCORD, description="address of Discord's API")
    token: SecretStr = Field(description="the bot's token, from the developer portal")
    gateway_url: str = Field("", description="address of the gateway; empty asks the API for it")
    shards: int = Field(0, ge=0, description="shards of the bot in all; 0 lets Discord say how many")
    first_shard: int = Field(0, ge=0, description="the first shard that this process runs")
    last_shard: int = Field(-1, ge=-1, description="the last one; -1 is the last of all")
    threads: bool = Field(False, description="put what one message does not hold into a thread under it")

    post_per_paper: tuple[str, ...] = Field(
        (), description="ids of channels, mostly forums, that get a message (a forum: a post) for each paper"
    )
    publish: bool = Field(False, description="publish digests in announcement channels to the servers that follow them")

    @field_validator("token", mode="before")
    @classmethod
    def _bare(cls, value: Any, info: ValidationInfo) -> Any:  # noqa: ANN401  (whatever stands in the settings)
        """Refuse what is no token: Discord would, hours later and with less to go by. Who else answers is free."""
        secret = value.get_secret_value() if isinstance(value, SecretStr) else value
        if isinstance(secret, str):
            secret = secret.strip().removeprefix("Bot ")
            if not secret or not secret.isascii() or any(c.isspace() for c in secret):
                raise ValueError("a bot's token is one word; this is none")
            if info.data.get("api_url") == DISCORD and secret.count(".") != 2:
                raise ValueError("a bot's token has three parts with dots between them; this one has not")
        return secret

    @field_validator("post_per_paper")
    @classmethod
    def _ids(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if wrong := [one for one in value if not is_id(one)]:
            raise ValueError(f"{wrong[0]!r} is not the id of a channel: copy it in Discord (Developer Mode, Copy ID)")
        return value

    @field_validator("api_url")
    @classmethod
    def _api(cls, value: str) -> str:
        if not value.startswith(("http://", "https://")):
            raise ValueError("write it like https://discord.com/api/v10")
        return value.rstrip("/")

    @field_validator("gateway_url")
    @classmethod
    def _gateway(cls, value: str) -> str:
        if value and not value.startswith(("ws://", "wss://")):
            raise ValueError("write it like wss://gateway.discord.gg/")
        return value

    @model_validator(mode="after")
    def _range(self) -> Self:
        if (self.first_shard or self.last_shard >= 0) and not self.shards:
            raise ValueError("first_shard and last_shard need shards, the number of all")
        if self.shards and not self.first_shard <= self.last <= self.shards - 1:
            raise ValueError("first_shard to last_shard must lie within 0 to shards - 1")
        return self

    @property
    def last(self) -> int:
        """The last shard of this process."""
        return self.last_shard if self.last_shard >= 0 else self.shards - 1
