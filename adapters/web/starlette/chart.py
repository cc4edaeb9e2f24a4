"""Charts as inline SVG: numbers in, markup out; colours are the style sheet's. They stretch to any width."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from markupsafe import Markup

from bot.card import described, plural
from bot.trend import Reading, Trend

WIDE, HIGH = 640, 130
TOP = 6
_FRAME = Markup(
    '<svg class="chart" viewBox="0 0 640 130" preserveAspectRatio="none" role="img" aria-label="{alt}">'
    '<path class="axis" d="M0 129.5H640"/>{inside}</svg>'
)
_BAR = Markup(
    '<rect class="bar{now}" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}">'
    "<title>{said}</title></rect>"
)


def bars(trend: Trend) -> Markup:
    """A bar of papers for each week, and a line of votes above them, each to its own scale."""
    each = WIDE / len(trend.weeks)
    most = max(week.papers for week in trend.weeks) or 1
    loved = max(week.votes for week in trend.weeks) or 1
    drawn = Markup()
    for n, week in enumerate(trend.weeks):
        top = _top(week.papers, most)
        drawn += _BAR.format(
            now=" now" if n == len(trend.weeks) - 1 else "",
            x=n * each + 1.5,
            y=top,
            width=each - 3,
            height=HIGH - top,
            said=f"Week of {brief(week.start)}: {plural(week.papers, 'paper')}, {plural(week.votes, 'vote')}",
        )
    points = [(n * each + each / 2, _top(week.votes, loved)) for n, week in enumerate(trend.weeks)]
    return _FRAME.format(alt=described(trend), inside=drawn + _line(points))


def line(title: str, readings: Sequence[Reading]) -> Markup:
    """A paper's upvotes over time. Empty when there are fewer than two days to draw."""
    known = [(reading.day, reading.upvotes) for reading in readings if reading.upvotes is not None]
    if len(known) < 2:
        return Markup()
    (first, least), (last, now) = known[0], known[-1]
    most = max(votes for _, votes in known) or 1
    points = [(WIDE * (day - first).days / (last - first).days, _top(votes, most)) for day, votes in known]
    alt = f"Upvotes of {title}: {least:,} on {brief(first)}, {now:,} on {brief(last)}."
    return _FRAME.format(alt=alt, inside=_line(points))


def brief(day: date) -> str:
    """A date in little room: 31 Jul 2026."""
    return f"{day.day} {day:%b %Y}"


def _line(points: Sequence[tuple[float, float]]) -> Markup:
    return Markup('<polyline class="line" points="{}"/>').format(" ".join(f"{x:.1f},{y:.1f}" for x, y in points))


def _top(value: int, most: int) -> float:
    return HIGH - (HIGH - TOP) * value / most
