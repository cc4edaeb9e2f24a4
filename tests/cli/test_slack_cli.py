"""What the command line shows of Slack without a token."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from tests.adapters.chats.slack.payloads import accepted, live
from tests.cli.shell import Shell


def documents(text: str) -> Iterator[dict[str, Any]]:
    """The JSON objects at the beginning of a text."""
    decoder = json.JSONDecoder()
    while text.lstrip().startswith("{"):
        found, end = decoder.raw_decode(text.lstrip())
        text = text.lstrip()[end:]
        yield found


def test_the_demo_prints_payloads_that_slack_takes(shell: Shell) -> None:
    done = shell("demo", "--platform", "slack")
    made = list(documents(done.out))
    assert done.code == 0
    assert made
    for payload in made:
        accepted(payload)
        assert all(token.kind == "link" for token in live(payload))
