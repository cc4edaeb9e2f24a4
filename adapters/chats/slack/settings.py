"""Section ``slack`` of the settings."""

from __future__ import annotations

from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationInfo, field_validator, model_validator

from adapters.chats.slack.scopes import OPTIONAL

SLACK = "https://slack.com/api/"
_KINDS = {
    "bot_token": (("xoxb-", "xoxe.xoxb-"), "a bot token begins with xoxb-"),
    "app_token": (("xapp-",), "an app-level token begins with xapp-"),
}


class Settings(BaseModel):
    """One workspace: ``bot_token``, and ``app_token`` (Socket Mode) or ``signing_secret`` (HTTP) to answer people.

    Many workspaces: ``client_id``, ``client_secret`` and ``signing_secret``; the tokens come with each installation.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    base_url: str = Field(SLACK, description="address of Slack's Web API")
    bot_token: SecretStr | None = Field(None, description="bot token of one workspace (xoxb-...)")
    app_token: SecretStr | None = Field(None, description="app-level token for Socket Mode (xapp-...)")
    signing_secret: SecretStr | None = Field(None, description="checks that requests over HTTP come from Slack")
    client_id: str = Field("", description="the app's client id, to be installed in many workspaces")
    client_secret: SecretStr | None = Field(None, description="the client secret that goes with it")
    command: str = Field("/papers", pattern=r"^/[a-z0-9_-]{1,31}$", description="the slash command")
    admins_only: bool = Field(False, description="only administrators may change what a channel gets")
    optional_scopes: str = Field(
        " ".join(OPTIONAL), description="what is asked for besides the two scopes that are needed"
    )
    images: bool = Field(True, description="show a paper's picture beside its numbers")

    @field_validator("bot_token", "app_token", mode="before")
    @classmethod
    def _kind(cls, value: Any, info: ValidationInfo) -> Any:  # noqa: ANN401  (whatever stands in the settings)
        """Refuse a token of another kind: Slack would, hours later and with less to go by. Who else answers is free."""
        begins, sentence = _KINDS[str(info.field_name)]
        secret = value.get_secret_value() if isinstance(value, SecretStr) else value
        strict = info.data.get("base_url") == SLACK
        if strict and secret is not None and not (isinstance(secret, str) and secret.strip().startswith(begins)):
            raise ValueError(f"{sentence}; this one does not")
        return secret.strip() if isinstance(secret, str) else secret

    @field_validator("base_url")
    @classmethod
    def _slash(cls, value: str) -> str:
        if not value.startswith(("http://", "https://")):
            raise ValueError("write it like https://slack.com/api/")
        return value if value.endswith("/") else f"{value}/"

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if bool(self.client_id) != bool(self.client_secret):
            raise ValueError("client_id and client_secret go together")
        if self.client_id and not self.signing_secret:
            raise ValueError("client_id needs signing_secret: requests come over HTTP then")
        if not self.bot_token and not self.client_id:
            raise ValueError("give bot_token, or client_id with client_secret and signing_secret")
        return self

    @field_validator("optional_scopes")
    @classmethod
    def _known(cls, value: str) -> str:
        unknown = [scope for scope in _words(value) if scope not in OPTIONAL]
        if unknown:
            raise ValueError(f"I have no use for {', '.join(unknown)}; there are: {', '.join(OPTIONAL)}")
        return value

    @property
    def optional(self) -> tuple[str, ...]:
        """The optional scopes, each by itself."""
        return tuple(_words(self.optional_scopes))

    @property
    def authorize_url(self) -> str:
        """Where people consent to an installation."""
        return f"{self.base_url.removesuffix('/').removesuffix('/api')}/oauth/v2/authorize"


def _words(value: str) -> list[str]:
    return value.replace(",", " ").split()
