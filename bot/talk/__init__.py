"""The nouns of a conversation, the same on every platform. Pure: no handler, no platform, no store.

``words``   text with its styles apart from it, so that nothing from outside can become markup
``reply``   what we say: lines, cards, buttons, pick lists, forms
``request`` what a person asked: a verb, its options, who and where
``verbs``   the table of commands that every platform walks
``offers``  the buttons that stand under a paper and under a digest
``line``    a command that was typed as one line (``/papers search moe period:week``)
``action``  what a button means, as a short text
"""

from bot.talk.action import Action, read, written
from bot.talk.line import parse
from bot.talk.reply import (
    Answer,
    Button,
    Buttons,
    Cards,
    Choice,
    Document,
    Field,
    Form,
    Line,
    Pick,
    Picture,
    Preview,
    Reply,
    Shown,
)
from bot.talk.request import Person, Request
from bot.talk.verbs import VERBS, Option, Verb, find
from bot.talk.words import Span, Style, Words, plain, said, words

__all__ = [
    "VERBS",
    "Action",
    "Answer",
    "Button",
    "Buttons",
    "Cards",
    "Choice",
    "Document",
    "Field",
    "Form",
    "Line",
    "Option",
    "Person",
    "Pick",
    "Picture",
    "Preview",
    "Reply",
    "Request",
    "Shown",
    "Span",
    "Style",
    "Verb",
    "Words",
    "find",
    "parse",
    "plain",
    "read",
    "said",
    "words",
    "written",
]
