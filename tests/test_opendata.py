"""Open data: valid, safe to open, and without anything that nobody allowed to publish."""

from __future__ import annotations

import json
import re
import zipfile
from xml.etree import ElementTree

import made_run
import pandas as pd
import pytest

from analysis import runs
from analysis.errors import InputError
from analysis.opendata import coding_tools, export, publishable

NS = {"q": "urn:QDA-XML:project:1.0"}
_WHO = {"creatingUser", "creationDateTime", "modifyingUser", "modifiedDateTime"}
# Of the published schema of REFI-QDA projects (18 March 2019) what concerns texts: required and other attributes, and the children in their order.
QDA = {
    "Project": ({"name"}, {"origin", "creatingUserGUID", "creationDateTime", "modifyingUserGUID", "modifiedDateTime", "basePath"},
                ["Users", "CodeBook", "Variables", "Cases", "Sources", "Notes", "Links", "Sets", "Graphs", "Description", "NoteRef"]),
    "Users": (set(), set(), ["User"]), "User": ({"guid"}, {"name", "id"}, []), "CodeBook": (set(), set(), ["Codes"]), "Codes": (set(), set(), ["Code"]),
    "Code": ({"guid", "name", "isCodable"}, {"color"}, ["Description", "NoteRef", "Code"]), "Description": (set(), set(), []),
    "Sources": (set(), set(), ["TextSource"]),
    "TextSource": ({"guid"}, {"name", "richTextPath", "plainTextPath"} | _WHO, ["Description", "PlainTextContent", "PlainTextSelection", "Coding", "NoteRef", "VariableValue"]),
    "PlainTextSelection": ({"guid", "startPosition", "endPosition"}, {"name"} | _WHO, ["Description", "Coding", "NoteRef"]),
    "Coding": ({"guid"}, {"creatingUser", "creationDateTime"}, ["CodeRef", "NoteRef"]), "CodeRef": ({"targetGUID"}, set(), []),
}
NOT_EMPTY = {"Users", "CodeBook", "Codes", "Sources", "Coding"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A made run in which posts have licences, one text names a person, and one code is abstained on."""
    folder = made_run.write(tmp_path_factory.mktemp("opendata") / "run")
    table = pd.read_parquet(folder / "contributions.parquet")
    licences = {"post": "CC BY 4.0", "bluesky": None, "survey": "CC BY-NC-ND 4.0"}
    table["licence"] = table["source"].map(licences).astype("str")
    place = table.index[table["source"] == "post"][0]
    table.loc[place, "text"] = "=1+1 Ask Mrs Lockhart, the only GP in Stromness."
    table.to_parquet(folder / "contributions.parquet", index=False)
    ledger = json.loads((folder / "ledger.json").read_text())
    ledger["contributions"]["set_aside_by_reason"]["withdrawn"] = 2
    (folder / "ledger.json").write_text(json.dumps(ledger))
    return folder


@pytest.fixture(scope="module")
def exported(folder, tmp_path_factory):
    return export(folder, tmp_path_factory.mktemp("out") / "open", permissions={"bluesky": "OGL-UK-3.0"})


def test_only_texts_with_an_open_licence_or_a_permission_are_published(folder, exported):
    table = pd.read_csv(exported.folder / "contributions.csv")
    assert set(table["source"]) == {"post", "bluesky"}
    assert set(table.loc[table["source"] == "bluesky", "licence"]) == {"OGL-UK-3.0"} and set(table.loc[table["source"] == "post", "licence"]) == {"CC BY 4.0"}
    assert not table["text"].str.contains("Lockhart").any() and exported.to_check["text"].str.contains("Lockhart").any()
    everything = b"".join(path.read_bytes() for path in exported.folder.iterdir())
    with zipfile.ZipFile(exported.folder / "project.qdpx") as archive:
        everything += b"".join(archive.read(name) for name in archive.namelist())
    assert b"Lockhart" not in everything


def test_everything_left_out_is_counted_with_its_reason(folder, exported):
    kept = runs.open_run(folder).contributions
    reasons = exported.left_out.set_index("reason")["contributions"]
    assert reasons["no open licence and no permission stated"] == (kept["source"] == "survey").sum()
    assert reasons["to be checked by eye"] == exported.to_check["contribution_id"].nunique() >= 1
    assert reasons["withdrawn"] == 2
    assert exported.published + reasons.iloc[:2].sum() == len(kept)
    assert "withdrawn | 2" in (exported.folder / "README.md").read_text()


def test_what_a_person_has_read_and_allowed_is_published(folder, tmp_path):
    first = publishable(runs.open_run(folder))
    (tmp_path / "read.csv").write_text("contribution_id,publish\n" + "".join(f"{i},yes\n" for i in set(first.to_check["contribution_id"])))
    second = publishable(runs.open_run(folder), checked=tmp_path / "read.csv")
    assert second.tables["contributions"]["text"].str.contains("Lockhart").any() and second.to_check.empty
    (tmp_path / "read.csv").write_text("id\n1\n")
    with pytest.raises(InputError, match="publish"):
        publishable(runs.open_run(folder), checked=tmp_path / "read.csv")


@pytest.mark.parametrize("licence, open_", [("CC BY 4.0", True), ("CC0", True), ("OGL v3.0", True), ("https://creativecommons.org/licenses/by-sa/4.0/", True), ("MIT", True),
                                            ("CC BY-NC 4.0", False), ("CC BY-ND", False), ("All rights reserved", False), ("", False),
                                            ("https://creativecommons.org/licenses/by-nc-sa/4.0/", False)])
def test_which_licences_allow_it(folder, licence, open_):
    run = runs.open_run(folder)
    run.__dict__["contributions"] = run.contributions.assign(licence=licence)
    assert (len(publishable(run).tables["contributions"]) > 0) is open_


def test_no_code_that_was_abstained_on_and_no_theme_of_few_people(folder, exported):
    run, coding = runs.open_run(folder), pd.read_csv(exported.folder / "coding.csv")
    assigned = run.mapping[run.mapping["assigned"]]
    assert set(zip(coding["passage_id"], coding["code"])) <= set(zip(assigned["passage_id"], assigned["code"]))
    assert len(coding) > 0
    run.__dict__["themes"] = run.themes.assign(contributors=[4] + [9] * (len(run.themes) - 1))
    few = publishable(run).tables
    assert run.themes["theme_id"].iloc[0] not in set(few["themes"]["theme_id"]) | set(few["membership"]["theme_id"]) | set(few["themes"]["parent_id"].dropna())


def test_a_theme_is_exported_with_its_distinct_messages(folder):
    run = runs.open_run(folder)
    inside = run.membership.loc[run.membership["theme_id"].fillna("").str.startswith("1."), "passage_id"]
    said = run.contributions[run.contributions["contribution_id"].isin(run.passages.loc[run.passages["passage_id"].isin(inside), "contribution_id"])]
    distinct = said["duplicate_of"].fillna(said["contribution_id"]).nunique()
    themes = publishable(run).tables["themes"].set_index("theme_id")
    assert themes.at["1", "messages"] == distinct < len(said)


def test_the_metadata_is_valid_csv_on_the_web_and_the_tables_keep_to_it(exported, monkeypatch):
    from csvw import CSVW

    monkeypatch.chdir(exported.folder)
    checked = CSVW(str(exported.folder / "csv-metadata.json"), validate=True)
    assert checked.is_valid, checked.warnings
    told = {table["url"]: [column["name"] for column in table["tableSchema"]["columns"]]
            for table in json.loads((exported.folder / "csv-metadata.json").read_text())["tables"]}
    assert told == {path.name: list(pd.read_csv(path).columns) for path in exported.folder.glob("*.csv") if path.name != "left_out.csv"}


def test_the_tables_hold_what_the_metadata_promises_down_to_the_keys(exported):
    from csvw import TableGroup

    group = TableGroup.from_file(exported.folder / "csv-metadata.json")
    group.check_referential_integrity()
    assert all(table.check_primary_key() is not False for table in group.tables if table.tableSchema.primaryKey)


def test_no_cell_of_the_workbook_is_a_formula(exported):
    from openpyxl import load_workbook

    book = load_workbook(exported.folder / "open-data.xlsx")
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str)]
    begins = [cell for cell in cells if cell.value[:1] in "=+-@"]
    assert begins, "the made run holds texts that begin like formulas"
    assert all(cell.data_type == "s" for cell in cells) and all(cell.quotePrefix for cell in begins)
    assert {"contributions", "left_out"} <= set(book.sheetnames)


def test_coding_tools_get_the_very_characters_that_were_coded(folder, exported):
    passages = runs.open_run(folder).passages.set_index("passage_id")
    with zipfile.ZipFile(exported.folder / "project.qdpx") as archive:
        project = ElementTree.fromstring(archive.read("project.qde"))
        codes = {code.get("guid") for code in project.iterfind(".//q:Code", NS)}
        seen = 0
        for source in project.iterfind(".//q:TextSource", NS):
            text = archive.read("sources/" + source.get("plainTextPath").removeprefix("internal://")).decode()
            for selection in source.iterfind("q:PlainTextSelection", NS):
                begin, end = int(selection.get("startPosition")), int(selection.get("endPosition"))
                assert text[begin:end] == passages.loc[selection.get("name"), "text"] and end - begin == len(text[begin:end])
                assert {ref.get("targetGUID") for ref in selection.iterfind(".//q:CodeRef", NS)} <= codes
                seen += 1
    assert seen > 10
    guids = [element.get("guid") for element in project.iter() if element.get("guid")]
    assert len(guids) == len(set(guids)) and all(re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", guid) for guid in guids)


@pytest.mark.parametrize("permissions", [{"bluesky": "OGL-UK-3.0"}, {}], ids=["some", "none"])
def test_the_project_keeps_to_the_published_schema(folder, permissions, tmp_path):
    run = runs.open_run(folder)
    run.__dict__["contributions"] = run.contributions.assign(licence=None)
    coding_tools.write_project(publishable(run, permissions=permissions).tables, tmp_path / "p.qdpx", made="2024-11-01T09:00:00+00:00", title="A title")
    with zipfile.ZipFile(tmp_path / "p.qdpx") as archive:
        project = ElementTree.fromstring(archive.read("project.qde"))
    assert bool(project.findall(".//q:PlainTextSelection", NS)) is bool(permissions)
    for element in project.iter():
        name = element.tag.removeprefix("{urn:QDA-XML:project:1.0}")
        required, others, order = QDA[name]
        children = [child.tag.removeprefix("{urn:QDA-XML:project:1.0}") for child in element]
        assert required <= set(element.keys()) <= required | others, name
        assert [order.index(child) for child in children] == sorted(order.index(child) for child in children), name
        assert children or name not in NOT_EMPTY, f"{name} is empty"


def test_the_records_are_filled_from_the_manifest_and_leave_the_rest_to_people(folder, exported):
    record, note = ((exported.folder / name).read_text() for name in ("atrs-record.md", "data-protection-note.md"))
    for field in ("Senior responsible owner", "Process integration", "Human decisions and review", "Appeals and review", "Model performance", "Risks and mitigations"):
        assert f"**{field}**" in record
    assert [line.partition(": ")[2] for line in record.splitlines() if line.startswith("## Tier 2")] == [
        "Owner and responsibility", "Description and rationale", "Decision making process", "Tool specification", "Risks, mitigations and impact assessments"]
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["model"]["sha256"] in record and "TO BE FILLED IN" in record
    assert "**Lawful basis**: TO BE FILLED IN" in note and "2 withdrawn so far" in note


def test_an_export_replaces_an_export_but_nothing_else(folder, exported, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("mine")
    with pytest.raises(InputError, match="no earlier export"):
        export(folder, tmp_path / "mine")
    assert (tmp_path / "mine" / "thesis.txt").read_text() == "mine"
    (exported.folder / "left-over.csv").write_text("x")
    again = export(folder, exported.folder, permissions={"bluesky": "OGL-UK-3.0"})
    assert not (again.folder / "left-over.csv").exists()
    with pytest.raises(InputError, match="no source or file called 'twitter'"):
        export(folder, exported.folder, permissions={"twitter": "CC0"})


def test_names_and_keywords_of_themes_are_words_of_published_texts(folder, tmp_path):
    themes = pd.read_parquet(folder / "themes.parquet")
    published = publishable(runs.open_run(folder), permissions={"bluesky": "OGL-UK-3.0"}).tables["contributions"]["text"]
    word = next(w for text in published for w in text.split() if w.isalpha() and len(w) > 5)
    changed = themes.assign(name=[f"{word} and Lockhart clinic (mostly one campaign)", "Lockhart clinic", "Only GP", *themes["name"][3:]], keywords=f"Lockhart, {word}")
    run = runs.open_run(folder)
    run.__dict__["themes"] = changed
    shown = publishable(run, permissions={"bluesky": "OGL-UK-3.0"}).tables["themes"]
    assert not (shown["name"] + shown["keywords"]).str.contains("Lockhart").any() and shown["name"].is_unique
    assert f"{word[0].upper()}{word[1:]} (mostly one campaign)" in set(shown["name"]) and set(shown["keywords"]) == {word}
    assert "only those words are given that stand in a text that is published" in " ".join((export(folder, tmp_path / "o").folder / "README.md").read_text().split())


def test_themes_by_questions_and_barriers_are_published_without_small_cells(folder, exported):
    table = pd.read_csv(exported.folder / "theme_codes.csv", keep_default_na=False, dtype={"theme_id": str})
    assert len(table) and (table["people"] >= 5).all()
    assert set(table["theme_id"]) <= set(pd.read_csv(exported.folder / "themes.csv", dtype=str)["theme_id"])
