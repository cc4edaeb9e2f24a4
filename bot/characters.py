"""Which characters of a stranger's text are kept, and where a text may be cut."""

from __future__ import annotations

import re
import unicodedata

MARKS = 4
"""Combining marks that one letter may carry. Real scripts need fewer; a flood of them paints over other lines."""

_TERMINAL = re.compile(
    r"""(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?    # colours, cursor
      | (?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]{0,500}(?:\x07|\x1b\\|\x9c)?    # titles, links
      | \x1b[ -/]*[0-~]?""",
    re.VERBOSE,
)
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]")
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u180b-\u180f\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164\ufdd0-\ufdef"
    "\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
"""Zero width, bidi controls, fillers that look like nothing, tags, and selectors that can carry hidden text."""
_JOINERS = re.compile("[\u200c\u200d]+")
_LINE_ENDS = re.compile("\r\n|[\r\x85\u2028]")
_FLAGS = "".join(map(chr, range(0x1F1E6, 0x1F200)))


def scrub(s: str) -> str:
    r"""Drop what no reader is meant to see, and compose what is left (NFC).

    Half a surrogate pair becomes U+FFFD; terminal sequences, controls, zero-width and bidi characters go; a letter
    keeps ``MARKS`` combining marks. Every line end becomes ``\n``, a paragraph separator two of them.
    """
    if s.isascii() and s.isprintable():
        return s
    s = s.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    s = _CONTROLS.sub("", _TERMINAL.sub("", _LINE_ENDS.sub("\n", s)))
    if s.isascii():
        return s
    s = _JOINERS.sub(_joiner, _INVISIBLE.sub("", s)).replace("\u2029", "\n\n")
    return _unflood(unicodedata.normalize("NFC", s))


def visible(s: str) -> str:
    """Write out, as Python escapes, every character that is not seen or that moves the others."""
    return "".join(c if _is_visible(c) else c.encode("unicode_escape").decode() for c in s)


def boundary(s: str, end: int) -> int:
    """Give the last place at or before ``end`` that lies between two characters as a reader sees them.

    Covers combining marks, emoji sequences, flags and Hangul; 0 when all of it is one character.
    """
    end = min(end, len(s))
    while 0 < end < len(s) and _joined(s, end):
        end -= 1
    return end


def _joined(s: str, at: int) -> bool:
    left, right = s[at - 1], s[at]
    if right < "\u0300":
        return (left, right) == ("\r", "\n")
    if left == "\u200d" or right in "\u200c\u200d" or "\U0001f3fb" <= right <= "\U0001f3ff":
        return True
    if right in _FLAGS:
        return (at - len(s[:at].rstrip(_FLAGS))) % 2 == 1
    hangul = "\u1100" <= left <= "\ud7fb" and ("\u1160" <= right <= "\u11ff" or "\ud7b0" <= right <= "\ud7fb")
    return hangul or unicodedata.category(right)[0] == "M"


def _is_visible(c: str) -> bool:
    return c in "\u200c\u200d" or (c.isprintable() and not _INVISIBLE.match(c))


def _joiner(match: re.Match[str]) -> str:
    """Keep a joiner where it shapes something: between two emoji, or inside a script that joins its letters."""
    s, start, end = match.string, match.start(), match.end()
    if start == 0 or end == len(s):
        return ""
    left, right = unicodedata.category(s[start - 1]), unicodedata.category(s[end])
    emoji = match[0][0] == "\u200d" and right == "So" and (left in {"So", "Sk"} or s[start - 1] == "\ufe0f")
    script = {left, right} <= {"Lo", "Mn", "Mc"}
    return match[0][0] if emoji or script else ""


def _unflood(s: str) -> str:
    """Drop marks beyond ``MARKS``, and those that begin a line: they would sit on what we print before it."""
    marks = "".join(sorted(c for c in set(s) if c >= "\u0300" and unicodedata.category(c) in {"Mn", "Me"}))
    return re.sub(f"(?m:^)[{marks}]+|(?<=[{marks}]{{{MARKS}}})[{marks}]+", "", s) if marks else s
