"""What a person sees after doing something."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.emulators.slack.state.nouns import JSON, Message, View
from tests.emulators.slack.state.workspace import Workspace
from tests.emulators.slack.wire.parcels import Receipt


@dataclass(frozen=True, slots=True)
class Answer:
    """The app's answer to a command, a press or a shortcut; what comes later appears here too."""

    workspace: Workspace = field(repr=False)
    receipt: Receipt
    trigger: str = ""
    hook: str = ""

    @property
    def error(self) -> str:
        """Why Slack tells the person that the app failed; empty when it acknowledged in time."""
        return self.receipt.error

    @property
    def ms(self) -> float:
        """How long the acknowledgement took, in milliseconds."""
        return self.receipt.ms

    @property
    def posts(self) -> tuple[Message, ...]:
        """What came through the acknowledgement and the response_url, every version, oldest first."""
        hook = self.workspace.hooks.get(self.hook)
        return hook.posts if hook else ()

    async def post(self, place: int = 0, seconds: float = 5.0) -> Message:
        """Wait for one of them."""
        await self.workspace.bell.until(lambda: len(self.posts) > place, seconds)
        return self.posts[place]


@dataclass(frozen=True, slots=True)
class Submitted:
    """The app's answer to a form: errors beside its fields, another view, or nothing and the form closes."""

    workspace: Workspace = field(repr=False)
    receipt: Receipt
    action: str = ""
    """The ``response_action``, empty when the form just closes."""
    errors: JSON | None = None
    view: View | None = None
    """What the person looks at now."""
    hook: str = ""
    """The response_url of a channel field that asked for one."""

    @property
    def error(self) -> str:
        return self.receipt.error

    @property
    def posts(self) -> tuple[Message, ...]:
        """What came through that response_url."""
        hook = self.workspace.hooks.get(self.hook)
        return hook.posts if hook else ()
