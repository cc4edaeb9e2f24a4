from __future__ import annotations

import re
from pathlib import Path

import pytest

from docs import build_commands, build_pictures, build_settings

ROOT = Path(__file__).parents[1]
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]


def test_the_settings_page_is_what_the_settings_classes_say() -> None:
    assert build_settings.PAGE.read_text("utf-8") == build_settings.page()


def test_the_commands_page_is_what_the_table_says() -> None:
    assert build_commands.PAGE.read_text("utf-8") == build_commands.page()


def test_the_picture_is_what_the_console_shows() -> None:
    assert build_pictures.PICTURE.read_text("utf-8") == build_pictures.svg()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?://|#)([^)#]+)", page.read_text("utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_every_command_of_the_readme_is_there() -> None:
    from bot.cli import app

    named = {command.name or command.callback.__name__ for command in app.registered_commands if command.callback}
    table = (ROOT / "README.md").read_text("utf-8").partition("## Commands")[2].partition("## Run")[0]
    told = set(re.findall(r"`([a-z]+)[ `]", table)) - {"--input", "--help"}
    assert named <= told
