"""Digest -> messages: an embed for each paper, best first, and rows of buttons under them. Pure.

The same digest gives the same bytes. An embed's title leads to the paper by a field of its own, so that no text can
forge a link; its address also says which paper it is, to whoever presses a button later.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qs, quote, urldefrag

from adapters.chats.discord import limits, markup
from adapters.chats.discord.controls import Component, drawn, row
from bot import card, ids, text
from bot.digest import groups
from bot.models import JSON, Digest, Entry, Match, Message, Paper
from bot.talk.offers import on_many, under_digest

Embed = dict[str, Any]
_MARK = "broadsheet"
PAPERS = tuple(drawn(row(on_many())))
"""The buttons under papers."""


@lru_cache(maxsize=256)
def below(more: int = 0) -> Sequence[Component]:
    """The buttons under a whole digest, which had no room for so many papers more."""
    return tuple(drawn(row(under_digest(more), first=limits.ROW)))


def render(digest: Digest, *, budget: int = limits.BUDGET, singly: bool = False) -> tuple[Message, ...]:
    """The messages of a digest, with ``budget`` characters of embeds each: the first one stands alone.

    ``singly`` each paper has a message of its own, none of which goes under another.
    """
    pages: list[list[tuple[Entry | None, Embed]]] = [[]]
    for entry, embed in [*_cards(digest), (None, _foot(digest))]:
        page = [one for _, one in pages[-1]]
        full = len(page) >= limits.EMBEDS or size([*page, embed]) > budget
        if page and (full or (singly and entry is not None)):
            pages.append([])
        pages[-1].append((entry, embed))
    made = [_message(digest, page, number, last=number == len(pages) - 1) for number, page in enumerate(pages)]
    return tuple(_lone(digest, message) if message.papers else message for message in made) if singly else tuple(made)


def _message(digest: Digest, page: Sequence[tuple[Entry | None, Embed]], number: int, *, last: bool) -> Message:
    papers = tuple(entry.paper.id for entry, _ in page if entry is not None)
    payload = {
        "content": _head(digest) if number == 0 else markup.small(f"{_headline(digest, 500)}, continued"),
        "embeds": [embed for _, embed in page],
        "components": [*(PAPERS if papers else ()), *(below(card.no_room(digest)) if last or not papers else ())],
    }
    return Message(payload, papers, reply=number > 0)


def _lone(digest: Digest, message: Message) -> Message:
    """A message that stands for its paper and not for the digest: small print says which one that is of."""
    content = "\n".join((markup.small(_headline(digest, 500)), *_about(digest)))
    return replace(message, payload={**message.payload, "content": content}, reply=False)


def _headline(digest: Digest, most: int) -> str:
    return markup.escaped(card.headline(digest), most)


def _head(digest: Digest) -> str:
    return "\n".join((f"**{_headline(digest, 600)}**", *_about(digest)))


def _about(digest: Digest) -> Iterator[str]:
    late = "late: it could not be sent in time" if digest.late else ""
    yield markup.small(" · ".join(filter(None, (card.day(digest.date), late))))
    if digest.stale:
        yield markup.small(markup.escaped(digest.stale, 500))


def _foot(digest: Digest) -> Embed:
    numbers = markup.escaped(card.numbers(digest), 600)
    follows = f"This channel follows {markup.escaped(digest.query, 300)}." if digest.query else ""
    return {"description": "\n".join(markup.small(part) for part in (numbers, follows, card.STOP) if part)}


def _cards(digest: Digest) -> Iterator[tuple[Entry, Embed]]:
    found = groups(digest)
    for group in found:
        name = group.query if group.query not in {"", "*"} else "Trending"
        for number, entry in enumerate(group.entries):
            yield entry, embed_of(entry, name if len(found) > 1 and number == 0 else "")


def embed_of(entry: Entry, group: str = "") -> Embed:
    """One card, under the name of its group when it is the first of it."""
    shown = card.card(replace(entry, matches=tuple(map(_nameless, entry.matches))))
    url = address(entry.paper)
    above = markup.quoted(group, limits.BYLINE)
    below = markup.quoted(" · ".join(shown.signals), limits.BYLINE)
    return {
        **({"author": {"name": above}} if above else {}),
        "title": markup.escaped(shown.title, limits.TITLE) or "Untitled",
        **({"url": url} if url else {}),
        "description": body(shown),
        **({"footer": {"text": below}} if below else {}),
    }


def body(shown: card.Card) -> str:
    """Authors, summary with its label, and why it is here."""
    label = f" *({markup.escaped(shown.label, limits.BYLINE)})*" if shown.label else ""
    summary = markup.escaped(shown.summary, limits.SUMMARY)
    why = markup.escaped(shown.why, limits.WHY)
    talk = markup.link(f"Discussion on {shown.forum}", shown.discussion, limits.BYLINE) if shown.forum else ""
    lines = (
        markup.small(markup.escaped(shown.byline, limits.BYLINE)),
        f"{summary}{label}" if summary else "",
        f"> Why: {why}" if why else "",
        markup.small(talk),
    )
    return "\n".join(filter(None, lines)) or "…"


def _nameless(match: Match) -> Match:
    """An id of Discord's is no name to read."""
    return replace(match, owner="") if markup.is_id(match.owner) else match


def address(paper: Paper) -> str:
    """Where a paper is; with its id at the end where that cannot be read from the address itself."""
    safe = text.link(paper.url or ids.paper_url(paper.id))
    if not safe or ids.find(safe) == (paper.id,):
        return safe
    return f"{urldefrag(safe).url}#{_MARK}={quote(paper.id, safe='')}"


def papers(message: Mapping[str, Any]) -> tuple[str, ...]:
    """The papers that a message of ours shows."""
    found: list[str] = []
    for embed in message.get("embeds") or ():
        url = str(embed.get("url") or "")
        named = parse_qs(urldefrag(url).fragment).get(_MARK)
        found += [named[0]] if named and ids.is_canonical(named[0]) else ids.find(url)
    return tuple(dict.fromkeys(found))


def size(embeds: Sequence[Embed]) -> int:
    """Characters of embeds, as Discord counts them."""
    return sum(
        len(one.get("title", ""))
        + len(one.get("description", ""))
        + len(one.get("author", {}).get("name", ""))
        + len(one.get("footer", {}).get("text", ""))
        for one in embeds
    )


def degrade(message: Message, step: int) -> Message | None:
    """The next simpler form of a message: titles only, then titles and addresses as plain text."""
    for form in (_titles_only, _text_only)[step - 1 :]:
        payload = form(message.payload)
        if payload != message.payload:
            return replace(message, payload=payload)
    return None


def _titles_only(payload: JSON) -> JSON:
    kept = ("title", "url")
    titles = [{name: one[name] for name in kept if name in one} for one in payload.get("embeds", ()) if "title" in one]
    return {**payload, "embeds": titles} if "embeds" in payload else payload


def _text_only(payload: JSON) -> JSON:
    lines = [str(payload["content"])[: limits.CONTENT // 2]]
    lines += (
        f"{one.get('title', '')} <{one['url']}>" if "url" in one else str(one.get("title", ""))
        for one in payload.get("embeds", ())
    )
    content = ""
    for said in filter(None, lines):
        if len(content) + len(said) + 1 <= limits.CONTENT:
            content = f"{content}\n{said}" if content else said
    return {name: value for name, value in payload.items() if name != "embeds"} | {"content": content}
