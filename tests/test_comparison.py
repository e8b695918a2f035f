"""What became of every theme between two runs, and the passages that made the difference."""

from __future__ import annotations

import json
from types import SimpleNamespace

import made_run
import pandas as pd
import pytest
from typer.testing import CliRunner

from analysis.cli import app
from analysis.comparison import compare, in_words, save


def run(themes: dict[str, str], *, loose: str = "", level: str = "theme"):
    """A run whose themes hold one passage for every letter; the letters in ``loose`` are in no theme."""
    letters = [(letter, theme) for theme, held in themes.items() for letter in held] + [(letter, None) for letter in loose]
    passages = pd.DataFrame({"passage_id": [one for one, _ in letters], "contribution_id": [f"c-{one}" for one, _ in letters],
                             "text": [f"What {one} said" for one, _ in letters]})
    rows = [(theme, None, f"Name of {theme}", "", len(held), len(held), 0.8, "firm", level) for theme, held in themes.items()]
    membership = pd.DataFrame(letters, columns=["passage_id", "theme_id"]).astype("str")
    return SimpleNamespace(themes=pd.DataFrame(rows, columns=made_run.THEME_COLUMNS), membership=membership, passages=passages, contributions=passages)


def changes(old, new) -> dict[str, str]:
    found = compare(old, new).themes
    return dict(zip(found["theme_id"], found["change"], strict=True))


def moved(found, theme: str) -> dict[str, str]:
    rows = found.passages[found.passages["theme_id"] == theme]
    return dict(zip(rows["passage_id"], rows["moved"], strict=True))


def test_new_and_gone():
    found = compare(run({"bus": "abcd", "tax": "efgh"}), run({"bus": "abcd", "fibre": "wxyz"}, loose="efgh"))
    assert dict(zip(found.themes["theme_id"], found.themes["change"], strict=True)) == {"fibre": "new", "tax": "gone", "bus": "about the same"}
    assert moved(found, "fibre") == dict.fromkeys("wxyz", "newly contributed")
    assert moved(found, "tax") == dict.fromkeys("efgh", "to no theme")


def test_grown_and_shrunk_count_from_a_tenth_and_three_passages_on():
    old = run({"bus": "abcdefghij", "tax": "klmnopqrst"}, loose="uvw")
    assert changes(old, run({"bus": "abcdefghijuvw", "tax": "klmnopq"})) == {"bus": "grown", "tax": "shrunk"}
    assert changes(old, run({"bus": "abcdefghijuv", "tax": "klmnopqr"})) == {"bus": "about the same", "tax": "about the same"}


def test_the_passages_that_made_a_theme_grow_say_where_they_came_from():
    found = compare(run({"bus": "abcdef", "tax": "ghijk"}, loose="l"), run({"bus": "abcdegl12", "tax": "hijk"}))
    assert moved(found, "bus") == {"1": "newly contributed", "2": "newly contributed", "g": "from “Name of tax”", "l": "from no theme",
                                   "f": "no longer in the data"}
    row = found.themes.set_index("theme_id").loc["bus"]
    assert (row["change"], row["passages_before"], row["passages_now"], row["came"], row["went"]) == ("grown", 6, 9, 4, 1)
    assert found.contributions == {"came": 2, "went": 1, "stayed": 11}


def test_split_into_parts_of_a_quarter_or_more():
    old = run({"bus": "abcdefgh", "tax": "ijkl"})
    found = compare(old, run({"stops": "abcde", "fares": "fgh", "tax": "ijkl"}))
    row = found.themes[found.themes["change"] == "split"].iloc[0]
    assert (row["theme_id"], row["earlier"], row["passages_before"], row["passages_now"]) == ("bus", "Name of stops; Name of fares", 8, 8)
    assert moved(found, "bus") == {**dict.fromkeys("abcde", "to “Name of stops”"), **dict.fromkeys("fgh", "to “Name of fares”")}
    # A single passage (1 of 8) that goes its own way is no split.
    assert changes(old, run({"stops": "abcdefg", "h": "h", "tax": "ijkl"})) == {"stops": "about the same", "h": "new", "tax": "about the same"}


def test_merged_from_themes_that_went_into_it_for_the_most_part():
    found = compare(run({"stops": "abcde", "fares": "fgh", "tax": "ijkl"}), run({"bus": "abcdefgh", "tax": "ijkl"}))
    row = found.themes[found.themes["change"] == "merged"].iloc[0]
    assert (row["theme_id"], row["earlier"]) == ("bus", "Name of stops; Name of fares")
    assert moved(found, "bus")["f"] == "from “Name of fares”"


def test_a_theme_with_another_id_is_the_same_when_most_of_its_passages_are():
    # {a, b, c} of {a, b, c, d}: 3/4.
    assert changes(run({"bus": "abcd"}), run({"coach": "abc"}, loose="d")) == {"coach": "about the same"}
    # {a, b} of {a, b, c, d}: exactly half, which two could claim.
    assert changes(run({"bus": "abcd"}), run({"coach": "ab"}, loose="cd")) == {"coach": "new", "bus": "gone"}


@pytest.mark.parametrize("level", ["theme", "sub-theme"])
def test_the_same_run_twice_has_changed_in_nothing(level):
    same = run({"bus": "abcd", "tax": "efgh"}, level=level)
    found = compare(same, same)
    assert set(found.themes["change"]) == {"about the same"} and found.passages.empty


def test_runs_without_themes_can_be_compared():
    found = compare(run({}, loose="ab"), run({}, loose="abc"))
    assert found.themes.empty and found.contributions == {"came": 1, "went": 0, "stayed": 2}
    assert in_words(found)


def test_what_is_no_longer_in_the_data_is_not_written_down_again(tmp_path):
    found = compare(run({"bus": "abcdef"}), run({"bus": "abc"}))
    written = pd.read_csv(save(found, tmp_path / "c") / "passages.csv")
    assert written["moved"].tolist() == ["no longer in the data"] * 3 and written["text"].isna().all()
    assert json.loads((tmp_path / "c" / "comparison.json").read_text())["contributions"]["went"] == 3


def test_the_command_compares_two_folders_and_saves_the_tables(tmp_path):
    old, new = made_run.write(tmp_path / "old", contributions=40), made_run.write(tmp_path / "new", contributions=64)
    told = CliRunner().invoke(app, ["compare", str(old), str(new)])
    assert told.exit_code == 0 and "24 came, 0 went, 40 stayed" in told.output
    assert "\x1b" not in told.output and "\u202e" not in told.output
    assert {path.name for path in (new / "comparison").iterdir()} == {"themes.csv", "passages.csv", "comparison.json"}
