"""The bundled days, from end to end, with the real store, the real pipe and a clock that stands in the sample."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any, cast

from bot import pipeline, plugins
from bot.app import App, clock, opened
from bot.commands.backtest import backtest, sentence
from bot.commands.following import subscribe
from bot.models import Channel, ChannelSettings
from bot.output import say
from bot.ports import Chat
from bot.query import parse
from bot.settings import Core, built_in

SAMPLE = built_in() / "sample" / "papers.jsonl"
FOLLOWED = ('agents, "world model", rlhf -survey', "diffusion OR video", "robotics OR robot")
NEXT = """
What to run next:
  broadsheet fetch                                   fill the archive from Hugging Face
  broadsheet digest 'agents -survey'                 today's papers on a topic
  broadsheet subscribe console:me 'agents -survey'   follow it
  broadsheet tick                                    fetch, plan, deliver: put it in cron
  broadsheet --help                                  everything else
"""


async def play(core: Core, data: Path, platform: str) -> bool:
    """Fill an archive with the sample, subscribe a channel, let its digest fall due, deliver it.

    False, and nothing done, in a folder that has anything: the sample is no part of anybody's archive.
    """
    chat = _chat(core, platform)
    module: Any = plugins.load("sources", "file")
    papers = module.read(SAMPLE).papers
    last = max(paper.listed for paper in papers if paper.listed)
    now = clock(datetime.combine(last, time(9, 5), UTC))
    async with opened(_alone(core), data, now) as app:
        channel = Channel(platform, "" if platform == "console" else "DEMO", "demo")
        if await app.store.count_papers() or await app.store.all_settings():
            return False
        await app.store.add_papers(papers, now())
        settings = replace(app.defaults(channel), created=datetime.combine(last, time(), UTC))
        for text in FOLLOWED:
            await subscribe(app.store, text, settings=settings, owner="", now=settings.created)
        if platform == "console":
            await app.tick(asyncio.Event())
        else:
            await _payloads(app, settings, chat)
        tried = backtest(parse("agents -survey"), papers, until=last, days=7, budget=settings.count)
    say(f"\n{len(papers)} real papers, described in our own words. `agents -survey` {sentence(tried)}.")
    say(NEXT, end="")
    return True


def _alone(core: Core) -> Core:
    """The settings without anything that a demo must not touch, whatever is switched on."""
    parts: dict[str, Any] = {
        "console": plugins.load("chats", "console"),
        "inprocess": plugins.load("queues", "inprocess"),
    }
    missing = {name: module.Settings() for name, module in parts.items() if not hasattr(core, name)}
    off: dict[str, tuple[str, ...]] = dict.fromkeys(("sources", "enrichers", "similar"), ())
    return core.model_copy(update={**off, **missing, "chats": ("console",), "store": "tinydb", "queue": "inprocess"})


def _chat(core: Core, platform: str) -> Chat:
    module: Any = plugins.load("chats", platform)
    held: Mapping[str, Any] = dict(core)
    fields = module.Settings.model_fields
    examples = {name: field.examples[0] for name, field in fields.items() if field.examples}
    unchecked = module.Settings.model_construct(**examples)  # a demo needs no tokens
    return cast(Chat, module.chat(held.get(platform) or unchecked))


async def _payloads(app: App, settings: ChannelSettings, chat: Chat) -> None:
    """Print what a platform would be sent."""
    made = await pipeline.preview(app.store, settings, app.now())
    for message in chat.render(made):
        say(json.dumps(message.payload, ensure_ascii=False, indent=2))
