from __future__ import annotations

from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands.tuning import change, describe, when
from bot.errors import CommandError
from bot.models import Cadence, ChannelSettings
from bot.summary import Style
from tests.making import settings

SETTINGS = st.builds(
    settings,
    cadence=st.sampled_from(Cadence),
    day=st.integers(0, 6),
    time=st.builds(time, st.integers(0, 23), st.integers(0, 59)),
    timezone=st.sampled_from(["UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires"]),
    count=st.integers(1, 10),
    style=st.sampled_from(Style),
    quiet=st.booleans(),
    paused=st.sampled_from(["", "paused by hand", "the channel was archived"]),
)


@pytest.mark.parametrize(
    ("key", "value", "field", "held"),
    [
        ("cadence", "weekdays", "cadence", Cadence.WEEKDAYS),
        ("Cadence", " WEEKLY ", "cadence", Cadence.WEEKLY),
        ("day", "Fri", "day", 4),
        ("time", "7:05", "time", time(7, 5)),
        ("timezone", "europe/berlin", "timezone", "Europe/Berlin"),
        ("count", "10", "count", 10),
        ("summary", "extract", "style", Style.EXTRACT),
        ("quiet", "off", "quiet", False),
        ("quiet", "TRUE", "quiet", True),
        ("paused", "yes", "paused", "paused by hand"),
        ("paused", "No", "paused", ""),
        ("paused", "until the exams are over", "paused", "until the exams are over"),
        ("paused", "x\n\x1b" + "x" * 900, "paused", "x\\n\\x1b" + "x" * 192 + "…"),
    ],
)
def test_a_wish_changes_its_field_and_nothing_else(key: str, value: str, field: str, held: object) -> None:
    changed = change(settings(), {key: value})
    assert getattr(changed, field) == held
    others = set(ChannelSettings.__slots__) - {field}
    assert {name: getattr(changed, name) for name in others} == {name: getattr(settings(), name) for name in others}


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("tiem", "09:00", "I don't know the setting `tiem`. Did you mean `time`?"),
        (
            "colour",
            "red",
            f"I don't know the setting `colour`. There are: {', '.join(describe(settings()))}, taste.",
        ),
        ("cadence", "hourly", "`cadence:hourly` isn't possible. Use daily, weekdays, weekly."),
        ("day", "someday", "`day:someday` isn't possible. Use mon, tue, wed, thu, fri, sat, sun."),
        ("time", "25:00", "I can't read `25:00`. Write the time as `09:00`."),
        ("time", "9", "I can't read `9`. Write the time as `09:00`."),
        ("time", "", "I can't read ``. Write the time as `09:00`."),
        ("timezone", "berlin", "`berlin` isn't a time zone I know. Try `Europe/Berlin`."),
        ("timezone", "Europe/Belrin", "`Europe/Belrin` isn't a time zone I know. Try `Europe/Berlin`."),
        ("timezone", "zzzzzz", "`zzzzzz` isn't a time zone I know. Try `Europe/Berlin`."),
        ("count", "0", "`count:0` isn't possible. Use a number from 1 to 10."),
        ("count", "²", "`count:²` isn't possible. Use a number from 1 to 10."),
        ("count", "-1", "`count:-1` isn't possible. Use a number from 1 to 10."),
        ("quiet", "maybe", "`quiet:maybe` isn't possible. Use yes, on, true, 1, no, off, false, 0."),
        ("summary", "", "`summary:` isn't possible. Use auto, abstract, extract, tldr, model."),
    ],
)
def test_a_wish_that_cannot_be_met_says_what_can(key: str, value: str, said: str) -> None:
    with pytest.raises(CommandError) as raised:
        change(settings(), {key: value})
    assert str(raised.value) == said


def test_several_wishes_are_all_met() -> None:
    changed = change(settings(), {"time": "08:30", "count": "3", "cadence": "weekly", "day": "wed"})
    assert when(changed) == "weekly on Wed at 08:30 (UTC), up to 3 papers"


@pytest.mark.parametrize(
    ("cadence", "said"), [(Cadence.DAILY, "daily at 09:00"), (Cadence.WEEKDAYS, "weekdays at 09:00")]
)
def test_the_rhythm_is_said_in_one_line(cadence: Cadence, said: str) -> None:
    assert when(settings(cadence=cadence, timezone="Europe/Berlin")) == f"{said} (Europe/Berlin), up to 5 papers"


@given(SETTINGS, SETTINGS)
def test_what_is_described_can_be_asked_for(old: ChannelSettings, new: ChannelSettings) -> None:
    assert change(old, describe(new)) == new


@given(st.sampled_from([*describe(settings()), "nonsense"]), st.text() | st.text(min_size=900))
def test_any_text_is_a_setting_or_a_short_visible_sentence(key: str, value: str) -> None:
    said = ""
    try:
        change(settings(), {key: value})
    except CommandError as error:
        said = str(error)
    assert len(said) < 200
    assert said.isprintable()
