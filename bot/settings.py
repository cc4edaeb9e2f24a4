"""Settings: built-in defaults, then a TOML file, then ``.env``, then the environment; checked all at once.

The core has the few fields below; every adapter owns a section of its name with its own model. Environment names are
``BROADSHEET_<SECTION>__<KEY>``. Problems are gathered and told together, by key, and never with a value.
"""

from __future__ import annotations

import difflib
import logging
import os
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any, TypeVar, cast
from zoneinfo import available_timezones

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model, field_validator
from pydantic_settings import (
    BaseSettings,
    DotEnvSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)
from pydantic_settings import SettingsError as NotJson

from bot import plugins
from bot.errors import SettingsError

log = logging.getLogger(__name__)

PREFIX = "BROADSHEET_"
FILE = "broadsheet.toml"
ENVIRONMENT = "the environment"
PORTS = ("sources", "enrichers", "chats", "similar", "queues")
"""Whose adapters have a section each."""
SERVER = "starlette"
"""The adapter behind the section ``web``."""


class Section(BaseModel):
    """A section of the settings: frozen, and a key that it does not know is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class DigestDefaults(Section):
    """What a new channel starts with."""

    cadence: str = Field("daily", pattern="^(daily|weekdays|weekly)$", description="daily, weekdays or weekly")
    time: str = Field("09:00", pattern=r"^([01]\d|2[0-3]):[0-5]\d$", description="local time of day, HH:MM")
    timezone: str = Field("UTC", description="IANA name of the zone that the time is in")
    count: int = Field(5, ge=1, le=10, description="papers per digest at the most")

    @field_validator("timezone")
    @classmethod
    def _known(cls, value: str) -> str:
        if value not in available_timezones():
            raise ValueError("not a time zone I know; write it like Europe/Berlin")
        return value


class DeliverySettings(Section):
    """How the outbox is emptied."""

    concurrency: int = Field(
        32, ge=1, le=1000, description="messages under way at once, half of them to one tenant at the most"
    )
    lease: float = Field(15.0, ge=3, description="seconds without a sign of life after which a sender counts as dead")
    drain: float = Field(20.0, ge=0, description="seconds that a stopping process waits for messages under way")
    spread: int = Field(0, ge=0, le=3600, description="seconds over which channels due together are spread")


class FetchSettings(Section):
    """How often the sources are asked."""

    every: int = Field(15, ge=1, description="minutes between two looks at the sources")
    days: int = Field(3, ge=0, le=30, description="days before today that are read again: votes still move")
    stale: int = Field(6, ge=1, description="hours without an answer after which a digest says that its data is old")


class Enabled(BaseSettings):
    """Which adapters there are to be; the rest can only be read when these are known."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="__", env_ignore_empty=True, extra="ignore", frozen=True
    )

    store: str = Field("tinydb", description="where everything is kept: tinydb, tinydb:FOLDER, or postgresql://...")
    sources: Annotated[tuple[str, ...], NoDecode] = Field(("huggingface",), description="where papers come from")
    chats: Annotated[tuple[str, ...], NoDecode] = Field(("console",), description="where digests go")

    enrichers: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="who tells more about papers; also on are those whose section has a key of theirs",
    )
    queue: str = Field(
        "", description="what moves the work: inprocess or procrastinate; empty for the one that suits the store"
    )
    similar: Annotated[tuple[str, ...], NoDecode] = Field(
        (), max_length=1, description="what ranks similar papers by meaning too: embeddings or semantic, or nothing"
    )

    @field_validator("sources", "chats", "enrichers", "similar", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        """Take ``a, b`` and ``["a", "b"]`` alike: people write lists both ways in an environment."""
        if not isinstance(value, str):
            return value
        words = value.strip().removeprefix("[").removesuffix("]").split(",")
        return tuple(name for word in words if (name := word.strip(" \"'")))

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Order the layers: environment over ``.env`` over TOML."""
        del init_settings, file_secret_settings
        return env_settings, dotenv_settings, TomlConfigSettingsSource(settings_cls, deep_merge=True)

    @property
    def mover(self) -> str:
        """The adapter that moves the work."""
        return self.queue or ("procrastinate" if self.store.startswith("postgres") else "inprocess")


E = TypeVar("E", bound=Enabled)


class Core(Enabled):
    """The settings that belong to no adapter."""

    support: str = Field("", max_length=200, description="whom people write to with the reference of a fault")
    digest: DigestDefaults = DigestDefaults()
    delivery: DeliverySettings = DeliverySettings()
    fetch: FetchSettings = FetchSettings()


def built_in() -> Path:
    """The folder with the defaults and the sample: inside the package in a wheel, beside it in a checkout."""
    here = Path(__file__).parent
    inside = here / "config"
    return inside if inside.is_dir() else here.parent / "config"


def read(file: Path | None, dotenv: Path | None = Path(".env")) -> Core:
    """Read and check everything. The answer also has a field per enabled adapter, of that adapter's own model.

    Raises ``SettingsError`` that lists every problem, one a line.
    """
    files = (built_in() / FILE, *([file] if file else []))
    sections: dict[str, Iterable[str]] = {str(path): _toml(path) for path in files}
    sections |= {str(dotenv): _sections(_dotenv(dotenv)), ENVIRONMENT: _sections(os.environ)}
    problems: list[str] = []
    enabled = _build(Enabled, files, dotenv, {}, [])
    if enabled:
        enabled = _all_enabled(enabled, files, dotenv)
    modules = _modules(enabled, problems) if enabled else {}
    there = (name for port in PORTS for name in plugins.available(port))
    known = {*Core.model_fields, *modules, *there}
    for where, name in ((where, name) for where, names in sections.items() for name in names if name not in known):
        sentence = f"{name}: unknown in {where}.{_hint(name, known)}"
        if where == ENVIRONMENT and not _hint(name, known):
            log.warning("%s", sentence)  # others may set variables that begin like ours
        else:
            problems.append(sentence)
    core = _build(Core, files, dotenv, modules, problems)
    if problems or core is None or enabled is None:
        raise SettingsError("\n".join(problems))
    return core.model_copy(update={port: getattr(enabled, port) for port in ("sources", "enrichers", "chats")})


def of(core: Core, name: str) -> Any:  # noqa: ANN401  (each adapter has a model of its own)
    """The section of one adapter."""
    return getattr(core, plugins.section(name))


def _build(
    base: type[E], files: Sequence[Path], dotenv: Path | None, modules: Mapping[str, ModuleType], problems: list[str]
) -> E | None:
    """Read the layers into ``base`` and a field per module; what is wrong is added to ``problems``."""
    layers = {"model_config": SettingsConfigDict(toml_file=files, env_file=dotenv), "__module__": __name__}
    fields: dict[str, Any] = {
        name: (module.Settings, Field(default_factory=dict, validate_default=True)) for name, module in modules.items()
    }
    model: Any = create_model("Settings", __base__=type("Layered", (base,), layers), **fields)
    try:
        return cast(E, model())
    except ValidationError as error:
        problems += [_told(details, model) for details in error.errors(include_input=False)]
    except NotJson as error:
        name = str(error).split('"')[1]
        problems.append(f"{name}: is a section. Set {PREFIX}{name.upper()}__<KEY> for each of its keys.")
    return None


def _told(error: Any, model: type[BaseModel]) -> str:  # noqa: ANN401  (pydantic_core names its type)
    """Say what is wrong with a key, without its value."""
    *sections, key = map(str, error["loc"])
    where = ".".join([*sections, key])
    inner = model.model_fields
    for name in sections:
        inner = getattr(inner[name].annotation, "model_fields", {}) if name in inner else {}
    if error["type"] == "string_pattern_mismatch" and key in inner:
        return f"{where}: not {inner[key].description}."
    if error["type"] != "extra_forbidden":
        message = error["msg"].removeprefix("Value error, ").partition(", unable")[0].rstrip(".")
        return f"{where}: {message[:1].lower()}{message[1:]}."
    fields = [found.alias or name for name, found in inner.items()]
    return f"{where}: unknown.{_hint(key, fields) or ' There are: ' + ', '.join(fields) + '.'}"


def _all_enabled(enabled: Enabled, files: Sequence[Path], dotenv: Path | None) -> Enabled:
    """Add what is on by a key of its section; an enricher that is named among the sources is meant as one."""
    enrichers = [*enabled.enrichers, *(name for name in enabled.sources if name in plugins.available("enrichers"))]
    given = {name.lower() for source in (_dotenv(dotenv), os.environ) for name in source if source[name]}
    for file in files:
        given |= {
            f"{PREFIX}{section}__{key}".lower()
            for section, keys in _toml(file).items()
            if isinstance(keys, Mapping)
            for key in keys
        }
    return enabled.model_copy(
        update={
            "sources": tuple(name for name in enabled.sources if name not in enrichers),
            "enrichers": tuple(dict.fromkeys((*enrichers, *_by_key("enrichers", enrichers, given)))),
            "chats": (*enabled.chats, *_by_key("chats", enabled.chats, given)),
        }
    )


def _by_key(port: str, named: Sequence[str], given: Collection[str]) -> Iterator[str]:
    """Name the adapters that are on because one of the keys that their module calls ``ENABLED_BY`` is given."""
    for name in plugins.available(port):
        if name not in named and any(one.startswith(f"{PREFIX}{name}__".lower()) for one in given):
            keys = getattr(plugins.load(port, name), "ENABLED_BY", ())
            if any(f"{PREFIX}{name}__{key}".lower() in given for key in keys):
                yield name


def _modules(enabled: Enabled, problems: list[str]) -> dict[str, ModuleType]:
    modules: dict[str, ModuleType] = {}
    for port, names in (
        ("sources", enabled.sources),
        ("enrichers", enabled.enrichers),
        ("chats", enabled.chats),
        ("similar", enabled.similar),
        ("queues", (enabled.mover,)),
    ):
        for name in names:
            try:
                modules[plugins.section(name)] = plugins.load(port, name)
            except SettingsError as error:
                problems.append(str(error))
    return {**modules, "web": plugins.load("web", SERVER)}


def _hint(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, known, 1)
    return f" Did you mean {close[0]}?" if close else ""


def _sections(variables: Iterable[str]) -> Iterable[str]:
    """Give the sections that the variables of ours speak of."""
    ours = (name[len(PREFIX) :].lower() for name in variables if name.upper().startswith(PREFIX))
    return dict.fromkeys(name.split("__", 1)[0] for name in ours)


def _dotenv(file: Path | None) -> Mapping[str, str | None]:
    try:
        return DotEnvSettingsSource(Core, env_file=file).env_vars
    except OSError as error:
        raise SettingsError(f"I cannot read {file}: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"I cannot read {file}: it is not UTF-8.") from error


def _toml(file: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError as error:
        raise SettingsError(f"There is no settings file {file}.") from error
    except OSError as error:
        raise SettingsError(f"I cannot read the settings file {file}: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"The settings file {file} is not TOML: {error}.") from error
