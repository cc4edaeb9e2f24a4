from __future__ import annotations

import math
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, Self

import discord
import pytest
from discord import ui

from tests.emulators.discord import Discord, Impossible, Message, serving
from tests.emulators.discord.kit import Quick, connected, refusal


@dataclass
class Bot:
    """A bot that posts what a test says."""

    emulated: Discord
    client: Quick
    said: list[Any] = field(default_factory=list)

    async def post(self, view: ui.View | ui.LayoutView, where: str = "ml") -> Message:
        place = self.client.get_partial_messageable(self.emulated.channel(where).id)
        await place.send(view=view)
        return self.emulated.messages(where)[-1]


@pytest.fixture
async def bot() -> AsyncIterator[Bot]:
    async with serving(scale=math.inf) as emulated:
        made = Bot(emulated, Quick())
        async with connected(emulated, made.client):
            yield made


class Pages(ui.View):
    """Two buttons and two menus."""

    def __init__(self, bot: Bot) -> None:
        super().__init__(timeout=None)
        self.bot = bot

    @ui.button(label="More", custom_id="more")
    async def more(self, interaction: discord.Interaction, _button: ui.Button[Self]) -> None:
        await interaction.response.edit_message(content="page 2")

    @ui.button(label="Save", custom_id="save")
    async def save(self, interaction: discord.Interaction, _button: ui.Button[Self]) -> None:
        await interaction.response.send_message("saved", ephemeral=True)

    @ui.button(label="Gone", custom_id="gone", disabled=True)
    async def gone(self, interaction: discord.Interaction, _button: ui.Button[Self]) -> None:
        """Never come here."""

    @ui.select(
        custom_id="topic",
        max_values=2,
        options=[discord.SelectOption(label="Agents", value="a"), discord.SelectOption(label="Vision", value="v")],
    )
    async def topic(self, interaction: discord.Interaction, select: ui.Select[Self]) -> None:
        self.bot.said.append(select.values)
        await interaction.response.defer()
        await interaction.edit_original_response(content=" ".join(select.values))

    @ui.select(cls=ui.ChannelSelect, custom_id="where")
    async def where(self, interaction: discord.Interaction, select: ui.ChannelSelect[Self]) -> None:
        self.bot.said.append([one.name for one in select.values])
        await interaction.response.defer()


async def test_a_button_changes_its_message_or_answers_beside_it(bot: Bot) -> None:
    message = await bot.post(Pages(bot))
    answer = await bot.emulated.press("ada", message, "More")
    assert (answer.kind, answer.original) == (7, bot.emulated.messages("ml")[0])
    assert bot.emulated.messages("ml")[0].content == "page 2"
    saved = await (await bot.emulated.press("bob", message, "save")).post()
    assert (saved.content, saved.only_for) == ("saved", bot.emulated.user("bob").id)


async def test_a_menu_tells_what_was_chosen(bot: Bot) -> None:
    message = await bot.post(Pages(bot))
    answer = await bot.emulated.select("ada", message, "topic", "Agents", "v")
    assert (answer.kind, bot.said) == (6, [["a", "v"]])
    await bot.emulated.until(lambda: bot.emulated.messages("ml")[0].content == "a v")
    await bot.emulated.select("ada", message, "where", "news")
    assert bot.said[-1] == ["news"]


@pytest.mark.parametrize(("custom_id", "values"), [("topic", ["x"]), ("topic", []), ("other", ["a"]), ("more", ["a"])])
async def test_nobody_chooses_what_is_not_offered(bot: Bot, custom_id: str, values: list[str]) -> None:
    message = await bot.post(Pages(bot))
    with pytest.raises(Impossible):
        await bot.emulated.select("ada", message, custom_id, *values)


async def test_nobody_presses_what_is_not_there_for_them(bot: Bot) -> None:
    message = await bot.post(Pages(bot))
    for button in ("Gone", "Other", "topic"):
        with pytest.raises(Impossible):
            await bot.emulated.press("ada", message, button)
    hidden = await bot.post(Pages(bot), "lab")
    with pytest.raises(Impossible):
        await bot.emulated.press("bob", hidden, "More")


async def test_a_message_that_is_gone_can_still_be_pressed(bot: Bot) -> None:
    message = await bot.post(Pages(bot))
    bot.emulated.delete(message)
    assert (await (await bot.emulated.press("ada", message, "save")).post()).content == "saved"


class Saved(ui.DynamicItem[ui.Button[ui.View]], template=r"p:save:(?P<id>[0-9]+)"):
    """A button that outlives its process."""

    def __init__(self, number: int) -> None:
        super().__init__(ui.Button(label="Keep", custom_id=f"p:save:{number}"))
        self.number = number

    @classmethod
    async def from_custom_id(cls, _interaction: discord.Interaction, _item: ui.Item[Any], match: re.Match[str]) -> Self:
        return cls(int(match["id"]))

    async def callback(self, interaction: discord.Interaction) -> None:
        await interaction.response.send_message(f"kept {self.number}", ephemeral=True)


async def test_a_button_works_after_a_restart(bot: Bot) -> None:
    view = ui.View(timeout=None)
    view.add_item(Saved(7))
    message = await bot.post(view)
    await bot.client.close()
    again = Quick()
    again.add_dynamic_items(Saved)
    async with connected(bot.emulated, again):
        assert (await (await bot.emulated.press("ada", message, "Keep")).post()).content == "kept 7"


class Layout(ui.LayoutView):
    """A V2 message with a section whose button changes it."""

    def __init__(self, papers: int, text: str = "A paper") -> None:
        super().__init__(timeout=None)
        self.box: ui.Container[Self] = ui.Container(ui.TextDisplay("# Today"), accent_colour=7)
        for number in range(papers):
            self.box.add_item(ui.Section(ui.TextDisplay(text), accessory=Saved(number)))
        self.add_item(self.box)


async def test_a_v2_message_carries_sections_and_counts_them(bot: Bot) -> None:
    message = await bot.post(Layout(12))
    assert message.flags & 1 << 15
    assert len(message.components[0]["components"]) == 13
    assert message.components[0]["accent_color"] == 7
    bot.client.add_dynamic_items(Saved)
    assert (await (await bot.emulated.press("ada", message, "p:save:3")).post()).content == "kept 3"
    place = bot.client.get_partial_messageable(message.channel)
    assert "displayable text size" in str(await refusal(place.send(view=Layout(2, "x" * 3000))))


async def test_a_v2_message_stays_one(bot: Bot) -> None:
    message = await bot.post(Layout(1))
    place = bot.client.get_partial_messageable(message.channel).get_partial_message(message.id)
    await place.edit(view=Layout(2))
    assert len(bot.emulated.messages("ml")[0].components[0]["components"]) == 3
    assert "IS_COMPONENTS_V2" in str(await refusal(place.edit(content="x")))


class Form(ui.Modal, title="Subscribe"):
    """A form with one of each field."""

    words: ui.Label[Self] = ui.Label(
        text="Keywords", component=ui.TextInput(custom_id="words", min_length=2, max_length=50)
    )
    note: ui.Label[Self] = ui.Label(text="Note", component=ui.TextInput(custom_id="note", required=False))
    when: ui.Label[Self] = ui.Label(
        text="When",
        component=ui.Select(
            custom_id="when",
            options=[
                discord.SelectOption(label="Daily", value="d", default=True),
                discord.SelectOption(label="Weekly"),
            ],
        ),
    )
    place: ui.Label[Self] = ui.Label(
        text="Where",
        component=ui.RadioGroup(
            custom_id="place", options=[discord.RadioGroupOption(label="Here"), discord.RadioGroupOption(label="DM")]
        ),
    )
    agree: ui.Label[Self] = ui.Label(text="Agree", component=ui.Checkbox(custom_id="agree"))

    def __init__(self, bot: Bot) -> None:
        super().__init__(custom_id="subscribe")
        self.bot = bot

    async def on_submit(self, interaction: discord.Interaction) -> None:
        for one in (self.words, self.note, self.when, self.place, self.agree):
            field: Any = one.component
            self.bot.said.append(getattr(field, "values", None) if isinstance(field, ui.Select) else field.value)
        await interaction.response.send_message("subscribed")


class Opener(ui.View):
    """A button that opens the form."""

    def __init__(self, bot: Bot) -> None:
        super().__init__(timeout=None)
        self.bot = bot

    @ui.button(label="Open", custom_id="open")
    async def open(self, interaction: discord.Interaction, _button: ui.Button[Self]) -> None:
        await interaction.response.send_modal(Form(self.bot))


async def test_a_form_opens_and_is_sent(bot: Bot) -> None:
    opened = await bot.emulated.press("ada", await bot.post(Opener(bot)), "Open")
    assert opened.modal
    assert opened.modal["title"] == "Subscribe"
    answer = await bot.emulated.submit("ada", opened, {"words": "agents", "place": "DM", "agree": True})
    assert (await answer.post()).content == "subscribed"
    assert bot.said == ["agents", "", ["d"], "DM", True]


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"place": "DM"}, "words must be filled in"),
        ({"words": "x", "place": "DM"}, "2 to 50"),
        ({"words": "agents"}, "place must be filled in"),
        ({"words": "agents", "place": "Elsewhere"}, "does not offer"),
        ({"words": "agents", "place": "DM", "other": "x"}, "no field other"),
    ],
)
async def test_a_form_that_is_not_complete_is_not_sent(bot: Bot, values: dict[str, str], says: str) -> None:
    opened = await bot.emulated.press("ada", await bot.post(Opener(bot)), "Open")
    with pytest.raises(Impossible, match=says):
        await bot.emulated.submit("ada", opened, values)
    with pytest.raises(Impossible, match="no form is open"):
        await bot.emulated.submit("bob", opened, {})
