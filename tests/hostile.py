"""Text as an enemy writes it: for properties that must hold for any text."""

from __future__ import annotations

from hypothesis import strategies as st

PIECES = (
    *"\\${}~`'\"-&;#%_^=.aoeikI \n\t<>", "\\emph{", "\\'", '\\"', "\\i", "\\beta", "$", "$k$", "&amp;", "&lt;", "amp;",
    "lt;", "#38;", "--", "``", "''", "https://", "\\href{", "\\_", "\\&", "{\\bf ", "\u0301", "\u200d", "\u202e",
    "\x1b[31m", "\ud83d", "😀", "👩", "\ufe0f", "é", "ß", "\u2029", "\x85", "\r\n", "\u0338", "\u1100", "\u1161", "ا",
    "\u200c", "🇩", "\\(", "\\)", "\\\\", "\\c", "\\v", "…", "\x9b", "\x1b]", "。", "Fig. ", "et al. ",
)  # fmt: skip
hostile = st.one_of(st.text(max_size=60), st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
"""Any characters, and the pieces that our own rules look for, in any order."""
