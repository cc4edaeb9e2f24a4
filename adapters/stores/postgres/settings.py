"""The setting ``store``, where it names a PostgreSQL."""

from __future__ import annotations

from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator

from bot.errors import SettingsError

_HINT = "what is special in user and password is percent-encoded (%40 for @), and after ? stand libpq's parameters"


class Settings(BaseModel):
    """Where the database is: a URL as libpq reads it. ``pool=20`` in it is ours: connections of one process."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: SecretStr
    pool: int = Field(10, ge=1, le=1000)

    @classmethod
    def at(cls, url: str, data: Path) -> Self:
        """Read what the setting ``store`` says. Raises ``SettingsError``, which names no part of the password."""
        del data
        try:
            return cls._read(url)
        except ValidationError as error:
            why = "; ".join(found["msg"].removeprefix("Value error, ") for found in error.errors(include_input=False))
        except ValueError:
            why = f"it is no URL: {_HINT}"
        # Raised here and not there: both of these quote the address, and their text would come along into a log.
        raise SettingsError(f"store: postgresql cannot be opened with this address: {why}.")

    @classmethod
    def _read(cls, url: str) -> Self:
        parts = urlsplit(url)
        wishes = [wish.partition("=") for wish in parts.query.split("&")]  # as they are: libpq reads + as a plus
        plain = parts._replace(query="&".join("".join(wish) for wish in wishes if wish[0] != "pool")).geturl()
        return cls.model_validate({"url": plain, **{name: value for name, _, value in wishes if name == "pool"}})

    @field_validator("url")
    @classmethod
    def _readable(cls, url: SecretStr) -> SecretStr:
        """Find what is wrong here: libpq would tell of it later, with parts of the password in what it says."""
        try:
            read = conninfo_to_dict(url.get_secret_value())
        except (ProgrammingError, UnicodeDecodeError) as error:
            raise ValueError(f"PostgreSQL's client cannot read it: {_HINT}") from error
        ports = str(read.get("port") or "5432").split(",")
        if "@" in str(read.get("host", "")) or not all(port.isdecimal() and int(port) < 65536 for port in ports):
            raise ValueError(f"its host or port cannot be right: {_HINT}")
        return url
