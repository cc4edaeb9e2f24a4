"""Name -> module -> builder: the only way from the core to an adapter.

``adapters/<port>/<name>.py`` (or a package of that name) is an adapter when it has ``Settings``, a pydantic model, and
a builder called after its port: ``source``, ``enricher``, ``chat``, ``store``, ``queue`` or ``server``. A dotted
name loads a third party's module.
"""

from __future__ import annotations

import difflib
from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules
from types import ModuleType

from bot.errors import SettingsError

PORTS = {
    "chats": "chat",
    "enrichers": "enricher",
    "pictures": "pictures",
    "queues": "queue",
    "similar": "similar",
    "sources": "source",
    "stores": "store",
    "web": "server",
}
"""Folder -> builder."""


def available(port: str) -> tuple[str, ...]:
    """The names of the adapters that come with Broadsheet, without importing them."""
    spec = find_spec(f"adapters.{port}")
    paths = spec.submodule_search_locations if spec else None
    return tuple(sorted(m.name for m in iter_modules(paths or ()) if not m.name.startswith("_")))


def load(port: str, name: str) -> ModuleType:
    """Import an adapter. Raises ``SettingsError`` when there is none of this name or it is not one."""
    builder = PORTS[port]
    path = name if "." in name else f"adapters.{port}.{name}"
    if "." not in name and name not in available(port):
        close = difflib.get_close_matches(name, available(port), 1)
        hint = f" Did you mean {close[0]}?" if close else f" There are: {', '.join(available(port))}."
        raise SettingsError(f"{port}: I know no {builder} called {name!r}.{hint}")
    if not all(part.isidentifier() for part in path.split(".")):
        raise SettingsError(f"{port}: there is no module {path!r}.")
    try:
        module = import_module(path)
    except ModuleNotFoundError as error:
        if f"{path}.".startswith(f"{error.name}."):
            raise SettingsError(f"{port}: there is no module {path!r}.") from error
        raise missing(port, name, error) from error
    except ImportError as error:
        raise SettingsError(f"{port}: {path} does not fit this Broadsheet ({error}).") from error
    lacks = [part for part in ("Settings", builder) if not hasattr(module, part)]
    if lacks:
        raise SettingsError(f"{port}: {path} is no {builder}: it has no {' and no '.join(lacks)}.")
    return module


def missing(port: str, name: str, error: ModuleNotFoundError) -> SettingsError:
    """Say what to install for an adapter: the extra has the name of its section."""
    return SettingsError(f"{port}: {name} needs the package {error.name!r}. Install broadsheet[{section(name)}].")


def section(name: str) -> str:
    """The settings section of an adapter: its own name without the package."""
    return name.rpartition(".")[2]
