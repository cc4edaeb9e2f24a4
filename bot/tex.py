"""The TeX that stands in titles and abstracts, as the characters it means.

An own small table and one pass over the text, because whole TeX readers damage prose: to them ``%`` begins a
comment and a lone ``$`` mathematics. What is not in the table stays as its author wrote it, and so does
mathematics, except when it is a single symbol.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping

_MARKS = {
    "'": "\u0301", "`": "\u0300", "^": "\u0302", '"': "\u0308", "~": "\u0303", "=": "\u0304", ".": "\u0307",
    "u": "\u0306", "v": "\u030c", "H": "\u030b", "c": "\u0327", "k": "\u0328", "r": "\u030a", "d": "\u0323",
}  # fmt: skip
_LETTERS = {
    "ss": "ß", "l": "ł", "L": "Ł", "o": "ø", "O": "Ø", "aa": "å", "AA": "Å", "ae": "æ", "AE": "Æ", "oe": "œ",
    "OE": "Œ", "i": "ı", "j": "ȷ", "dh": "ð", "DH": "Ð", "th": "þ", "TH": "Þ", "dj": "đ", "DJ": "Đ", "ng": "ŋ",
    "NG": "Ŋ", "TeX": "TeX", "LaTeX": "LaTeX",
}  # fmt: skip
_SYMBOLS = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ϵ", "varepsilon": "ε", "zeta": "ζ", "eta": "η",
    "theta": "θ", "vartheta": "ϑ", "iota": "ι", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ", "pi": "π",
    "varpi": "ϖ", "rho": "ρ", "varrho": "ϱ", "sigma": "σ", "varsigma": "ς", "tau": "τ", "upsilon": "υ", "phi": "ϕ",
    "varphi": "φ", "chi": "χ", "psi": "ψ", "omega": "ω", "Gamma": "Γ", "Delta": "Δ", "Theta": "Θ", "Lambda": "Λ",
    "Xi": "Ξ", "Pi": "Π", "Sigma": "Σ", "Upsilon": "Υ", "Phi": "Φ", "Psi": "Ψ", "Omega": "Ω", "ell": "ℓ", "infty": "∞",
    "times": "×", "pm": "±", "cdot": "·", "sim": "∼", "approx": "≈", "leq": "≤", "le": "≤", "geq": "≥", "ge": "≥",
    "neq": "≠", "to": "→", "rightarrow": "→", "leftarrow": "←", "leftrightarrow": "↔", "nabla": "∇", "partial": "∂",
    "dagger": "†", "circ": "∘", "ldots": "…", "dots": "…", "textendash": "–", "textemdash": "—", "copyright": "©",
    "textquoteleft": "‘", "textquoteright": "’", "textquotedblleft": "“", "textquotedblright": "”",
}  # fmt: skip
_SWITCHES = "bf|it|em|tt|sc|rm|sf"
_FONTS = (
    "emph|textbf|textit|texttt|textsc|textsf|textrm|textsl|textup|textmd|textnormal|text|underline|mbox|url"
    f"|mathcal|mathbb|mathbf|mathrm|mathit|mathsf|mathtt|mathfrak|mathscr|boldsymbol|bm|{_SWITCHES}"
)
_BASE = r"(?:\\[ij](?![A-Za-z])\s*|[A-Za-z])"
_ACCENT = rf"\\(?P<mark>['`^\"~=.]|[uvHckrd](?=[\s{{\\]))\s*(?:\{{\s*(?P<braced>{_BASE})\s*\}}|(?P<bare>{_BASE}))"
_LETTER = rf"\\(?P<name>{'|'.join(_LETTERS)})(?![A-Za-z])(?:\{{\}}|[ ]+(?=[a-z])|\\(?=\s))?"

_TOKEN = re.compile(
    rf"""(?=[\\${{}}~`'h-])(?:
      (?P<math> \$\\[A-Za-z]+\$
              | \$\$(?:[^$\\]|\\.){{1,600}}\$\$
              | \$(?!\s)(?:[^$\\]|\\.){{1,600}}(?<!\s)\$(?!\d)
              | \\\((?:[^\\]|\\[^()]){{1,600}}\\\)
              | \\\[(?:[^\\]|\\[^][]){{1,600}}\\\])
    | (?P<link> https?://[^\s{{}}<>\\$'"`]+(?:\\[_%&\#~]+[^\s{{}}<>\\$'"`]*)*)
    | (?P<href> \\href\s*\{{(?P<target>[^{{}}]{{1,500}})\}}\s*\{{(?P<label>[^{{}}]{{1,500}})\}})
    | (?P<open> \\(?:{_FONTS})\s*\{{ | \{{\s*\\(?:{_SWITCHES})(?![A-Za-z])\s*)
    | (?P<accent> (?P<wrapped>\{{)? (?:{_ACCENT}) (?(wrapped)\}}))
    | (?P<letter> (?P<around>\{{)? (?:{_LETTER}) (?(around)\}}))
    | (?P<symbol> \\(?:{"|".join(_SYMBOLS)})(?![A-Za-z]))
    | (?P<escape> \\[%_&\#${{}}])
    | (?P<brace> [{{}}])
    | (?P<space> \\\\(?=\s|$) | \\[ ,] | (?<=[A-Za-z.,)])~(?=[\w\\(]))
    | (?P<dash> (?<!-)---?(?!-))
    | (?P<quote> (?<!`)``(?=[^`\s][^`]{{0,300}}''))
    | (?P<unquote> (?<!')''(?!'))
    )""",
    re.VERBOSE,
)
_TRACES = ("\\", "$", "~", "--", "``")
_FONT = re.compile(rf"\\(?:{_FONTS})\s*\{{(.*)\}}")


def letters(s: str) -> str:
    """Turn TeX into characters. The time grows with the length of the text and with nothing else."""
    if not any(trace in s for trace in _TRACES):
        return s
    braces: list[str] = []
    quotes: list[str] = []

    def replace(match: re.Match[str]) -> str:
        match match.lastgroup, match[0]:
            case "open", _:
                braces.append("")
                return ""
            case _, "{":
                braces.append("}")
                return "{"
            case _, "}":
                return braces.pop() if braces else "}"
            case _, "``":
                quotes.append("”")
                return "“"
            case _, "''":
                return quotes.pop() if quotes else "''"
            case kind, _:
                return _REPLACE[kind or ""](match)

    return _TOKEN.sub(replace, s)


def _math(match: re.Match[str]) -> str:
    found = match[0]
    inner = found.strip("$") if found[0] == "$" else found[2:-2]
    font = _FONT.fullmatch(inner.strip())
    inner = (font[1] if font else inner).strip()
    if len(inner) == 1 and inner.isalpha():
        return inner
    return _SYMBOLS.get(inner[1:], found) if inner[:1] == "\\" else found


def _href(match: re.Match[str]) -> str:
    target, label = match["target"].strip(), match["label"].strip()
    return label if target in label else f"{label} ({target})"


def _accent(match: re.Match[str]) -> str:
    base = (match["braced"] or match["bare"]).strip("\\ ")
    return unicodedata.normalize("NFC", base + _MARKS[match["mark"]])


def _dash(match: re.Match[str]) -> str:
    """Leave ``--help``: after a space and before a letter it is an option of a command."""
    if match[0] == "---":
        return "—"
    s, start, end = match.string, match.start(), match.end()
    return "--" if not s[start - 1 : start].strip() and s[end : end + 1].isalpha() else "–"


_REPLACE: Mapping[str, Callable[[re.Match[str]], str]] = {
    "math": _math,
    "link": lambda match: re.sub(r"\\([_%&#~])", r"\1", match[0]),
    "href": _href,
    "accent": _accent,
    "letter": lambda match: _LETTERS[match["name"]],
    "symbol": lambda match: _SYMBOLS[match[0][1:]],
    "escape": lambda match: match[0][1:],
    "space": lambda _: " ",
    "dash": _dash,
}
