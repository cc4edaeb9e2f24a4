"""A person's reading list: one note for each paper, so that saving twice is saving once."""

from __future__ import annotations

from collections.abc import Sequence

from bot.card import card, plural
from bot.commands import taste
from bot.desk import say
from bot.desk.citing import bibtex, ris
from bot.desk.context import Context, offset
from bot.desk.looking import named
from bot.errors import CommandError
from bot.models import Paper
from bot.talk import Action, Answer, Button, Cards, Document, Person, Request, Shown

MOST = 500
"""Papers on one reading list."""
PAGE = 10


async def save(context: Context, request: Request) -> Answer:
    """Put a paper on the list."""
    paper = await named(context, request)
    held = await context.store.notes(_prefix(request.person))
    if len(held) >= MOST:
        raise CommandError(f"Your reading list has {MOST} papers, the most I can keep. See `/papers saved`.")
    new = await context.store.note(
        _key(request.person, paper.id), {"paper": paper.id, "at": request.now.isoformat()}, once=True
    )
    if new and paper.id in (await context.store.posted([request.place]))[request.place]:
        await taste.liked(context.store, request.place, paper, request.now)
    done = "Saved" if new else "Already saved"
    undo = Button("Remove", Action("unsave", {"paper": paper.id}))
    return say.told(say.quiet(f"{done}: {{}}. See {{}}.", paper.title, say.code("/papers saved")), *say.buttons(undo))


async def unsave(context: Context, request: Request) -> Answer:
    """Take a paper off the list; one that is not there is no error."""
    await context.store.forget(_key(request.person, request.get("paper")))
    return say.told("Removed from your reading list.", replaces=True)


async def saved(context: Context, request: Request) -> Answer:
    """Show the list, newest first, or hand it out for a reference manager."""
    papers = await reading(context, request.person)
    if not papers:
        raise CommandError("You have saved nothing yet. Press Save under a paper.")
    form = request.get("export").lower()
    if form:
        text = bibtex(papers) if form == "bibtex" else ris(papers)
        name = "papers.bib" if form == "bibtex" else "papers.ris"
        return say.told(f"Your {plural(len(papers), 'paper')}.", Document(name, text))
    first = offset(request, len(papers))
    page = papers[first : first + PAGE]
    context.lists.keep(request, [paper.id for paper in papers])
    shown = tuple(
        Shown(card(say.entry(paper, request.now.date())), number, _offers(paper))
        for number, paper in enumerate(page, first + 1)
    )
    more = [Button("More", Action("saved", {"from": str(first + PAGE)}))] if first + PAGE < len(papers) else []
    return say.told(
        say.head("Your reading list: {}", plural(len(papers), "paper")),
        Cards(shown),
        *say.buttons(
            *more,
            Button("BibTeX", Action("saved", {"export": "bibtex"})),
            Button("RIS", Action("saved", {"export": "ris"})),
        ),
    )


async def reading(context: Context, person: Person) -> Sequence[Paper]:
    """A person's saved papers, the latest first."""
    notes = await context.store.notes(_prefix(person))
    kept = sorted(notes.values(), key=lambda note: str(note["at"]), reverse=True)
    known = await context.store.papers([note["paper"] for note in kept])
    return [known[note["paper"]] for note in kept if note["paper"] in known]


def _offers(paper: Paper) -> tuple[Button, ...]:
    options = {"paper": paper.id}
    return (Button("Abstract", Action("abstract", options)), Button("Remove", Action("unsave", options)))


def _prefix(person: Person) -> str:
    return f"saved/{person.direct.platform}:{person.direct.tenant}/{person.id}/"


def _key(person: Person, paper: str) -> str:
    return f"{_prefix(person)}{paper}"
