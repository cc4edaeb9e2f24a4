"""Trends as PNG, with Pillow: a bar of papers for each week, a line of votes above them, each to its own scale.

No word of a query stands in the picture: the font has few letters, and the words stand beside it as its alternative
text. Drawn at twice the size and halved, because Pillow draws hard edges.
"""

from __future__ import annotations

import io
from collections.abc import Iterator

from PIL import Image, ImageDraw, ImageFont
from pydantic import BaseModel, ConfigDict

from bot.ports import Draw
from bot.trend import Trend

NAME = "pillow"
WIDE, HIGH = 1200, 480
"""Pixels: sharp on a phone, and 20 kB."""
_TWICE = 2
_LEFT, _TOP, _FOOT = 40, 92, 66
_LETTERS = 36
"""Height of the font: 10 pixels are left of it where a telephone shows the picture."""
_PAPER, _INK, _SOFT, _RULE, _FILL, _NOW, _LINE = (
    "#ffffff", "#1c1b19", "#5b5852", "#d8d4ca", "#9db4d3", "#cfdae8", "#b3501b",
)  # fmt: skip


class Settings(BaseModel):
    """There is nothing to set."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def pictures(settings: Settings) -> Draw:
    """Build the adapter."""
    del settings
    return Pillow()


class Pillow:
    """``bot.ports.Draw``."""

    def trend(self, trend: Trend) -> bytes:
        """Draw a trend. Takes about 50 ms: call it in a thread."""
        canvas = Image.new("RGB", (WIDE * _TWICE, HIGH * _TWICE), _PAPER)
        _Sheet(ImageDraw.Draw(canvas), trend).draw()
        out = io.BytesIO()
        small = canvas.resize((WIDE, HIGH), Image.Resampling.BOX).quantize(64)
        small.save(out, "PNG", optimize=True)
        return out.getvalue()


class _Sheet:
    """One picture under way; lengths are in pixels of the finished one."""

    def __init__(self, pen: ImageDraw.ImageDraw, trend: Trend) -> None:
        self._pen = pen
        self._weeks = trend.weeks
        self._each = (WIDE - 2 * _LEFT) / len(trend.weeks)
        self._papers = max((week.papers for week in trend.weeks), default=0)
        self._votes = max((week.votes for week in trend.weeks), default=0)
        self._font = ImageFont.load_default(_LETTERS * _TWICE)

    def draw(self) -> None:
        base = HIGH - _FOOT
        self._line([(_LEFT, base), (WIDE - _LEFT, base)], _RULE, 2)
        for n, week in enumerate(self._weeks):
            top = self._height(week.papers, self._papers)
            if week.papers:
                left = _LEFT + n * self._each
                shade = _NOW if n == len(self._weeks) - 1 else _FILL
                self._box((left + 3, top, left + self._each - 3, base), shade)
        points = [(self._middle(n), self._height(week.votes, self._votes)) for n, week in enumerate(self._weeks)]
        self._line(points, _LINE, 4)
        self._legend()
        for n, word in self._months():
            self._text((self._middle(n), base + 12), word, _SOFT, "ma")

    def _legend(self) -> None:
        """Name both scales by their tops."""
        self._box((_LEFT, 28, _LEFT + 30, 58), _FILL)
        self._text((_LEFT + 44, 22), f"papers a week, at most {self._papers:,}", _INK, "la")
        words = f"their votes, at most {self._votes:,}"
        self._text((WIDE - _LEFT, 22), words, _INK, "ra")
        end = WIDE - _LEFT - self._font.getlength(words) / _TWICE - 12
        self._line([(end - 40, 43), (end, 43)], _LINE, 4)

    def _months(self) -> Iterator[tuple[int, str]]:
        """The first week of each month, where there is room for its name."""
        last, seen = -9.0, 0
        for n, week in enumerate(self._weeks):
            if week.start.month != seen and (n - last) * self._each > 110:
                yield n, f"{week.start:%b}"
                last = n
            seen = week.start.month

    def _middle(self, n: int) -> float:
        return _LEFT + (n + 0.5) * self._each

    def _height(self, value: int, most: int) -> float:
        return HIGH - _FOOT - (HIGH - _FOOT - _TOP) * value / (most or 1)

    def _box(self, box: tuple[float, float, float, float], fill: str) -> None:
        left, top, right, bottom = (_TWICE * place for place in box)
        self._pen.rectangle((left, top, max(left, right), max(top, bottom)), fill=fill)

    def _line(self, points: list[tuple[float, float]], fill: str, width: int) -> None:
        self._pen.line([(x * _TWICE, y * _TWICE) for x, y in points], fill=fill, width=width * _TWICE, joint="curve")

    def _text(self, place: tuple[float, float], words: str, fill: str, anchor: str) -> None:
        self._pen.text((place[0] * _TWICE, place[1] * _TWICE), words, fill=fill, font=self._font, anchor=anchor)
