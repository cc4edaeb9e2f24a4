"""What people say and ask for: commands, shortcuts, the Home tab, messages and links."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlsplit

from tests.emulators.slack.acts import payloads
from tests.emulators.slack.acts.answer import Answer
from tests.emulators.slack.acts.desk import Desk
from tests.emulators.slack.acts.form import Impossible
from tests.emulators.slack.rules import Refused
from tests.emulators.slack.state.nouns import JSON, Hook, Message
from tests.emulators.slack.state.shapes import view_json
from tests.emulators.slack.web.args import Args
from tests.emulators.slack.wire.hooks import respond
from tests.emulators.slack.wire.parcels import Receipt, Sort


class People(Desk):
    """Everybody in the workspaces."""

    async def command(self, user: str, channel: str, text: str, *, typed: bool = True) -> Answer:
        """Type a slash command; unless ``typed`` the text is passed on as it is."""
        person, place, team = self.place(user, channel)
        said = payloads.typed(text.strip()) if typed else text.strip()
        if said.partition(" ")[0] not in self.workspace.app.commands or not self.workspace.installation(team.id):
            return Answer(self.workspace, Receipt(error="unknown_command", attempts=0))
        installation = self.installed(team.id)
        trigger = self.workspace.new_trigger(installation, team.id, person.id, place.id)
        hook = self.workspace.new_hook(installation, team.id, person.id, place.id)
        body = payloads.command(self.workspace, installation, person, place, said, trigger, hook)
        receipt = await self.deliver(Sort.COMMAND, body)
        return Answer(self.workspace, self._shown(hook, receipt), trigger.id, hook.id)

    async def shortcut(self, user: str, callback_id: str) -> Answer:
        """Choose one of the app's global shortcuts."""
        self._offered(callback_id, "global")
        person = self.workspace.user(user)
        installation = self.installed(person.team)
        team = self.workspace.teams[person.team]
        body = payloads.interaction(self.workspace, installation, "shortcut", person, team)
        trigger = self.workspace.new_trigger(installation, team.id, person.id)
        body |= {"callback_id": callback_id, "trigger_id": trigger.id, "action_ts": self.workspace.new_ts()}
        return Answer(self.workspace, await self.deliver(Sort.INTERACTIVE, body), trigger.id)

    async def message_shortcut(self, user: str, message: Message, callback_id: str) -> Answer:
        """Choose one of the app's shortcuts in a message's menu; that works in threads too."""
        self._offered(callback_id, "message")
        person, place, team = self.place(user, message.channel)
        installation = self.installed(team.id)
        trigger = self.workspace.new_trigger(installation, team.id, person.id, place.id)
        hook = self.workspace.new_hook(installation, team.id, person.id, place.id, message.ts)
        body = payloads.interaction(self.workspace, installation, "message_action", person, team)
        seen = payloads.on_message(self.workspace, replace(message, only_for=""), hook)
        body |= {key: seen[key] for key in ("channel", "message", "response_url")}
        body |= {"callback_id": callback_id, "trigger_id": trigger.id, "message_ts": message.ts}
        return Answer(self.workspace, await self.deliver(Sort.INTERACTIVE, body), trigger.id, hook.id)

    async def open_home(self, user: str, tab: str = "home") -> Receipt:
        """Open the app's Home or Messages tab."""
        person = self.workspace.user(user)
        installation = self.installed(person.team)
        dm = self.dm_channel(person.id).id
        inner: JSON = {"type": "app_home_opened", "user": person.id, "channel": dm, "tab": tab}
        view = self.home(person.id)
        if view and tab == "home":
            inner["view"] = view_json(view, self.workspace)
        return await self.event(installation, person.team, inner)

    def say(self, user: str, channel: str, text: str, *, thread: str = "") -> Message:
        """Write a message as a person."""
        person, place, team = self.place(user, channel)
        ts, said = self.workspace.new_ts(), payloads.typed(text)
        message = Message(channel=place.id, ts=ts, user=person.id, team=team.id, text=said, thread_ts=thread)
        return self.workspace.put(message)

    async def share_link(self, user: str, channel: str, url: str, *, thread: str = "") -> tuple[Message, Receipt]:
        """Write a link; the app hears of it when it registered the domain and was granted ``links:read``."""
        message = self.say(user, channel, url, thread=thread)
        installation = self.installed(message.team)
        domain = urlsplit(url).hostname or ""
        known = any(domain == one or domain.endswith(f".{one}") for one in self.workspace.app.unfurl_domains)
        if not known or "links:read" not in installation.scopes:
            return message, Receipt(error="not_registered", attempts=0)
        inner: JSON = {
            "type": "link_shared",
            "channel": message.channel,
            "user": message.user,
            "message_ts": message.ts,
            "links": [{"domain": domain, "url": url}],
            "is_bot_user_member": installation.bot_user in self.workspace.channels[message.channel].members,
            "unfurl_id": f"{message.channel}-{message.ts}",
            "source": "conversations_history",
        }
        thread_part = {"thread_ts": thread} if thread else {}
        return message, await self.event(installation, message.team, inner | thread_part)

    def _offered(self, callback_id: str, kind: str) -> None:
        if (callback_id, kind) not in self.workspace.app.shortcuts:
            raise Impossible(f"the app offers no {kind} shortcut {callback_id}")

    def _shown(self, hook: Hook, receipt: Receipt) -> Receipt:
        """Show what the acknowledgement of a command says."""
        if not receipt.ack:
            return receipt
        try:
            respond(self.workspace, self.workspace.hooks[hook.id], Args(args=receipt.ack))
        except Refused as refused:
            return replace(receipt, error=refused.error)
        return receipt
