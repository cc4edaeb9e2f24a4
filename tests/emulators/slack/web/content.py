"""What a message says: read from arguments, checked, and searched for live tokens."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from tests.emulators.slack import rules
from tests.emulators.slack.rules import Refused
from tests.emulators.slack.state.nouns import JSON, Live, Message
from tests.emulators.slack.state.workspace import Workspace
from tests.emulators.slack.text.live import of_message
from tests.emulators.slack.web.args import Args
from tests.emulators.slack.web.call import pictures


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """A message without its place and time."""

    text: str
    blocks: tuple[JSON, ...] = ()
    attachments: tuple[JSON, ...] = ()
    metadata: JSON | None = None
    live: tuple[Live, ...] = ()
    cut: bool = False
    """Whether the text was longer than a message holds."""


def read(
    args: Args,
    workspace: Workspace,
    team: str,
    *,
    longest: int = rules.TEXT,
    cuts: bool = False,
    total: bool = True,
    files: bool = True,
    parse: str = "none",
    old: Message | None = None,
) -> Content:
    """Make a message's content of arguments. Raises ``Refused``.

    Text beyond ``longest`` is refused, or cut when ``cuts``. ``parse`` is what counts when the argument is missing.
    Without ``files`` it may show none: nobody sees a file in what one person gets (node-slack-sdk #1790), and a
    response_url refuses it (java-slack-sdk #1349). An edit keeps those of the ``old`` message's blocks, attachments
    and metadata that are not given.
    """
    text, blocks = args.text("text"), _given(args, "blocks")
    if markdown := args.text("markdown_text"):
        text, blocks = _markdown(markdown, text, blocks)
    attachments, metadata = _given(args, "attachments"), _given(args, "metadata")
    shown = pictures(workspace)
    _check(shown if files else replace(shown, files=()), blocks, attachments, metadata, total=total)
    kept = Content(
        text=text[:longest],
        blocks=_kept(workspace, blocks, old.blocks if old else ()),
        attachments=tuple(attachments) if attachments is not None else old.attachments if old else (),
        metadata=metadata if metadata is not None else old.metadata if old else None,
        cut=len(text) > longest,
    )
    if not (kept.text.strip() or kept.blocks or kept.attachments):
        raise Refused("no_text")
    if kept.cut and not cuts:
        raise Refused("msg_too_long")
    by_name = args.flag("link_names") or (args.text("parse") or parse) in {"client", "full"}
    return replace(kept, live=_live(kept, workspace, team, by_name=by_name))


def _given(args: Args, name: str) -> Any:  # noqa: ANN401 - arguments are whatever the client sent
    """An argument, or ``None`` when it is missing or empty text."""
    value = args.json(name)
    return None if value == "" else value


def _markdown(markdown: str, text: str, blocks: object) -> tuple[str, list[JSON]]:
    if text or blocks:
        raise Refused("markdown_text_conflict")
    if len(markdown) > rules.MARKDOWN_TEXT:
        raise Refused("markdown_text_too_long")
    return markdown, [{"type": "markdown", "text": markdown}]


def _check(shown: rules.Pictures, blocks: object, attachments: object, metadata: object, *, total: bool) -> None:
    if blocks is not None:
        rules.check_blocks(blocks, shown, total=total)
    if attachments is not None:
        rules.check_attachments(attachments, shown)
    if metadata is not None:
        rules.check_metadata(metadata)


def _kept(workspace: Workspace, blocks: list[JSON] | None, old: tuple[JSON, ...]) -> tuple[JSON, ...]:
    return old if blocks is None else rules.with_block_ids(blocks, lambda: workspace.new_secret()[:5])


def _live(content: Content, workspace: Workspace, team: str, *, by_name: bool) -> tuple[Live, ...]:
    """Names are looked up only where a message could hold one: there may be thousands."""
    said = f"{content.text}{content.blocks}{content.attachments}"
    names = dict(workspace.names(team)) if "@" in said or "#" in said else {}
    return of_message(content.text, content.blocks, content.attachments, names, by_name=by_name)
