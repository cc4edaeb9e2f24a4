"""One call of the Web API: its arguments, whose token it carries, and what a method is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.emulators.slack.rules import Pictures, Refused
from tests.emulators.slack.state.limits import Limits, Rate
from tests.emulators.slack.state.nouns import JSON, Installation, Token
from tests.emulators.slack.state.workspace import Workspace
from tests.emulators.slack.web.args import Args


@dataclass(frozen=True, slots=True)
class Method:
    """A method: what it does, who may call it and how often.

    Any one of ``scopes`` is enough. ``token`` is the kind that it takes, empty for none. A method with no ``rate`` sees
    to its own limits. One that does not take JSON ignores a JSON body.
    """

    name: str
    run: Callable[[Call], JSON]
    rate: Rate | None
    scopes: tuple[str, ...] = ()
    token: str = "bot"
    takes_json: bool = True


@dataclass(kw_only=True)
class Call(Args):
    """What a method gets."""

    workspace: Workspace
    limits: Limits
    token: Token

    @property
    def installation(self) -> Installation:
        """Whose bot this is. Raises ``Refused`` when the app is gone from there."""
        found = self.workspace.installations.get(self.token.installation)
        if found is None:
            raise Refused("account_inactive")
        return found

    def needs_scope(self, *scopes: str) -> None:
        """Raise ``Refused`` unless one of these was granted."""
        if not self.token.scopes.intersection(scopes):
            raise Refused("missing_scope", needed=",".join(scopes), provided=",".join(sorted(self.token.scopes)))

    def spend(self, *wanted: tuple[tuple[str, ...], Rate]) -> None:
        """Raise ``Refused`` with ``ratelimited`` when one of these buckets is empty."""
        if wait := self.limits.wait(self.workspace.clock.now(), *wanted):
            raise Refused("ratelimited", retry_after=wait)


def pictures(workspace: Workspace) -> Pictures:
    """What can be shown at present."""
    now = workspace.clock.now()
    ready = [file.id for file in workspace.files.values() if file.done and file.ready <= now]
    return Pictures(workspace.broken_images, {name for file in ready for name in (file, workspace.file_url(file))})
