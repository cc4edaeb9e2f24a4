"""Slack's chat does what every chat does, against an emulated Slack."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.adapters.chats.slack.kit import Outside, outside, readable
from tests.contracts.chat import ChatContract
from tests.emulators.slack import Team, add_channel


class TestSlack(ChatContract):
    @pytest.fixture
    async def outside(self) -> AsyncIterator[Outside]:
        workspace = readable()
        team: Team = next(iter(workspace.teams.values()))
        add_channel(workspace, team, "elsewhere", {workspace.installations[team.id].bot_user}, id="elsewhere")
        async with outside(workspace) as made:
            yield made
