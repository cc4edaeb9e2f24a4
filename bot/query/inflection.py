"""One form for an English word's plural, -ed, -ing and its British or American spelling.

The form is a key, not always a word: ``policies`` -> ``policy``, ``training`` -> ``train``, ``merged`` -> ``merg``,
``generated`` -> ``generat``. It folds inflection and never derivation: ``general``, ``generalise`` and ``generation``
stay three. In this order:

1. irregular plurals from a table (``matrices`` -> ``matrix``), British spelling (``behaviour`` -> ``behavior``;
   -ize becomes -ise, since that direction needs no exceptions);
2. words of ``KEPT`` stay (``bias``, ``embedding``), also after the next step;
3. plural -s, -es, -ies; never -ss, -us, -is, and -ics only of things one can count (``metrics``, not ``physics``);
4. -ing and -ed, where a vowel stands before; a doubled consonant becomes one (``planning`` -> ``plan``), and a word
   that is short then, one vowel and one consonant at its end, had an e (``tuning`` -> ``tune``);
5. a final e goes unless it leaves such a short word (``tune`` and ``plan`` stay two, ``merge`` -> ``merg``), so that
   ``merging`` and ``merge`` meet without a dictionary.
"""

from __future__ import annotations

import re

from bot.query.lexicon import COUNTED_ICS, DOUBLED_L, IRREGULAR, KEPT, OUR, SPELLING

_SHORT = re.compile(r"y?(?:qu|[^aeiouy])*[aeiouy][^aeiouywx]")
_Y = re.compile(r".+[^aeiou]ie[sd]")
_VOWEL = re.compile(r"[aeiouy]")
_DOUBLE = re.compile(rf"({'|'.join(sorted(DOUBLED_L))})l(?=(?:ing|ings|ed|er|ers)$)")
_OUR = f"({'|'.join(sorted(OUR))})ou"
_BRITISH_OUR = re.compile(rf"{_OUR}(?=r)")
_BRITISH_OU = re.compile(rf"{_OUR}(?=r|$)")
_IZE = re.compile(r"(?<=[iy])z(?=(?:e|es|ed|ing|ings|er|ers|ation|ations|ational|able|ability)$)")
_IZ = re.compile(r"(?<=[iy])z")
_LAST = "degs"
"""Words that end otherwise have no ending to take off."""
_PAST_OR_ING = ("ed", "ing")
_SHORTEST = 4
_SPELLED = {f"{british}s": f"{american}s" for british, american in SPELLING.items()} | SPELLING
_KNOWN = _SPELLED | {word: _SPELLED.get(singular, singular) for word, singular in IRREGULAR.items()}
"""Words that no rule reaches, and the singular in American spelling."""


def base(word: str) -> str:
    """Fold one plain word. Words with digits, other letters than a to z, or fewer than four letters stay."""
    if len(word) < _SHORTEST or not (word.isascii() and word.isalpha()):
        return word
    word = _KNOWN.get(word, word)
    # The tests save most words three patterns, which would take twice as long as all the rest.
    if "our" in word:
        word = _BRITISH_OUR.sub(r"\1o", word)
    if "iz" in word or "yz" in word:
        word = _IZE.sub("s", word)
    if "ll" in word:
        word = _DOUBLE.sub(r"\1", word)
    if word[-1] not in _LAST or word in KEPT:
        return word
    word = _singular(word)
    return word if word in KEPT else _without_e(_verb(word))


def beginnings(start: str) -> tuple[str, ...]:
    """Give the forms that the start of a word can have once the word is folded, as written first."""
    british = _BRITISH_OU.sub(r"\1o", start)
    return tuple(dict.fromkeys((british, _IZ.sub("s", british))))


def _singular(word: str) -> str:
    if not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ics"):
        return word[:-1] if word in COUNTED_ICS else word
    return word[:-3] + "y" if _Y.fullmatch(word) else word[:-1]


def _verb(word: str) -> str:
    if not word.endswith(_PAST_OR_ING):
        return word
    if word.endswith("ied"):
        return word[:-3] + "y" if _Y.fullmatch(word) else word[:-1]
    if word.endswith("eed"):
        return word
    for ending in ("ing", "ed"):
        stem = word.removesuffix(ending)
        if stem != word and _VOWEL.search(stem) and (len(stem) > len("us") or _had_e(stem)):
            return _restored(stem)
    return word


def _restored(stem: str) -> str:
    if _had_e(stem):
        return stem + "e"
    doubled = len(stem) > len("add") and stem[-1] == stem[-2] and stem[-1] not in "aeioulsfz"
    return stem[:-1] if doubled else stem


def _without_e(word: str) -> str:
    if len(word) < _SHORTEST or not word.endswith("e") or word.endswith("ee"):
        return word
    if word.endswith("ie"):
        return word[:-2] + "y" if len(word) > _SHORTEST and _Y.fullmatch(word + "s") else word
    rest = word[:-1]
    return word if _had_e(rest) or not _VOWEL.search(rest) else rest


def _had_e(stem: str) -> bool:
    """Whether an e belongs after this: ``tun``, ``us``; ``synthesis`` for the verb, since the noun has that form."""
    return bool(_SHORT.fullmatch(stem)) or stem.endswith("sis")
