from __future__ import annotations

from hypothesis import given

from bot.desk.citing import bibtex, ris
from tests.hostile import hostile
from tests.making import ROOM, paper
from tests.talking import ANA, BEN, STRANGER, Town, labels, papers, seen


async def test_saved_papers_survive_and_belong_to_one_person(town: Town) -> None:
    for id_ in ("2608.10000", "2608.20000", "2608.10000"):
        await town.say("save", {"paper": id_})
    town.desk = town.opened()
    assert papers(await town.ask("saved")) == ["2608.20000", "2608.10000"]
    for other in (BEN, STRANGER):
        assert "You have saved nothing yet." in seen(await town.ask("saved", other))


async def test_saving_twice_says_so_and_remove_removes(town: Town) -> None:
    first = await town.say("save", {"paper": "2608.10000"})
    assert seen(first).startswith("Saved: Agents of day 0.")
    assert seen(await town.say("save", {"paper": "2608.10000"})).startswith("Already saved")
    await town.press(first, "Remove")
    await town.press(first, "Remove")
    assert "nothing yet" in seen(await town.ask("saved"))


async def test_a_long_list_has_pages_and_numbers_work(town: Town) -> None:
    for back in range(12):
        await town.say("save", {"paper": f"2608.1{back:04}"})
    first = await town.ask("saved")
    second = await town.press(first, "More")
    assert len(papers(first)) == 10
    assert len(papers(second)) == 2
    assert "More" not in labels(second)
    assert papers(await town.ask("show 12")) == [papers(second)[1]]


async def test_export_for_reference_managers(town: Town) -> None:
    await town.say("save", {"paper": "2608.10000"})
    saved = await town.ask("saved")
    assert "@misc{lovelace2026_260810000," in seen(await town.press(saved, "BibTeX"))
    assert "TI  - Agents of day 0" in seen(await town.press(saved, "RIS"))
    assert "isn't possible" in seen(await town.ask("saved export:word"))


async def test_saving_a_paper_of_this_channels_digest_moves_its_taste(town: Town) -> None:
    await town.say("save", {"paper": "2608.10000"})
    assert not await town.store.notes("taste/")
    await town.follow("agents")
    await town.ask("digest send")
    (row,) = (await town.store.deliveries())[:1]
    await town.say("save", {"paper": row.message.papers[0]}, BEN)
    assert list(await town.store.notes("taste/")) == [f"taste/{ROOM}"]


@given(hostile)
def test_no_title_breaks_out_of_an_export(text: str) -> None:
    made = paper(title=text, authors=(text, "A"), abstract=text)
    assert bibtex([made]).count("\n}\n") == 1
    assert all(line[2:6] == "  - " for line in ris([made]).split("\r\n") if line)


def test_what_means_something_to_tex_is_escaped() -> None:
    assert r"title = {{50\% of a\_b \{x\} \$y\$}}" in bibtex([paper(title="50% of a_b {x} $y$")])


async def test_a_list_has_an_end(town: Town) -> None:
    for number in range(500):
        await town.store.note(f"saved/fake:T1/U1/x{number}", {"paper": f"x{number}", "at": "2026"})
    assert "the most I can keep" in seen(await town.say("save", {"paper": "2608.10000"}, ANA))
