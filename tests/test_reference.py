"""Who was heard, who was to be expected, and what nobody can know: numbers worked out by hand."""

from __future__ import annotations

import json

import made_run
import pandas as pd
import pytest

from analysis import reference, runs
from analysis.contributions import read
from analysis.errors import InputError
from analysis.findings import missing as findings


def write_survey(folder, count=40):
    """Forty people: 30 from England, 4 from Wales, 6 who do not say; the first writes twice."""
    nations = ["England"] * 29 + ["england "] + ["Wales"] * 4 + [""] * (count - 34)
    rows = [{"id": f"{n}", "author": f"p{n}", "Nation": nations[n], "Job role": "x" * 5 + str(n), "text": f"A thought about services, number {n}"} for n in range(count)]
    rows.append({**rows[0], "id": "again", "text": "Another thought of the first"})
    folder.mkdir(parents=True, exist_ok=True)
    pd.DataFrame(rows).to_csv(folder / "survey.csv", index=False)
    (folder / "post.md").write_text("---\nid: post\nauthor: blogger\n---\nA post says nothing of where its author lives.\n")
    return folder


def test_people_are_counted_once_and_the_silent_are_counted_too(tmp_path):
    said = read(write_survey(tmp_path / "raw")).settings["stated"]
    assert said == {"nation": {"groups": {"England": 30, "Wales": 4}, "not_stated": 7, "asked_in": ["table"]}}, "free words, such as 40 different roles, are not taken over"


REFERENCE = "attribute,group,expected_share,source\nnation,England,0.84,Census 2021\nnation,Wales,0.05,Census 2021\nnation,Scotland,0.30,made up\n"


@pytest.fixture
def run(tmp_path):
    folder = made_run.write(tmp_path / "run", contributions=64, contributors=False)
    (tmp_path / "reference.csv").write_text(REFERENCE)
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["settings"]["reading"] = {"stated": {"nation": {"groups": {"England": 30, "Wales": 4}, "not_stated": 2}}}
    manifest["reference"] = reference.load_reference(tmp_path / "reference.csv")
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return runs.open_run(folder)


def test_heard_stands_against_expected_with_an_interval(run):
    said = str(findings.against_reference(run))
    # 30 of 34: 88 %, Wilson 73 to 95 %, which holds 84 %; Scotland: 0 of 34 is at most 10 %, and 30 % were expected.
    england, scotland = (said[said.index(f"<th scope='row'>{name}"):].split("</tr>")[0] for name in ("England", "Scotland"))
    assert "30 people" in england and "88% (30 of 34; 95% interval 73% to 95%)" in england and "84%" in england and "as expected" in england
    assert "no people" in scotland and "fewer than expected" in scotland


def test_no_group_of_fewer_than_five_people_can_be_counted(run):
    said = str(findings.against_reference(run))
    wales = said[said.index("<th scope='row'>Wales"):].split("</tr>")[0]
    assert "fewer than 5 people" in wales and "too few to say" in wales and "12%" not in wales


def test_of_fewer_than_thirty_who_said_so_no_share_is_given(run):
    run.manifest["settings"]["reading"]["stated"]["nation"]["groups"] = {"England": 24, "Wales": 5}
    said = str(findings.against_reference(run))
    england = said[said.index("<th scope='row'>England"):].split("</tr>")[0]
    assert "24 people" in england and "too few to say" in england and "83%" not in england and "expected" not in england.split("Census")[1]


def test_a_group_is_the_one_of_the_reference_whatever_its_spelling(run):
    run.manifest["settings"]["reading"]["stated"]["nation"]["groups"] = {"ENGLAND ": 30, "Wales": 5}
    said = str(findings.against_reference(run))
    assert said.count("<th scope='row'>E") == 1 and "84%" in said[said.index("<th scope='row'>ENGLAND"):].split("</tr>")[0]


def test_how_many_did_not_say_is_counted_from_everybody_heard(run):
    # 64 contributions without names are 64 people, of whom 34 said.
    assert "30 people did not say their nation" in str(findings.against_reference(run))


def test_a_group_that_holds_a_personal_detail_is_redacted(tmp_path):
    kept = pd.DataFrame({"contribution_id": ["1", "2"], "contributor": ["a", "b"], "source_file": "s.csv", "row": [2, 3]})
    kept["source"] = "survey"
    said = reference.stated(reference.answered({"s.csv": pd.DataFrame({"sector": ["charity, ada@x.example", "charity"]}, index=[2, 3])}, kept), kept)
    assert said["sector"]["groups"] == {"charity": 1, "charity, [email removed]": 1}


def test_what_cannot_be_known_is_said(run, tmp_path):
    said = str(findings.against_reference(run))
    assert "No source asks for sector, size of organisation or role" in said and "did not say their nation" in said
    nothing = str(findings.against_reference(runs.open_run(made_run.write(tmp_path / "other"))))
    assert "No source asks for sector, nation, size of organisation or role" in nothing and "No reference table was given" in nothing


def test_user_groups_spoken_about_are_not_taken_for_speaking(run):
    said = str(findings.about_and_speaking(run))
    intermediaries = said[said.index("<th scope='row'>Intermediaries"):].split("</tr>")[0]
    expected = run.mapping[run.mapping["assigned"] & (run.mapping["code"] == "intermediaries")]["contribution_id"]
    spoken = run.contributions[run.contributions["contribution_id"].isin(expected)]
    assert f"{spoken['duplicate_of'].isna().sum()} distinct messages" in intermediaries
    assert "Whether anybody in these groups spoke for themselves cannot be known: no source asks for people’s roles." in said
    assert "Speaking, by their own word" not in said, "no empty column where nobody asked"
    run.manifest["settings"]["reading"]["stated"]["role"] = {"groups": {"intermediaries": 7}, "not_stated": 3}
    assert "<td>7 people</td>" in str(findings.about_and_speaking(run))


@pytest.mark.parametrize("content, fault", [
    ("group,share\na,1\n", "Columns attribute, group, expected_share, source are expected"),
    ("attribute,group,expected_share,source\nheight,tall,0.5,x\n", "Row 2: attribute 'height' is none of sector"),
    ("attribute,group,expected_share,source\nnation,Wales,5%,x\n", "Row 2: expected_share '5%' is no share"),
    ("attribute,group,expected_share,source\nnation,Wales,0.05,\n", "Row 2: a group and the source"),
])
def test_a_faulty_reference_table_is_named_with_its_rows(tmp_path, content, fault):
    (tmp_path / "reference.csv").write_text(content)
    with pytest.raises(InputError, match=fault):
        reference.load_reference(tmp_path / "reference.csv")


def test_the_template_is_a_reference_table_and_no_contribution(root, tmp_path):
    template = root / "data" / "raw" / "reference.template.csv"
    assert {row["attribute"] for row in reference.load_reference(template)} == set(reference.ATTRIBUTES)
    raw = write_survey(tmp_path / "raw")
    (raw / "reference.template.csv").write_bytes(template.read_bytes())
    assert "reference.template.csv" in set(read(raw).not_read["file"])


def test_a_single_small_group_cannot_be_had_by_subtraction_and_nothing_is_said_of_expectations_that_nobody_gave(run):
    run.manifest["reference"] = []
    run.manifest["settings"]["reading"]["stated"] = {"sector": {"groups": {"NHS": 30, "Charity": 6, "Academic": 2}, "not_stated": 2}}
    said = str(findings.against_reference(run))
    assert "Charity, or Academic" in said and "8 people" in said and "fewer than 5 people" not in said and "Expected" not in said
    run.manifest["settings"]["reading"]["stated"] = {"sector": {"groups": {"NHS": 30, "Charity": 3, "Academic": 2}, "not_stated": 2}}
    assert str(findings.against_reference(run)).count("fewer than 5 people") == 2, "of two small groups neither follows from the other"


def crossed(groups: dict[str, int], naming: dict[str, int]) -> dict:
    """What is counted where so many people of each group answered, and so many of them named procurement."""
    people = [(group, f"{group}{n}", n < naming.get(group, 0)) for group, count in groups.items() for n in range(count)]
    kept = pd.DataFrame({"contribution_id": [one for _, one, _ in people], "contributor": [one for _, one, _ in people], "source": "survey"})
    answers = pd.DataFrame({"attribute": "sector", "person": [one for _, one, _ in people], "group": [group for group, _, _ in people]})
    mapping = pd.DataFrame({"contribution_id": [one for _, one, _ in people], "dimension": "barriers", "code": "procurement", "assigned": [named for *_, named in people]})
    return reference.by_code(answers, kept, mapping).get("sector", {}).get("barriers:procurement", {})


def test_groups_are_counted_at_a_code_by_people_and_never_under_five():
    assert crossed({"NHS": 9, "Charity": 6, "Council": 8}, {"NHS": 7, "Charity": 5, "Council": 4}) == {"NHS": 7}, "Council's 4 follow from the sum unless another is hidden too"
    assert crossed({"NHS": 9, "Charity": 6, "Council": 8, "Other": 3}, {"NHS": 7, "Charity": 5, "Council": 4, "Other": 1}) == {"NHS": 7, "Charity": 5}
    assert crossed({"NHS": 9, "Charity": 6}, {"NHS": 7, "Charity": 5}) == {"NHS": 7, "Charity": 5}, "nothing is hidden, so nothing follows"
    assert crossed({"NHS": 4}, {"NHS": 4}) == {}


def test_who_spoke_to_a_code_is_said_by_group_with_who_was_not_asked(run):
    run.manifest["settings"]["reading"]["stated"] = {"sector": {"groups": {"NHS": 30, "Charity": 12}, "not_stated": 2, "asked_in": ["survey"],
                                                                "by_code": {"barriers:procurement": {"NHS": 7}}}}
    said = str(findings.by_group(run, {"dimension": "barriers", "code": "procurement"}))
    assert "By sector, asked in the survey and not on Bluesky or in blog posts: NHS (7 of the 30 heard); of the other groups too few to show." in said
    assert "fewer than 5 people of each" in str(findings.by_group(run, {"dimension": "barriers", "code": "comms"}))
    run.manifest["settings"]["reading"]["stated"]["sector"]["groups"] = {"NHS": 8, "Academic": 3}
    assert "NHS (7 people);" in str(findings.by_group(run, {"dimension": "barriers", "code": "procurement"})), "8 is told nowhere: Academic would be what is missing from the sum"


def test_a_run_of_an_earlier_version_says_nothing_by_group(run):
    assert str(findings.by_group(run, {"dimension": "barriers", "code": "procurement"})) == ""
