"""Exports of the survey tools that are known are read as they come."""

from __future__ import annotations

import csv
import io

import openpyxl
import pytest

from analysis.contributions import read
from analysis.errors import InputError
from analysis.sources import read_files, surveys

QUALTRICS = ["StartDate", "EndDate", "Status", "IPAddress", "Progress", "Duration (in seconds)", "Finished", "RecordedDate", "ResponseId", "RecipientLastName",
             "RecipientFirstName", "RecipientEmail", "ExternalReference", "LocationLatitude", "LocationLongitude", "DistributionChannel", "UserLanguage"]
FIRST, NEXT = "What should come first?", "What stops your organisation from using technology well?"


def as_csv(rows) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


def as_xlsx(path, rows):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)


def qualtrics(*, import_ids: bool = True) -> list[list[str]]:
    def response(key, status, *answers):
        return ["2024-10-04 08:02:40", "2024-10-04 08:11:40", status, "192.0.2.1", "100", "540", "True", "2024-10-04 08:11:41", f"R_{key:0>15}", "", "", "", "", "51.5", "-0.1",
                "anonymous", "EN", *answers]
    wording = [*(name + " label" for name in QUALTRICS), "What is your role?", FIRST, NEXT, "Which of these do you use?"]
    return [[*QUALTRICS, "Q1", "Q2", "Q3", "Q4"], wording, *([['{"ImportId":"x"}'] * len(wording)] if import_ids else []),
            response(1, "Survey Preview", "Tester", "just a test of the form", "and again a test", "Web"),
            response(2, "IP Address", "Nurse on nights in a hospital", "Fix the phone lines before any app", "Nobody reads the guidance we get", "Web,Phone"),
            response(3, "IP Address", "Clerk", "Let the regions decide for themselves", "", "Web"), response(4, "8", "Clerk", "", "Procurement takes two years every time", "Web")]


@pytest.mark.parametrize(("kind", "rows_above"), [("csv", 2), ("xlsx", 1)])
def test_qualtrics(tmp_path, kind, rows_above):
    rows = qualtrics(import_ids=kind == "csv")
    (tmp_path / "q.csv").write_text(as_csv(rows)) if kind == "csv" else as_xlsx(tmp_path / "q.xlsx", rows)
    result = read(tmp_path)
    kept = result.kept
    assert kept[["question", "text"]].to_numpy().tolist() == [
        [FIRST, "Fix the phone lines before any app"], [NEXT, "Nobody reads the guidance we get"], [FIRST, "Let the regions decide for themselves"],
        [NEXT, "Procurement takes two years every time"]]
    assert kept["contributor"].nunique() == 3 and kept["contributor"][0] == kept["contributor"][1]
    assert f"{kept['created_at'][0]:%Y-%m-%d %H:%M:%S}" == "2024-10-04 08:11:41" and set(kept["lang"]) == {"en"} and set(kept["source"]) == {"survey"}
    assert result.set_aside["reason"].value_counts().to_dict() == {"header row of the survey tool": rows_above, "preview or test response": 2, "blank": 2}
    notes = result.settings["notes"][f"q.{kind}"]
    assert notes["preset"] == "Qualtrics" and notes["answers_in"] == "Q2, Q3" and "Q1" in notes["not_taken_as_answers"]


def forms(emails=("anonymous", "anonymous", "cai@dept.example", "cai@dept.example")) -> list[list]:
    return [["ID", "Start time", "Completion time", "Email", "Name", "Last modified time", "What is your organisation?", "Which channels do you use?", FIRST, NEXT],
            *([n, "2024-10-04 08:02:40", "2024-10-04 08:11:40", email, "", "", f"The very long name of a department {n}", "Web;Phone;" if n % 2 else "Phone;",
               f"Fix thing number {n} before anything else", f"The contract of office {n} forbids it"] for n, email in enumerate(emails, start=1))]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_microsoft_forms(tmp_path, kind):
    (tmp_path / "f.csv").write_text(as_csv(forms())) if kind == "csv" else as_xlsx(tmp_path / "f.xlsx", forms())
    kept = read(tmp_path).kept
    assert sorted(set(kept["question"])) == sorted([FIRST, NEXT]) and len(kept) == 8
    assert kept["contributor"].nunique() == 3
    assert f"{kept['created_at'][0]:%Y-%m-%d}" == "2024-10-04"


def test_what_was_typed_beside_other_is_an_answer_with_its_question(tmp_path):
    rows = qualtrics()
    for row, cells in zip(rows, [("Q5", "Q5_4_TEXT", "Q6_2_TEXT"), ("Which channels do you use? - Selected Choice", "Which channels do you use? - Other (please specify) - Text",
                                                                  "What is your role? - Other - Text"),
                                 ("{}", "{}", "{}"), ("Web", "", ""), ("Other (please specify)", "The library", "Beekeeper"), ("Web", "", ""), ("Web", "", "")], strict=True):
        row.extend(cells)
    (tmp_path / "q.csv").write_text(as_csv(rows))
    kept = read(tmp_path).kept.set_index("question")["text"]
    assert kept["Which channels do you use? (other)"] == "The library" and "Beekeeper" not in set(kept)
    rows = [["Response ID", "Submitted", "1: Which channels do you use? - Web", "1: Which channels do you use? - Other", "1: Which channels do you use? - Other (please specify)", f"2: {FIRST}"],
            ["ANON-1ABC-2DEF-3", "2024-10-04 08:11:40", "", "Other", "The mobile library van", "Fix the phone lines before any app"],
            ["BHLF-1ABC-2DEG-K", "2024-10-05 08:11:40", "Web", "", "", "Let the regions decide for themselves"]]
    (tmp_path / "q.csv").write_text(as_csv(rows))
    assert read(tmp_path).kept[["question", "text"]].to_numpy().tolist() == [
        ["1: Which channels do you use? (other)", "The mobile library van"], [f"2: {FIRST}", "Fix the phone lines before any app"], [f"2: {FIRST}", "Let the regions decide for themselves"]]


def test_numbers_that_begin_at_one_in_every_form_are_not_one_person(tmp_path):
    for name in ("a", "b"):
        (tmp_path / f"{name}.csv").write_text(as_csv(forms(("anonymous",))))
    assert read(tmp_path).kept["contributor"].nunique() == 2


def test_citizen_space(tmp_path):
    rows = [["Response ID", "Submitted", "1 What is your name? - Name", "2 What is your email address? - Email", f"3 {FIRST} - Answer", "3 - Analyst notes"],
            ["ANON-1ABC-2DEF-3", "2024-10-04 08:11:40", "Somebody With A Long Name", "x@y.example", "Fix the phone lines before any app", "a note of the analyst here"],
            ["BHLF-1ABC-2DEG-K", "2024-10-05 08:11:40", "", "", "Let the regions decide for themselves", ""]]
    (tmp_path / "c.csv").write_text(as_csv(rows))
    kept = read(tmp_path).kept
    assert kept["contribution_id"].tolist() == ["ANON-1ABC-2DEF-3", "BHLF-1ABC-2DEG-K"] and kept["question"].unique().tolist() == [f"3 {FIRST} - Answer"]


def test_a_mapping_file_goes_before_the_preset_and_may_name_or_forbid_it(tmp_path):
    (tmp_path / "f.csv").write_text(as_csv(forms()))
    (tmp_path / "f.columns.yaml").write_text(f'text:\n  "{NEXT}": "What stops you?"\n')
    assert set(read(tmp_path).kept["question"]) == {"What stops you?"}
    (tmp_path / "f.columns.yaml").write_text("preset: none\n")
    with pytest.raises(InputError, match='Column "text" is missing'):
        read(tmp_path)
    (tmp_path / "f.columns.yaml").write_text("preset: survey-monkey\n")
    with pytest.raises(InputError, match='no preset "survey-monkey"; known are citizen-space, microsoft-forms, qualtrics and none'):
        read(tmp_path)
    (tmp_path / "f.columns.yaml").write_text("preset: microsoft-forms\n")
    assert len(read(tmp_path).kept) == 8


def test_an_export_without_answers_in_own_words_says_so(tmp_path):
    (tmp_path / "f.csv").write_text(as_csv([row[:8] for row in forms()]))
    ((_, problem),) = [(file.source_file, problem) for file in read_files(tmp_path).files for problem in file.problems]
    assert problem.startswith("It looks like an export of Microsoft Forms, but none of its columns reads like answers in people's own words. Column \"text\" is missing")


@pytest.mark.parametrize(("values", "free"), [
    (["Fix the phone lines first", "Let the regions decide on it"], True), (["Web;Phone;", "Phone;"], False), (["Yes", "No"], False),
    (["I agree with most of it"] * 8 + ["I agree with none of it"] * 4, False), ([], False),
    (["Talk to a person by phone;Send me a letter;", "Send me a letter every time;"], False),
    (["Talk to a person; write a letter", "write a letter; use the app at home", "use the app at home; Talk to a person", "write a letter; Talk to a person"], False),
    (["First, listen to us; then act on it", "Stop it; start again from nothing"], True),
])
def test_own_words_are_told_from_choices(values, free):
    assert surveys.in_own_words(values) is free
