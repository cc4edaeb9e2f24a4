"""The setting ``store``, where it names a PostgreSQL."""

from __future__ import annotations

from pathlib import Path
from typing import Self
from urllib.parse import parse_qsl, urlencode, urlsplit

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict
from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator


class Settings(BaseModel):
    """Where the database is: a URL as libpq reads it. ``pool=20`` in it is ours: connections of one process."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: SecretStr
    pool: int = Field(10, ge=1, le=1000)

    @classmethod
    def at(cls, url: str, data: Path) -> Self:
        """Read what the setting ``store`` says."""
        del data
        parts = urlsplit(url)
        wishes = parse_qsl(parts.query, keep_blank_values=True)
        plain = parts._replace(query=urlencode([wish for wish in wishes if wish[0] != "pool"])).geturl()
        return cls.model_validate({"url": plain, **{name: value for name, value in wishes if name == "pool"}})

    @field_validator("url")
    @classmethod
    def _readable(cls, url: SecretStr) -> SecretStr:
        try:
            conninfo_to_dict(url.get_secret_value())
        except ProgrammingError as error:
            raise ValueError("not a URL that PostgreSQL's client can read") from error
        return url
