"""Raw rows to contributions: what is kept, what is set aside, and why."""

from __future__ import annotations

import csv
import json
import random
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest

from analysis.contributions import COLUMNS, SET_ASIDE, read
from analysis.errors import InputError
from analysis.sources.cleaning import clean, language, message, says_something
from analysis.sources.dates import read_dates


@pytest.fixture(autouse=True)
def key(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("RECKONS_KEY_FILE", str(tmp_path_factory.mktemp("key") / "key"))


def table(path: Path, rows: list[dict]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(dict.fromkeys(name for row in rows for name in row)), restval="")
        writer.writeheader()
        writer.writerows(rows)
    return path


def reasons(result) -> dict:
    return dict(zip(result.set_aside["contribution_id"], result.set_aside["reason"], strict=True))


# ------------------------------------------------------------------ the example


def test_the_example_is_what_its_truth_says(root):
    raw, truth = root / "data/raw/example", pd.read_csv(root / "tests/truth/example.csv", dtype="str", keep_default_na=False)
    result = read(raw)
    assert set(result.kept["contribution_id"]) == set(truth["contribution_id"])
    assert result.kept["contributor"].nunique() == truth["contributor"].nunique()
    assert result.set_aside["reason"].value_counts().to_dict() == {
        "blank": 134, "preview or test response": 3, "the author asked not to be shown to people who are not signed in": 3, "deleted": 2, "blocked": 2,
        "only quoted in the discussion, not part of it": 2, "header row of the survey tool": 1}
    assert result.records_read == 637 == len(result.kept) + len(result.set_aside)
    assert set(result.kept["source"]) == {"bluesky", "survey", "post"}
    assert len(result.inputs) == 18 and result.not_read.empty


def test_the_planted_details_of_the_example_are_gone(root):
    private = pd.read_csv(root / "tests/truth/private.csv", dtype="str")
    kept = read(root / "data/raw/example").kept.set_index("contribution_id")["text"]
    assert [row.value for row in private.itertuples() if row.value in kept[row.contribution_id]] == []


# ------------------------------------------------------------------ shape


def test_tables_have_their_columns_order_and_types(tmp_path):
    result = read(table(tmp_path / "a.csv", [
        {"id": "b", "text": "Second words", "author": "Ada", "created_at": "2024-10-01", "lang": "en-GB", "url": "https://x.example"},
        {"id": "a", "text": "First words", "author": "", "created_at": "", "lang": "", "url": ""}, {"id": "c", "text": " "}]))
    assert list(result.kept) == COLUMNS and list(result.set_aside) == SET_ASIDE
    assert result.kept["contribution_id"].tolist() == ["a", "b"] and result.kept["row"].tolist() == [3, 2]
    assert str(result.kept["created_at"].dtype) == "datetime64[us, UTC]" and str(result.kept["text"].dtype) == "str"
    first, second = result.kept.iloc[0], result.kept.iloc[1]
    assert first[["url", "contributor", "lang", "parent_id", "question", "title", "duplicate_of"]].isna().all() and pd.isna(first["created_at"])
    assert second["lang"] == "en" and second["source"] == "table" and second["created_at"] == pd.Timestamp("2024-10-01", tz="UTC")
    assert second["contributor"].startswith("P-") and "Ada" not in result.kept.to_csv()
    assert result.inputs["file"].tolist() == ["a.csv"] and len(result.inputs["sha256"][0]) == 64


def test_a_table_without_rows_gives_no_contributions_and_no_error(tmp_path):
    result = read(table(tmp_path / "a.csv", [{"id": "1", "text": "."}]))
    (tmp_path / "b.csv").write_text("id,text\n")
    for empty in (result, read(tmp_path / "b.csv")):
        assert len(empty.kept) == 0 and list(empty.kept) == COLUMNS
        assert str(empty.kept["created_at"].dtype) == "datetime64[us, UTC]" and str(empty.kept["text"].dtype) == "str"


def test_a_row_with_several_answers_is_several_contributions_of_one_person(tmp_path):
    table(tmp_path / "s.csv", [{"R": "1", "Q1": "Roads first", "Q2": "Trust us", "St": "ok"}, {"R": "2", "Q1": "", "Q2": "Lifts", "St": "ok"},
                               {"R": "3", "Q1": "test test", "Q2": "", "St": "Preview"}])
    (tmp_path / "s.columns.yaml").write_text("id: R\nauthor: R\ntext:\n  Q1: What first?\n  Q2: What else?\ndrop:\n  St: [Preview]\n")
    result = read(tmp_path)
    assert result.kept["contribution_id"].tolist() == ["1:Q1", "1:Q2", "2:Q2"]
    assert result.kept["question"].tolist() == ["What first?", "What else?", "What else?"]
    assert result.kept["contributor"].nunique() == 2
    assert reasons(result) == {"2:Q1": "blank", "3:Q1": "preview or test response", "3:Q2": "preview or test response"}
    assert result.records_read == 6


def test_a_table_may_name_a_few_channels_but_not_single_pages(tmp_path):
    few = read(table(tmp_path / "few.csv", [{"text": "One thing", "source": "workshop"}, {"text": "Another", "source": ""}]))
    assert sorted(few.kept["source"]) == ["table", "workshop"]
    many = read(table(tmp_path / "many.csv", [{"text": f"Thing {n}", "source": f"page {n}"} for n in range(30)]))
    assert set(many.kept["source"]) == {"table"}


# ------------------------------------------------------------------ ids


def test_equal_rows_count_once_and_the_others_are_named(tmp_path):
    result = read(table(tmp_path / "a.csv", [{"id": "7", "text": "Same words"}, {"id": "7", "text": "Same words"}, {"id": "8", "text": "Same words"}]))
    assert result.kept["contribution_id"].tolist() == ["7", "8"]
    assert result.kept["duplicate_of"].isna().tolist() == [True, False] and result.kept["duplicate_of"][1] == "7"
    assert result.set_aside["reason"].tolist() == ["same id and text as another row"]


def test_of_two_rows_with_one_id_the_earlier_stays_in_any_order(tmp_path):
    rows = [{"id": "7", "text": "Later words", "created_at": "2024-10-02"}, {"id": "7", "text": "Earlier words", "created_at": "2024-10-01"}]
    for order in (rows, rows[::-1]):
        result = read(table(tmp_path / "a.csv", order))
        assert result.kept["text"].tolist() == ["Earlier words"]
        assert result.set_aside["reason"].tolist() == ['id "7" is used by another row']


def test_an_id_in_two_files_takes_the_name_of_its_file_unless_it_is_an_address(tmp_path):
    for name in ("a.csv", "deep/b.csv"):
        table(tmp_path / name, [{"id": "7", "text": f"Words of {name}"}, {"id": "at://x/1", "text": "One post"}])
    result = read(tmp_path)
    assert result.kept["contribution_id"].tolist() == ["a.csv:7", "at://x/1", "deep/b.csv:7"]
    assert result.settings["ids_with_file_name"] == 2


def test_without_ids_they_are_made_from_what_was_said(tmp_path):
    rows = [{"text": "Same words", "author": "Bea"}, {"text": "Same words", "author": "Ada"}, {"text": "Other words", "author": "Ada"}]
    first = read(table(tmp_path / "a.csv", rows)).kept
    again = read(table(tmp_path / "a.csv", rows[::-1])).kept
    assert first["contribution_id"].str.fullmatch(r"a-[0-9a-f]{12}(-2)?").all() and first["contribution_id"].is_unique
    pd.testing.assert_frame_equal(first.drop(columns="row"), again.drop(columns="row"))


def test_the_order_of_rows_changes_nothing_but_their_place(tmp_path):
    rows = [{"id": str(n % 90), "text": f"Words number {n % 40}", "author": f"p{n % 7}", "created_at": f"2024-10-{n % 28 + 1:02}"} for n in range(120)]
    rows += [{"id": "", "text": f"Words number {n % 3}", "author": f"p{n}"} for n in range(20)]
    first = read(table(tmp_path / "a.csv", rows))
    random.Random(7).shuffle(rows)
    again = read(table(tmp_path / "a.csv", rows))
    pd.testing.assert_frame_equal(first.kept.drop(columns="row"), again.kept.drop(columns="row"))
    count = ["contribution_id", "reason"]
    assert first.set_aside[count].value_counts().to_dict() == again.set_aside[count].value_counts().to_dict()
    assert first.settings == again.settings


def test_a_campaign_is_seen_through_case_and_punctuation(tmp_path):
    result = read(table(tmp_path / "a.csv", [{"id": "1", "text": "Keep the phone lines!"}, {"id": "2", "text": "keep  the phone\nlines"},
                                             {"id": "3", "text": "Keep the local office"}, {"id": "4", "text": "👀"}, {"id": "5", "text": "👍"}]))
    assert result.kept["duplicate_of"].fillna("").tolist() == ["", "1", "", "", ""]


# ------------------------------------------------------------------ rules for one row


@pytest.mark.parametrize(("text", "counts"), [("No", True), ("42", True), ("ie", True), ("👍", True), ("نعم", True), (".", False), ("x", False),
                                              ("?!…", False), ("- -", False), ("1.", False), ("\u200b\u200b", False)])
def test_what_says_something(text, counts):
    assert says_something(text) is counts


def test_cleaning_takes_out_what_cannot_be_seen_and_nothing_else():
    assert clean("a\x00b\x07c\x1b[31m\x9fd") == ("abc[31md", 4)
    assert clean("one\r\ntwo\rthree\x0bfour\x85five\u2028six\tseven") == ("one\ntwo\nthree\nfour\nfive\nsix\tseven", 0)
    assert clean("half \ud800 a pair") == ("half \ufffd a pair", 0)
    kept = "عربي \u202e עברית 🧑\u200d💻 ŵ Ŷ e\u0301 \u00a0"
    assert clean(kept) == (kept, 0)


def test_messages_and_languages():
    assert message("Don't  STOP, now!") == message("don't stop now") == "don t stop now"
    assert [language(value) for value in ("EN", "en-GB", "cy_GB", "Welsh", "", "??", "english")] == ["en", "en", "cy", "cy", None, None, "en"]


NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(("written", "moment"), [
    ("2018-02-13 12:58:16", "2018-02-13T12:58:16"), ("2018-02-13T12:58:16.5Z", "2018-02-13T12:58:16.5"), ("2018-02-13T12:58:16+01:00", "2018-02-13T11:58:16"),
    ("2018-02-13", "2018-02-13"), ("2018/2/3", "2018-02-03"), ("20180213", "2018-02-13"), ("2018-02", "2018-02-01"), ("2018", "2018-01-01"),
    ("1518501496", "2018-02-13T05:58:16"), ("1518501496471", "2018-02-13T05:58:16.471"), ("1518501496471000", "2018-02-13T05:58:16.471"),
    ("Tue Feb 13 12:58:16 WIB 2018", "2018-02-13T05:58:16"), ("Tue Feb 13 12:58:16 XYZ 2018", "2018-02-13T12:58:16"),
    ("Tue, 13 Feb 2018 12:58:16 +0000", "2018-02-13T12:58:16"), ("13/02/2018", "2018-02-13"), ("13/02/2018 12:58", "2018-02-13T12:58"),
    ("3.4.2018", "2018-04-03"), ("13/02/18", "2018-02-13"), ("13 February 2018", "2018-02-13"), ("February 13, 2018 1:05 PM", "2018-02-13T13:05"),
    ("1st May 2018", "2018-05-01"), ("13-Feb-2018", "2018-02-13"), ("2018-02-13 24:00", "2018-02-14"), ("13/07/2018 09:00 BST", "2018-07-13T08:00"),
    ("2018-02-13T12:58:16.123456789Z", "2018-02-13T12:58:16.123456"),
])
def test_dates_as_tools_write_them(written, moment):
    (found,), (fault,) = (part.tolist() for part in read_dates(pd.Series([written], dtype=object), now=NOW))
    assert fault is None and found == pd.Timestamp(moment, tz="UTC")


@pytest.mark.parametrize(("written", "fault"), [
    ("31/02/2025", "is not a date"), ("0000-01-01", "is not a date"), ("soon", "is not a date"), ("12:30", "is not a date"), ("02/13/2018", "is not a date"),
    ("2025-13-01", "is not a date"), ("99999999999999999999", "is not a date"), ("2030-01-01", "is in the future"), ("1899-12-31", "is before 1990"),
    ("0001-01-01", "is before 1990"), ("25:00 1 May 2020", "is not a date"), ("12 Foo 2020", "is not a date"), ("٢٠١٨-٠٢-١٣x", "is not a date"),
])
def test_dates_that_cannot_be(written, fault):
    (found,), (said,) = (part.tolist() for part in read_dates(pd.Series([written], dtype=object), now=NOW))
    assert pd.isna(found) and said == fault


@pytest.mark.parametrize("written", ["", "  ", "Thu Dec 29", "29 Dec"])
def test_no_date_or_one_without_its_year_is_no_fault(written):
    (found,), (said,) = (part.tolist() for part in read_dates(pd.Series([written], dtype=object), now=NOW))
    assert pd.isna(found) and said is None


def test_dates_cut_off_are_counted(tmp_path):
    result = read(table(tmp_path / "a.csv", [{"id": "1", "text": "Words", "created_at": "Thu Dec 29"}, {"id": "2", "text": "Words", "created_at": ""}]))
    assert len(result.kept) == 2 and result.settings["dates_without_year"] == 1


# ------------------------------------------------------------------ people


def test_redaction_is_on_and_can_be_left_off(tmp_path):
    path = table(tmp_path / "a.csv", [{"id": "1", "text": "Write to ada@quiet.example"}])
    assert read(path).kept["text"][0] == "Write to [email removed]" and read(path).settings["redacted"]["email"] == 1
    assert read(path, redact=False).kept["text"][0] == "Write to ada@quiet.example" and read(path, redact=False).settings["redacted"] is None


def test_what_is_set_aside_keeps_no_words_and_no_details(tmp_path):
    result = read(table(tmp_path / "a.csv", [{"id": "1", "text": "Words", "created_at": "ada@quiet.example"}]))
    assert result.set_aside["reason"].tolist() == ['created_at "[email removed]" is not a date']


def test_input_is_not_changed_and_settings_are_plain_data(tmp_path):
    path = table(tmp_path / "a.csv", [{"id": "1", "text": "Words"}])
    before = path.read_bytes()
    settings = read(path).settings
    assert path.read_bytes() == before and json.loads(json.dumps(settings)) == settings


def test_columns_by_hand_as_on_the_command_line(tmp_path):
    path = table(tmp_path / "a.csv", [{"comment-id": "1", "comment-body": "Words", "author-id": "12"}])
    by_list = read(path, columns=["text=comment-body", "id=comment-id", "author=author-id"]).kept
    by_name = read(path, columns={"text": "comment-body", "id": "comment-id", "author": "author-id"}).kept
    pd.testing.assert_frame_equal(by_list, by_name)
    with pytest.raises(InputError):
        read(path)


def test_the_licence_of_a_post_is_kept(tmp_path):
    (tmp_path / "p.md").write_text("---\nlicence: CC BY 4.0\n---\nWords of a post.\n")
    assert read(tmp_path).kept["licence"].tolist() == ["CC BY 4.0"]
