from __future__ import annotations

import pytest

from adapters.chats.email.replies import BARE, ENHANCED, HOLD, Stage, broken, refusal
from bot.errors import Verdict

RCPT, DOT = Stage.RECIPIENT, Stage.SENT
REPLIES = [
    (Stage.CONNECT, 421, "4.3.2 busy", Verdict.RETRY),
    (Stage.CONNECT, 554, "no SMTP service for you", Verdict.WAIT),
    (Stage.SIGN_IN, 535, "5.7.8 bad credentials", Verdict.WAIT),
    (Stage.SIGN_IN, 454, "4.7.0 later", Verdict.RETRY),
    (Stage.SENDER, 530, "5.7.0 STARTTLS first", Verdict.WAIT),
    (Stage.SENDER, 550, "5.7.1 not allowed to send as this", Verdict.WAIT),
    (Stage.SENDER, 451, "4.7.1 slow down", Verdict.RETRY),
    (RCPT, 450, "4.2.0 greylisted", Verdict.RETRY),
    (RCPT, 451, "4.7.1 greylisted", Verdict.RETRY),
    (RCPT, 452, "4.5.3 too many recipients", Verdict.RETRY),
    (RCPT, 421, "closing", Verdict.RETRY),
    (RCPT, 550, "5.1.1 no such user", Verdict.DROP),
    (RCPT, 550, "5.1.10 the domain takes no mail", Verdict.DROP),
    (RCPT, 550, "5.2.1 disabled", Verdict.DROP),
    (RCPT, 550, "5.1.8 your sender's domain does not exist", Verdict.WAIT),
    (RCPT, 552, "5.2.2 over quota", Verdict.RETRY),
    (RCPT, 550, "5.4.1 relay access denied", Verdict.RETRY),
    (RCPT, 554, "5.7.1 blocked by our policy", Verdict.BUG),
    (RCPT, 550, "no such user", Verdict.DROP),
    (RCPT, 551, "not local", Verdict.DROP),
    (RCPT, 553, "not an address", Verdict.DROP),
    (RCPT, 552, "full", Verdict.RETRY),
    (RCPT, 554, "no", Verdict.BUG),
    (Stage.DATA, 552, "too much", Verdict.DEGRADE),
    (DOT, 552, "5.3.4 too big", Verdict.DEGRADE),
    (DOT, 552, "too much mail data", Verdict.DEGRADE),
    (DOT, 550, "5.6.0 unreadable MIME", Verdict.DEGRADE),
    (DOT, 554, "5.7.1 looks like spam", Verdict.BUG),
    (DOT, 550, "5.7.26 fails DMARC", Verdict.WAIT),
    (DOT, 554, "transaction failed", Verdict.BUG),
    (DOT, 550, "no", Verdict.BUG),
    (DOT, 451, "4.3.0 later", Verdict.RETRY),
    (DOT, -1, "nonsense", Verdict.UNKNOWN),
    (DOT, 354, "go on", Verdict.UNKNOWN),
    (RCPT, 220, "hello", Verdict.RETRY),
]


@pytest.mark.parametrize(("stage", "code", "text", "verdict"), REPLIES)
def test_every_reply_has_one_meaning(stage: Stage, code: int, text: str, verdict: Verdict) -> None:
    error = refusal(stage, code, text)
    assert error.verdict is verdict
    assert text in str(error)
    assert error.seconds == (HOLD if verdict is Verdict.WAIT else None)


def test_no_line_of_the_tables_is_without_its_reply() -> None:
    told = {str(refusal(*reply[:3])).partition(" (")[0] for reply in REPLIES}
    rows = [meaning for _, meaning in ENHANCED] + [m for table in BARE.values() for m in table.values()]
    assert {words for _, words in rows} <= told


@pytest.mark.parametrize("stage", Stage)
def test_a_lost_connection_is_unknown_only_after_the_final_dot(stage: Stage) -> None:
    expected = Verdict.UNKNOWN if stage is Stage.SENT else Verdict.RETRY
    assert broken(stage, "reset").verdict is expected


def test_what_a_server_says_is_shown_on_one_line_and_bounded() -> None:
    error = refusal(RCPT, 550, "5.1.1 \x1b[31m gone\nfor\tgood " + "x" * 5000)
    assert str(error).isprintable()
    assert len(str(error)) < 300
    assert error.code == "5.1.1"
