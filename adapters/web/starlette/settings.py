"""The section ``web``."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, field_validator

from bot.models import Channel


class Settings(BaseModel):
    """The section ``web``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str = Field("127.0.0.1", description="the address to listen on; 0.0.0.0 for all")
    port: int = Field(8000, ge=0, le=65535, description="the port to listen on")
    public_url: str = Field(
        "",
        pattern=r"^(https?://[A-Za-z0-9.:\[\]-]+)?/?$",
        description="where people find the page, for links and feeds: https://papers.example.org",
    )
    hosts: str = Field("", description="more host names to answer to, with commas between them")
    proxies: str = Field("127.0.0.1", description="proxies whose X-Forwarded-For is believed, with commas between them")
    rate: float = Field(60.0, gt=0, description="requests a second that one client may make; six times as many at once")
    public: str = Field("", description="channels whose digests a paper's page may name, with commas between them")

    @field_validator("public")
    @classmethod
    def _channels(cls, value: str) -> str:
        for name in listed(value):
            Channel.parse(name)
        return value


def listed(text: str) -> tuple[str, ...]:
    """Read ``a, b``."""
    return tuple(part for piece in text.split(",") if (part := piece.strip()))
