"""The page: the dated list, papers, search, feeds, health, and what chats are told over HTTP.

    Uvicorn     the socket and its lifetime            uvicorn, without its signal handlers
    application every path                             Starlette
    Guard       hosts, limits, headers, counts         around everything
    Pages       requests -> the site -> templates      jinja2, which escapes by itself
    Shelf       pages that were just made

The packages are loaded when the server is built: the settings can be read without them.
"""

from __future__ import annotations

from bot.ports import Server

from .settings import Settings

__all__ = ["Settings", "server"]


def server(settings: Settings) -> Server:
    """Take the address and build the adapter. Raises ``SettingsError`` when the address cannot be had."""
    from .running import Uvicorn

    return Uvicorn(settings)
