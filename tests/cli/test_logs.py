from __future__ import annotations

import logging

from bot.cli.logs import MANY, MINUTE, Repeats, TextFormatter


def line(text: str, *values: object, level: int = logging.WARNING) -> logging.LogRecord:
    return logging.LogRecord("adapters.x", level, __file__, 1, text, values, None)


def test_what_repeats_itself_is_told_once_a_minute_with_how_often_it_came() -> None:
    now = 0.0
    repeats = Repeats(lambda: now)
    told = []
    for _ in range(int(3 * MINUTE)):
        now += 1
        if repeats.filter(one := line("no answer from %s", "h")):
            told.append(one.getMessage())
    assert told == ["no answer from h", *["no answer from h (59 more times since the last such line)"] * 2]


def test_other_lines_other_levels_and_information_are_told() -> None:
    repeats = Repeats(lambda: 0.0)
    assert all(repeats.filter(line("%d", number)) for number in range(2 * MANY))
    assert repeats.filter(line("again"))
    assert repeats.filter(line("again", level=logging.ERROR))
    assert all(repeats.filter(line("news", level=logging.INFO)) for _ in range(3))
    assert not repeats.filter(line("again"))


def test_a_line_whose_values_do_not_fit_it_is_left_to_whoever_writes_it() -> None:
    assert Repeats().filter(line("%d of %s", "x"))


def test_a_line_is_a_line_whatever_stands_in_it() -> None:
    record = line("it said: %s", "one\ntwo\u2028WARNING bot: forged")
    assert len(TextFormatter(tracebacks=False).format(record).splitlines()) == 1
    assert len(TextFormatter(tracebacks=True).format(record).splitlines()) == 3
