"""A digest outside its time, because a person asked for it."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot import pipeline
from bot.errors import CommandError
from bot.freeze import KIND, freeze
from bot.models import ChannelSettings, Plan
from bot.ports import Chat, Store

PAUSE = timedelta(minutes=10)
JUST_SENT = "A digest was sent here a moment ago. Try again in ten minutes."


async def send(store: Store, chat: Chat, settings: ChannelSettings, now: datetime) -> Plan | None:
    """Plan what ``pipeline.preview`` shows; the worker sends it. ``None`` when there is nothing new.

    It has a kind of its own, so the day's own digest still comes, without the papers of this one. Raises
    ``CommandError`` for one so soon after another, which two people who press the same button would ask for: when they
    do it at once, the store takes one plan of a kind.
    """
    before = await store.plans(settings.channel, now.date() - timedelta(days=1))
    if any(plan.kind != KIND and now - plan.planned < PAUSE for plan in before):
        raise CommandError(JUST_SENT)
    made = await pipeline.preview(store, settings, now)
    if not made.entries:
        return None
    plan, rows = freeze(settings, made, chat, now, kind=f"extra-{now:%H}{now.minute // 10}0")
    if not await store.plan([(plan, rows)]):
        raise CommandError(JUST_SENT)
    return plan
