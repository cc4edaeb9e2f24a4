"""The table of commands. Slack's manifest, Discord's command tree, the help and the parser all walk it. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from bot.summary import Style

PERIODS = ("any", "week", "month", "year")
ZONE_HELP = "time zone, such as Europe/Berlin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One option. ``kind`` is text, number (``least`` to ``most``), choice, yesno, time, zone, paper or subscription.

    ``paper``, ``subscription``, ``zone`` and ``tags`` have suggestions while one types.
    """

    name: str
    help: str
    kind: str = "text"
    choices: tuple[str, ...] = ()
    required: bool = False
    least: int = 0
    most: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Verb:
    """One command. ``main`` names the option that free text fills. ``form``: may be answered with a form."""

    name: str
    help: str
    example: str
    """A command that works as it stands on every platform, without ``/papers``: Discord knows no free text."""
    options: tuple[Option, ...] = ()
    main: str = ""
    public: bool = False
    """The answer of a success is for the whole channel."""
    form: bool = False

    def option(self, name: str) -> Option | None:
        """Find an option by name."""
        return next((option for option in self.options if option.name == name), None)


_COUNT = Option(name="count", help="papers at the most, 1 to 10", kind="number", least=1, most=10)
_SHARE = Option(name="share", help="show it to the whole channel", kind="yesno")
_TO = Option(name="to", help="this channel, or your direct messages", kind="choice", choices=("here", "dm"))
_CADENCE = Option(name="cadence", help="how often", kind="choice", choices=("daily", "weekdays", "weekly"))
_DAY = Option(
    name="day", help="day of a weekly digest", kind="choice", choices=("mon", "tue", "wed", "thu", "fri", "sat", "sun")
)
_TIME = Option(name="time", help="local time, such as 09:00", kind="time")
_ZONE = Option(name="timezone", help=ZONE_HELP, kind="zone")
_WHEN = (_CADENCE, _DAY, _TIME, _ZONE, _COUNT)
_PAPER = Option(name="paper", help="arXiv number, DOI, link, or its number in the last list", kind="paper")
_TOPIC = Option(name="topic", help="only papers on this, in the query language", kind="tags", most=200)

VERBS: tuple[Verb, ...] = (
    Verb(
        name="today",
        help="The papers of the newest day",
        example="today topic:agents",
        main="topic",
        options=(_TOPIC, _COUNT, _SHARE),
    ),
    Verb(
        name="trending",
        help="What people vote for now",
        example="trending period:month",
        main="topic",
        options=(
            Option(
                name="period", help="how far back (week)", kind="choice", choices=("today", "week", "month", "year")
            ),
            _TOPIC,
            _COUNT,
            _SHARE,
        ),
    ),
    Verb(
        name="search",
        help="Search all papers",
        example="search query:agents -survey sort:newest",
        main="query",
        options=(
            Option(name="query", help='such as: agents, "world model" -survey', kind="tags", required=True, most=1000),
            Option(name="period", help="how far back (any)", kind="choice", choices=PERIODS),
            Option(name="sort", help="order (relevance)", kind="choice", choices=("relevance", "newest", "trending")),
            _COUNT,
            _SHARE,
        ),
    ),
    Verb(
        name="show",
        help="One paper, whole",
        example="show paper:2607.12345",
        main="paper",
        options=(Option(name="paper", help=_PAPER.help, kind="paper", required=True), _SHARE),
    ),
    Verb(
        name="subscribe",
        help="Follow a topic: a daily digest here or in your direct messages",
        example='subscribe keywords:agents, "world model" -survey',
        main="keywords",
        public=True,
        form=True,
        options=(
            Option(name="keywords", help='such as: agents, "world model" -survey; empty opens the form', kind="tags"),
            *_WHEN,
            _TO,
        ),
    ),
    Verb(
        name="unsubscribe",
        help="Stop following a topic",
        example="unsubscribe keywords:agents",
        main="keywords",
        public=True,
        options=(
            Option(name="keywords", help="the query, its number in the list, or all", kind="subscription"),
            _TO,
        ),
    ),
    Verb(
        name="list",
        help="What this channel follows, and when its digest comes",
        example="list",
        main="scope",
        options=(
            Option(name="scope", help="this channel, or your direct messages", kind="choice", choices=("here", "dm")),
        ),
    ),
    Verb(
        name="digest",
        help="Preview, send, pause, resume or set up this channel's digest",
        example="digest action:preview",
        main="action",
        form=True,
        options=(
            Option(
                name="action",
                help="what to do (preview)",
                kind="choice",
                choices=("preview", "send", "pause", "resume", "settings"),
            ),
            *_WHEN,
            Option(name="summary", help="text under a title", kind="choice", choices=tuple(map(str, Style))),
            Option(name="quiet", help="say nothing on a day without papers", kind="yesno"),
            Option(name="taste", help="forget what people here liked", kind="choice", choices=("reset",)),
            _TO,
        ),
    ),
    Verb(
        name="why",
        help="Why a paper came here, or what stopped it",
        example="why paper:2607.12345",
        main="paper",
        options=(Option(name="paper", help=_PAPER.help, kind="paper", required=True), _TO),
    ),
    Verb(
        name="saved",
        help="Your reading list",
        example="saved export:bibtex",
        main="export",
        options=(
            Option(
                name="export", help="as a file for your reference manager", kind="choice", choices=("bibtex", "ris")
            ),
        ),
    ),
    Verb(name="status", help="How things stand: sources, next digest, errors", example="status"),
    Verb(
        name="help",
        help="What I can do",
        example="help command:search",
        main="command",
        options=(Option(name="command", help="one of the commands", kind="choice"),),
    ),
)


def find(name: str) -> Verb | None:
    """Find a verb by name, in any case."""
    return next((verb for verb in VERBS if verb.name == name.lower()), None)
