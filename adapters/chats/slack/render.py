"""Digest -> messages: compact cards, best first; what does not fit into one message goes into its thread. Pure.

The same digest gives the same bytes. Blocks of a digest have a ``block_id`` that says what they are, so that a simpler
form can be made of a payload that was stored long ago.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

from adapters.chats.slack import limits, rich
from adapters.chats.slack.controls import row
from adapters.chats.slack.rich import Block
from bot import card, text
from bot.card import Card
from bot.digest import Group, groups
from bot.models import JSON, Digest, Entry, Match, Message
from bot.talk import plain, said
from bot.talk.offers import on_card, under_digest


def render(digest: Digest, *, images: bool, budget: int = limits.BUDGET) -> tuple[Message, ...]:
    """The messages of a digest, of ``budget`` characters each: the first stands alone, the others are replies to it."""
    head, foot = _head(digest), _foot(digest)
    pages: list[list[tuple[Entry | None, list[Block]]]] = [[(None, head)]]
    count, used, last = len(head) + len(foot), rich.size(head), rich.size(foot)
    for entry, blocks, size in _cards(digest, images=images):
        if count + len(blocks) > limits.BLOCKS or used + size + last > budget:
            pages.append([])
            count, used = len(foot), 0
        pages[-1].append((entry, blocks))
        count, used = count + len(blocks), used + size
    pages[-1].append((None, foot))
    return tuple(_message(digest, page, number) for number, page in enumerate(pages))


def _message(digest: Digest, page: Sequence[tuple[Entry | None, list[Block]]], number: int) -> Message:
    entries = [entry for entry, _ in page if entry is not None]
    first = card.headline(digest) if number == 0 else f"{card.headline(digest)}, continued"
    payload = {
        "text": rich.fallback([first, *(f"• {entry.paper.title}" for entry in entries)]),
        "blocks": [block for _, blocks in page for block in blocks],
    }
    return Message(payload, tuple(entry.paper.id for entry in entries), reply=number > 0)


def _head(digest: Digest) -> list[Block]:
    late = "late: it could not be sent in time" if digest.late else ""
    about = " · ".join(part for part in (card.day(digest.date), late) if part)
    blocks = [rich.header(card.headline(digest)), rich.quiet(about)]
    return [*blocks, rich.quiet(digest.stale)] if digest.stale else blocks


def _foot(digest: Digest) -> list[Block]:
    numbers = card.numbers(digest)
    follows = f"This channel follows {text.clip(digest.query, 300)}" if digest.query else ""
    about = ". ".join(part for part in (numbers, follows) if part)
    how = plain(said(card.STOP))
    return [{"type": "divider"}, rich.quiet(*filter(None, (about, how))), *row(under_digest(card.no_room(digest)))]


def _cards(digest: Digest, *, images: bool) -> Iterator[tuple[Entry, list[Block], int]]:
    """Give each entry with its blocks and their size."""
    found = groups(digest)
    for group in found:
        for number, entry in enumerate(group.entries):
            title = _group(group) if len(found) > 1 and number == 0 else []
            blocks, size = _card(entry, images=images)
            yield entry, [*title, *blocks], rich.size(title) + size


def _group(group: Group) -> list[Block]:
    name = group.query if group.query not in {"", "*"} else "Trending"
    return [rich.block(rich.paragraph(rich.said(limits.cut(name, limits.BYLINE), bold=True)))]


def _card(entry: Entry, *, images: bool) -> tuple[Sequence[Block], int]:
    """One card with the buttons under it, and its size."""
    named = Entry(entry.paper, entry.score, entry.summary, tuple(map(_nameless, entry.matches)))
    return _drawn(card.card(named), entry.paper.image if images else "")


@lru_cache(maxsize=512)
def _drawn(shown: Card, image: str) -> tuple[Sequence[Block], int]:
    """The same, remembered: in many channels the same card is wanted."""
    blocks = (body(shown), *signals(shown, image), *row(on_card(shown.paper)))
    return blocks, rich.size(blocks)


def _nameless(match: Match) -> Match:
    """An id of Slack's is no name to read, and as a mention it would call its owner every day."""
    return replace(match, owner="") if rich.is_id(match.owner, "UW") else match


def body(shown: Card, number: int = 0) -> Block:
    """Title, authors, summary, and why it is here."""
    ordinal = rich.said(f"{number}. ", bold=True) if number else []
    title = rich.link(limits.cut(shown.title, limits.TITLE), shown.url, bold=True)
    byline = rich.said(text.clip(shown.byline, limits.BYLINE), italic=True)
    summary = rich.said(text.clip(shown.summary, limits.SUMMARY))
    why = rich.said(f"Why: {text.clip(shown.why, limits.SUMMARY)}" if shown.why else "")
    talk = rich.link(f"Discussion on {shown.forum}", shown.discussion) if shown.forum else []
    parts = [rich.paragraph([*ordinal, *title], byline, summary, talk)]
    return rich.block(*parts, *([rich.quote(why)] if why else []))


def signals(shown: Card, image: str = "") -> list[Block]:
    """Who wrote the summary, and numbers; a picture beside them, where one that cannot be loaded costs nothing else."""
    line = " · ".join(filter(None, (shown.label, *shown.signals)))
    safe = text.link(image)
    if safe and safe.startswith("https:"):
        picture = {"type": "image", "image_url": safe, "alt_text": limits.cut(f"Figure: {shown.title}", limits.ALT)}
        return [{"type": "section", "text": rich.plain(line, limits.QUIET), "accessory": picture}]
    return [rich.quiet(line)] if line else []


def degrade(message: Message, step: int) -> Message | None:
    """The next simpler form of a message: without pictures, then titles only, then a text without blocks."""
    for form in (_without_pictures, _titles_only, _text_only)[step - 1 :]:
        payload = form(message.payload)
        if payload != message.payload:
            return replace(message, payload=payload)
    return None


def _without_pictures(payload: JSON) -> JSON:
    blocks = [{key: value for key, value in block.items() if key != "accessory"} for block in payload.get("blocks", ())]
    return {**payload, "blocks": blocks} if "blocks" in payload else payload


def _titles_only(payload: JSON) -> JSON:
    if "blocks" not in payload:
        return payload
    links = list(_links(payload["blocks"]))
    head = [block for block in payload["blocks"] if block["type"] == "header"]
    listed = [rich.block(rich.bullets([link] for link in links))] if links else []
    return {**payload, "blocks": [*head, *listed] or [rich.quiet("…")]}


def _text_only(payload: JSON) -> JSON:
    addresses = [link["url"] for link in _links(payload.get("blocks", ()))]
    more = rich.fallback(addresses) if addresses else ""
    return {"text": f"{payload['text']}\n{more}" if more else payload["text"]}


def _links(blocks: Sequence[Block]) -> Iterator[Block]:
    """The titles of the cards, each a bold link."""
    for block in blocks:
        for part in block.get("elements", ()) if block["type"] == "rich_text" else ():
            for item in part.get("elements", ()):
                inner = item.get("elements", ()) if part["type"] == "rich_text_list" else (item,)
                yield from (one for one in inner if one.get("type") == "link" and one.get("style", {}).get("bold"))
