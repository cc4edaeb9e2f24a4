"""How each noun is written as JSON and read back.

Reading fills in what an older Broadsheet did not write yet, and ignores what it does not know.
"""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any, NamedTuple

from bot.models import (
    JSON,
    Cadence,
    Channel,
    ChannelSettings,
    Delivery,
    Message,
    Paper,
    Plan,
    State,
    Subscription,
)
from bot.summary import Style


class Posted(NamedTuple):
    """The papers that a channel got in digests since compacted, each with the digest's local date."""

    channel: Channel
    papers: dict[str, date]


def channel_key(channel: Channel) -> str:
    """Name a channel as a row id. Tabs keep apart what ``str(channel)`` could run together."""
    return f"{channel.platform}\t{channel.tenant}\t{channel.room}"


def subscription_key(channel: Channel, canonical: str) -> str:
    """Name a subscription as a row id: one per channel and canonical query."""
    return f"{channel_key(channel)}\t{canonical}"


def channel_to_json(channel: Channel) -> list[str]:
    """Write ``[platform, tenant, room]``."""
    return [channel.platform, channel.tenant, channel.room]


def channel_from_json(row: list[str]) -> Channel:
    """Read ``[platform, tenant, room]``."""
    platform, tenant, room = row
    return Channel(platform, tenant, room)


def subscription_to_json(subscription: Subscription) -> JSON:
    """Write a subscription."""
    return {
        "channel": channel_to_json(subscription.channel),
        "query": subscription.query,
        "canonical": subscription.canonical,
        "owner": subscription.owner,
        "created": subscription.created.isoformat(),
    }


def subscription_from_json(row: JSON, channel: Channel | None = None) -> Subscription:
    """Read a subscription, of this channel where the caller knows it."""
    return Subscription(
        channel=channel or channel_from_json(row["channel"]),
        query=row["query"],
        canonical=row["canonical"],
        owner=row.get("owner", ""),
        created=datetime.fromisoformat(row["created"]),
    )


def settings_to_json(settings: ChannelSettings) -> JSON:
    """Write a channel's settings."""
    return {
        "channel": channel_to_json(settings.channel),
        "created": settings.created.isoformat(),
        "cadence": settings.cadence.value,
        "day": settings.day,
        "time": settings.time.isoformat(),
        "timezone": settings.timezone,
        "count": settings.count,
        "style": settings.style.value,
        "quiet": settings.quiet,
        "owner": settings.owner,
        "paused": settings.paused,
    }


def settings_from_json(row: JSON) -> ChannelSettings:
    """Read a channel's settings."""
    return ChannelSettings(
        channel=channel_from_json(row["channel"]),
        created=datetime.fromisoformat(row["created"]),
        cadence=Cadence(row.get("cadence", "daily")),
        day=row.get("day", 0),
        time=time.fromisoformat(row.get("time", "09:00")),
        timezone=row.get("timezone", "UTC"),
        count=row.get("count", 5),
        style=Style(row.get("style", "auto")),
        quiet=row.get("quiet", True),
        owner=row.get("owner", ""),
        paused=row.get("paused", ""),
    )


def plan_to_json(plan: Plan) -> JSON:
    """Write a plan."""
    return {
        "channel": channel_to_json(plan.channel),
        "date": plan.date.isoformat(),
        "kind": plan.kind,
        "planned": plan.planned.isoformat(),
        "papers": plan.papers,
        "left_out": plan.left_out,
    }


def plan_from_json(row: JSON) -> Plan:
    """Read a plan."""
    return Plan(
        channel=channel_from_json(row["channel"]),
        date=date.fromisoformat(row["date"]),
        kind=row["kind"],
        planned=datetime.fromisoformat(row["planned"]),
        papers=tuple(row.get("papers", ())),
        left_out=tuple((paper, reason) for paper, reason in row.get("left_out", ())),
    )


def delivery_to_json(delivery: Delivery) -> JSON:
    """Write an outbox row."""
    message = delivery.message
    return {
        "channel": channel_to_json(delivery.channel),
        "plan": delivery.plan,
        "part": delivery.part,
        "message": {"payload": message.payload, "papers": message.papers, "reply": message.reply},
        "planned": delivery.planned.isoformat(),
        "state": delivery.state.value,
        "attempts": delivery.attempts,
        "unclear": delivery.unclear,
        "step": delivery.step,
        "next_at": delivery.next_at.isoformat(),
        "first_try": delivery.first_try and delivery.first_try.isoformat(),
        "lease_owner": delivery.lease_owner,
        "lease_until": delivery.lease_until and delivery.lease_until.isoformat(),
        "remote_id": delivery.remote_id,
        "error": delivery.error,
    }


def delivery_from_json(row: JSON) -> Delivery:
    """Read an outbox row."""
    message = row["message"]
    return Delivery(
        channel=channel_from_json(row["channel"]),
        plan=row["plan"],
        part=row["part"],
        message=Message(message["payload"], tuple(message.get("papers", ())), message.get("reply", False)),
        planned=datetime.fromisoformat(row["planned"]),
        state=State(row.get("state", "pending")),
        attempts=row.get("attempts", 0),
        unclear=row.get("unclear", row.get("attempts", 0)),
        step=row.get("step", 0),
        next_at=datetime.fromisoformat(row["next_at"]),
        first_try=_moment(row.get("first_try")),
        lease_owner=row.get("lease_owner", ""),
        lease_until=_moment(row.get("lease_until")),
        remote_id=row.get("remote_id", ""),
        error=row.get("error", ""),
    )


def paper_from_json(row: JSON) -> Paper:
    """Read a paper of the archive, written by ``bot.papers_json.to_json``.

    That module's own reader cleans every text, which files from outside need and costs 50 times as much.
    """
    return Paper(
        id=row["id"],
        title=row.get("title", ""),
        abstract=row.get("abstract", ""),
        authors=tuple(row.get("authors", ())),
        organization=row.get("organization", ""),
        published=_day(row.get("published")),
        listed=_day(row.get("listed")),
        upvotes=row.get("upvotes"),
        stars=row.get("stars"),
        comments=row.get("comments"),
        url=row.get("url", ""),
        code=row.get("code", ""),
        project=row.get("project", ""),
        model=row.get("model", ""),
        image=row.get("image", ""),
        ai_summary=row.get("ai_summary", ""),
        tldr=row.get("tldr", ""),
        model_summary=row.get("model_summary", ""),
        model_name=row.get("model_name", ""),
        citations=row.get("citations"),
        discussion=row.get("discussion", ""),
        points=row.get("points"),
        replies=row.get("replies"),
        tags=tuple(row.get("tags", ())),
        categories=tuple(row.get("categories", ())),
        sources=tuple(row.get("sources", ())),
        version=row.get("version"),
        withdrawn=row.get("withdrawn", False),
    )


def posted_to_json(posted: Posted) -> JSON:
    """Write what a channel got."""
    papers = {paper: day.isoformat() for paper, day in posted.papers.items()}
    return {"channel": channel_to_json(posted.channel), "papers": papers}


def posted_from_json(row: JSON) -> Posted:
    """Read what a channel got."""
    papers = {paper: date.fromisoformat(day) for paper, day in row.get("papers", {}).items()}
    return Posted(channel_from_json(row["channel"]), papers)


def _day(text: Any) -> date | None:  # noqa: ANN401  the same
    return date.fromisoformat(text) if text else None


def _moment(text: Any) -> datetime | None:  # noqa: ANN401  what stood in a JSON file
    return datetime.fromisoformat(text) if text else None
