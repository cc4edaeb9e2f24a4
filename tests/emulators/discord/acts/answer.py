"""What a person sees after doing something."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.emulators.discord.state.nouns import JSON, Interaction, Message
from tests.emulators.discord.state.server import State


class Impossible(Exception):
    """Nobody can do this: the button is not there, the form is incomplete, the command is not offered."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The app's answer to a command, a press, a choice or a form; what comes later appears here too."""

    state: State = field(repr=False)
    token: str
    ms: float = 0.0
    """How long the first answer took, in milliseconds."""
    timed_out: bool = False

    @property
    def interaction(self) -> Interaction:
        return self.state.interactions[self.token]

    @property
    def error(self) -> str:
        """What Discord tells the person when the app did not answer in time; else nothing."""
        return "The application did not respond" if self.timed_out and not self.interaction.answered else ""

    @property
    def kind(self) -> int:
        """The type of the first answer: 4 message, 5 and 6 deferred, 7 update, 8 choices, 9 form."""
        return self.interaction.answered

    @property
    def original(self) -> Message | None:
        """The message of the first answer as it stands now, or the one whose component was used."""
        return self.state.find(self.interaction.channel, self.interaction.original)

    @property
    def posts(self) -> tuple[Message, ...]:
        """Every message of it that says something, the first answer first."""
        numbers = (self.interaction.original, *self.interaction.followups)
        found = (self.state.find(self.interaction.channel, number) for number in numbers)
        return tuple(one for one in found if one and not one.is_loading)

    @property
    def modal(self) -> JSON | None:
        """The form that opened."""
        return self.interaction.modal

    async def post(self, place: int = 0, seconds: float = 5.0) -> Message:
        """Wait for one of the messages, until the app has done thinking."""
        await self.state.bell.until(lambda: len(self.posts) > place, seconds)
        return self.posts[place]

    async def edited(self, seen: Message, seconds: float = 5.0) -> Message:
        """Wait until a message is something else than what was seen."""

        def changed() -> Message | None:
            now = self.state.find(seen.channel, seen.id)
            return now if now != seen else None

        found = await self.state.bell.until(changed, seconds)
        assert found
        return found
