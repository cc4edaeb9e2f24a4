r"""Links and TeX, blanked out in place: what is left has the same length, so places in it are places in the original.

Every pattern is linear: a class never contains what ends it, and a match can only begin where a run begins.
"""

from __future__ import annotations

import re

_TOP = "com|org|net|edu|gov|io|ai|dev|app|co|me|cn|uk|de|fr|jp|ch"
_LINK = re.compile(
    rf"""(?:https?://|www\.|(?<![\w.@-])(?:[a-z0-9-]{{1,63}}\.){{1,8}}(?:{_TOP})/)[^\s<>"{{}}|\\^`]*""",
    re.IGNORECASE,
)
_TEX = re.compile(
    r"\\(?:[A-Za-z]{0,12}(?:cite|ref)[a-z]{0,12}|label|url|begin|end|includegraphics)\*?"
    r"(?:\[[^\[\]]{0,200}\]){0,2}\{[^{}]{0,500}\}"
    r"|\\[A-Za-z]+"
)
_ACCENT = re.compile(r"""(\{?\\["'`^~=.]\{?)([A-Za-z])(\}{0,2})""")
_ACCENTED = re.compile(r"""\\["'`^~=.]""")
_POSSESSIVES = [(mark, re.compile(rf"{mark}(?<=\w{mark})s\b")) for mark in "'’"]


def blank(text: str) -> str:
    """Blank links, TeX commands and the possessive ``'s``; join letters that a TeX accent parts."""
    text = blank_markup(text)
    return blank_possessive(text) if "'" in text or "’" in text else text


def blank_possessive(text: str) -> str:
    """Blank the ``'s`` after a name: Zipf's law is the Zipf law."""
    for mark, pattern in _POSSESSIVES:
        if mark in text:
            text = pattern.sub("  ", text)
    return text


def blank_markup(text: str) -> str:
    """Blank links and TeX commands."""
    if "\\" in text:
        text = blank_tex(text)
    if "www." in text:
        return _LINK.sub(_spaces, text)
    return _blank_links(text) if "/" in text else text


def _blank_links(text: str) -> str:
    """Blank links that have a slash: look only at the stretches between spaces that have one."""
    parts: list[str] = []
    end = 0
    slash = text.find("/")
    while slash >= 0:
        start = text.rfind(" ", end, slash) + 1 or end
        parts.append(text[end:start])
        end = text.find(" ", slash)
        end = len(text) if end < 0 else end
        parts.append(_LINK.sub(_spaces, text[start:end]))
        slash = text.find("/", end)
    return "".join(parts) + text[end:]


def blank_tex(text: str) -> str:
    r"""Blank TeX commands, with the argument of those that only point somewhere (``\cite{key}``).

    The marks of an accent become soft hyphens, which tokens swallow: ``Schr\"odinger`` stays one word.
    """
    if "\\" not in text:
        return text
    if _ACCENTED.search(text):
        text = _ACCENT.sub(_swallow, text)
    return _TEX.sub(_spaces, text)


def _spaces(found: re.Match[str]) -> str:
    return " " * len(found[0])


def _swallow(found: re.Match[str]) -> str:
    soft = "\N{SOFT HYPHEN}"
    return soft * len(found[1]) + found[2] + soft * len(found[3])
