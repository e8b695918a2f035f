"""One reader per kind of source: what a person's file holds arrives whole and under its own names."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.contributions import read
from analysis.errors import InputError
from analysis.sources import bluesky, json_files, read_files, workbooks
from analysis.sources.source_file import UnreadableFile


def only(raw: Path, **options):
    """The one file under ``raw``, which must be readable."""
    sources = read_files(raw, **options)
    assert not sources.unreadable and not sources.problems
    (file,) = sources.files
    return file


def write(path: Path, content: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


# ------------------------------------------------------------------ tables


def test_cells_are_text_and_stay_as_they_are_written(tmp_path):
    file = only(write(tmp_path / "a.csv", "id,text,n\n007,NA,1.0\n008,None,\n009,null,TRUE\n"))
    assert file.rows["id"].tolist() == ["007", "008", "009"]
    assert file.rows["text"].tolist() == ["NA", "None", "null"]
    assert file.rows["n"].tolist() == ["1.0", "", "TRUE"]
    assert file.rows.index.tolist() == [2, 3, 4]


@pytest.mark.parametrize(("encoding", "read_as"), [("utf-8", "utf-8"), ("utf-8-sig", "utf-8"), ("utf-16", "utf-16"),
                                                   ("utf-16-le", "utf-16-le"), ("cp1252", "cp1252")])
def test_encodings_of_windows_programs(tmp_path, encoding, read_as):
    text = "id,text\n1,“It’s naïve” – £5 for a café?\n2,Plain words for the rest of it\n"
    file = only(write(tmp_path / "a.csv", text.encode(encoding)))
    assert file.rows["text"][2] == "“It’s naïve” – £5 for a café?"
    assert file.notes["encoding"] == read_as


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_delimiters_are_found_out(tmp_path, delimiter):
    rows = [["id", "text", "author"], ["1", '"One, two; three"', "Ada"], ["2", "Four", "Bea"]]
    file = only(write(tmp_path / "a.csv", "\n".join(delimiter.join(row) for row in rows)))
    assert file.rows["text"].tolist() == ["One, two; three", "Four"]


def test_a_list_of_statements_under_one_heading_needs_no_quotes(tmp_path):
    file = only(write(tmp_path / "a.csv", "text\nFirst, listen\nThen; act\n"))
    assert file.rows["text"].tolist() == ["First, listen", "Then; act"]


def test_a_cell_may_hold_lines_and_the_row_is_counted_as_in_a_spreadsheet(tmp_path):
    file = only(write(tmp_path / "a.csv", 'id,text\n1,"a\nb\n\nc"\n2,d\n'))
    assert file.rows["text"].to_dict() == {2: "a\nb\n\nc", 3: "d"}


def test_rows_that_do_not_fit_the_header_are_named_not_bent(tmp_path):
    file = only(write(tmp_path / "a.csv", "id,text,author\n1,good,Ada\n2,too,many,cells\n3,few\n4,padded,Bea,,\n"))
    assert file.reasons.to_dict() == {2: None, 3: "4 cells where the header has 3", 4: "2 cells where the header has 3", 5: None}


def test_a_quotation_mark_left_open_costs_one_row(tmp_path):
    for last in ('4,"closed"', "4,closed"):
        file = only(write(tmp_path / "a.csv", f'id,text\n1,good\n2,"open\n3,good too\n{last}\n'))
        assert file.reasons.to_dict() == {2: None, 3: "a quotation mark is not closed, or one within the text is not doubled", 4: None, 5: None}
        assert file.rows["text"].tolist() == ["good", "", "good too", "closed"]


def test_quotation_marks_within_a_text_need_not_be_doubled(tmp_path):
    file = only(write(tmp_path / "a.csv", 'id,text\n1,"They said "soon" to me"\n2,good\n'))
    assert file.reasons.isna().all() and "soon" in file.rows["text"][2] and file.rows["text"][3] == "good"


def test_json_lines_go_on_after_a_broken_one(tmp_path):
    lines = ['{"id": 1, "text": "One"}', '{"id": 2, "text": ', "[1]", '{"text": "Four", "more": {"a": [1]}}', ""]
    file = only(write(tmp_path / "a.jsonl", "\n".join(lines)))
    assert file.rows["text"].tolist() == ["One", "", "", "Four"]
    assert file.rows["id"][1] == "1"
    assert file.rows["more"][4] == '{"a": ["1"]}'
    assert file.reasons[2].startswith("not valid JSON: it breaks off") and file.reasons[3] == "not a JSON object"


def workbook(path: Path, rows: list[list], *, more: dict[str, list[list]] | None = None) -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for title, content in (more or {}).items():
        sheet = book.create_sheet(title)
        for row in content:
            sheet.append(row)
    book.save(path)
    return path


def test_workbooks_are_read_as_they_look(tmp_path):
    path = workbook(tmp_path / "a.xlsx", [["id", "text", "n"], ["007", "One", 7.0], [None, None, None], [8, "Two", True]], more={"Notes": [["x"]]})
    book = openpyxl.load_workbook(path)
    book.active["A4"].number_format = "000"
    book.save(path)
    file = only(path)
    assert file.rows["id"].to_dict() == {2: "007", 4: "008"}
    assert file.rows["n"].to_dict() == {2: "7", 4: "True"}
    assert file.notes["sheets_not_read"] == "Notes"
    assert only(path.rename(tmp_path / "misnamed.csv")).rows["text"].tolist() == ["One", "Two"]


def test_a_workbook_that_would_fill_the_machine_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 20_000_000)
    ((_, problem),) = read_files(path).unreadable
    assert "more than 200 times its size" in problem
    monkeypatch.setattr(workbooks, "MAX_UNPACKED", 1_000_000)
    assert "would unpack to" in read_files(path).unreadable[0][1]


# ------------------------------------------------------------------ columns


def test_usual_names_in_any_spelling(tmp_path):
    file = only(write(tmp_path / "a.csv", "ID,Text,Created At,Author\n1,a,,x\n"))
    assert (file.columns.id, list(file.columns.text), file.columns.created_at, file.columns.author) == ("ID", ["Text"], "Created At", "Author")


def test_a_mapping_file_beside_the_table(tmp_path):
    write(tmp_path / "s.csv", "R,Q1,Q2,Status\nR,First?,Second?,Status\n1,a,b,ok\n2,c,,Survey Preview\n")
    write(tmp_path / "s.columns.yaml", "id: R\nheader_rows: 1\ntext:\n  Q1: What first?\n  Q2:\ndrop:\n  Status: [Survey Preview]\n")
    file = only(tmp_path)
    assert file.source == "survey"
    assert file.columns.text == {"Q1": "What first?", "Q2": "Second?"}
    assert file.reasons.tolist() == ["header row of the survey tool", None, None]
    assert file.columns.drop == {"Status": ("Survey Preview",)}
    assert "s.columns.yaml" in read_files(tmp_path).paths


def test_qualtrics_header_rows_are_known_without_being_told(tmp_path):
    write(tmp_path / "q.csv", 'ResponseId,Q1\nResponse ID,What first?\n"{""ImportId"":""_recordId""}","{""ImportId"":""QID1""}"\nR_1,Roads\n')
    file = only(tmp_path, columns=["text=Q1", "id=ResponseId"])
    assert file.reasons.tolist() == ["header row of the survey tool"] * 2 + [None]
    assert file.columns.text == {"Q1": "What first?"}


@pytest.mark.parametrize(("content", "said"), [
    ("txt: a\n", 'has the key "txt"; known keys are text, id'),
    ("text: [a\n", "is not valid YAML at line"),
    ("just words\n", "holds no mapping"),
    ("header_rows: two\n", "a whole number is expected"),
    ("text: Q9\n", 'not in the table: "Q9"; found: id, text'),
])
def test_a_wrong_mapping_file_says_what_is_wrong(tmp_path, content, said):
    write(tmp_path / "a.csv", "id,text\n1,a\n")
    write(tmp_path / "a.columns.yaml", content)
    sources = read_files(tmp_path)
    problems = [problem for _, problem in sources.unreadable] + [problem for file in sources.files for problem in file.problems]
    assert any(said in problem for problem in problems), problems


def test_options_name_what_they_do_not_find(tmp_path):
    write(tmp_path / "a.csv", "id,text\n1,a\n")
    sources = read_files(tmp_path, columns=["author=who", "colour=red", "text"])
    assert sources.problems == (
        "--column text is not understood: write it as KEY=COLUMN, for example --column text=comment.",
        '--column colour=red: there is no "colour" to map; choose from text, id, author, created_at, url, lang, question, source, parent_id, licence.',
        'No table has the column "who" of --column author=who; a.csv has id, text.')


def test_options_apply_to_the_tables_that_have_the_column(tmp_path):
    write(tmp_path / "a.csv", "id,comment\n1,a\n")
    write(tmp_path / "b.csv", "id,text\n1,a\n")
    sources = read_files(tmp_path, columns={"text": "comment"})
    assert [list(file.columns.text) for file in sources.files] == [["comment"], ["text"]]


# ------------------------------------------------------------------ Bluesky


def post(key: str, text: str = "words", *, did: str = "did:plc:a", **more) -> dict:
    return {"uri": f"at://{did}/app.bsky.feed.post/{key}", "author": {"did": did, "handle": "secret.handle", "labels": more.pop("labels", [])},
            "record": {"$type": "app.bsky.feed.post", "text": text, "createdAt": "2024-10-01T09:00:00Z", "langs": ["cy", "en"], **more.pop("record", {})},
            "indexedAt": "2024-10-01T09:00:01Z", **more}


def node(content: dict, *replies) -> dict:
    return {"$type": "app.bsky.feed.defs#threadViewPost", "post": content, "replies": list(replies)}


def thread(path: Path, top: dict) -> Path:
    return write(path, json.dumps({"thread": top}))


def test_a_thread_is_read_from_top_to_bottom(tmp_path):
    reply = post("2", "reply 🧵", record={"reply": {"parent": {"uri": "at://did:plc:a/app.bsky.feed.post/1"}}},
                 embed={"images": [{"alt": "a board"}]})
    linked = post("3", "", embed={"external": {"title": "A page", "uri": "https://x.example"}})
    rows = only(thread(tmp_path / "t.json", node(post("1"), node(reply, node(linked)), node(post("4"))))).rows
    assert rows["id"].str[-1].tolist() == ["1", "2", "3", "4"]
    assert rows["text"].tolist() == ["words", "reply 🧵", "", "words"]
    assert rows.loc[2, "url"] == "https://bsky.app/profile/did:plc:a/post/2"
    assert rows.loc[2, "parent_id"].endswith("/1") and rows.loc[2, "lang"] == "cy" and rows.loc[2, "author"] == "did:plc:a"
    assert rows["context"].tolist() == ["", "a board", "A page", ""]
    assert "secret.handle" not in rows.to_csv()


def test_what_may_not_be_shown_is_set_aside_without_its_words(tmp_path):
    hidden = post("2", "not for everybody", did="did:plc:b", labels=[{"val": "!no-unauthenticated"}])
    gone = {"$type": "app.bsky.feed.defs#notFoundPost", "uri": "at://did:plc:c/app.bsky.feed.post/3", "notFound": True}
    blocked = {"$type": "app.bsky.feed.defs#blockedPost", "uri": "at://did:plc:d/app.bsky.feed.post/4", "blocked": True, "author": {"did": "did:plc:d"}}
    strange = {"$type": "app.bsky.feed.defs#futurePost", "uri": "at://x"}
    file = only(thread(tmp_path / "t.json", node(post("1"), node(hidden), gone, blocked, strange)))
    assert file.reasons.tolist() == [None, bluesky.SIGNED_IN_ONLY, "deleted", "blocked",
                                     'unknown kind of entry "app.bsky.feed.defs#futurePost"']
    assert "not for everybody" not in file.rows.to_csv()


def test_a_post_that_is_only_quoted_is_counted_but_not_part_of_the_discussion(tmp_path):
    view = {"uri": "at://did:plc:q/app.bsky.feed.post/9", "author": {"did": "did:plc:q"}, "value": {"$type": "app.bsky.feed.post", "text": "elsewhere"}}
    inside = {"uri": "at://did:plc:a/app.bsky.feed.post/1", "author": {"did": "did:plc:a"}, "value": {"$type": "app.bsky.feed.post", "text": "words"}}
    replies = [post("2", embed={"record": view}), post("3", embed={"record": {"record": view}, "media": {}}), post("4", embed={"record": inside})]
    file = only(thread(tmp_path / "t.json", node(post("1"), *map(node, replies))))
    assert len(file.rows) == 5
    assert file.reasons.iloc[-1] == bluesky.ONLY_QUOTED and "elsewhere" not in file.rows.to_csv()


def test_a_thread_a_thousand_replies_deep(tmp_path):
    top = "".join(f'{{"post": {json.dumps(post(str(n)))}, "replies": [' for n in range(3_000)) + "]}" * 3_000
    rows = only(write(tmp_path / "t.json", f'{{"thread": {top}}}')).rows
    assert len(rows) == 3_000 and rows["id"].iloc[-1].endswith("/2999")


def test_posts_above_a_thread_a_bare_list_and_a_list_of_posts(tmp_path):
    above = node(post("2")) | {"parent": node(post("1"))}
    assert only(thread(tmp_path / "t.json", above)).rows["id"].str[-1].tolist() == ["1", "2"]
    assert len(only(write(tmp_path / "l.json", json.dumps([post("1"), post("2")]))).rows if not (tmp_path / "t.json").unlink() else []) == 2
    (tmp_path / "l.json").unlink()
    assert len(only(write(tmp_path / "p.json", json.dumps({"posts": [post("1")]}))).rows) == 1


def test_a_clock_that_runs_ahead_gives_way_to_the_network(tmp_path):
    row = only(thread(tmp_path / "t.json", node(post("1", record={"createdAt": "2031-01-01T00:00:00Z"})))).rows.iloc[0]
    assert row["created_at"] == "2024-10-01T09:00:01Z"


VALUES = st.recursive(st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
                      lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))


@given(VALUES, st.sampled_from([None, 1]))
def test_the_reader_of_deep_json_agrees_with_the_usual_one(value, indent):
    assert json_files._deep(json.dumps(value, indent=indent)) == value


@given(st.text(alphabet='{}[]",: 01ae\\n', max_size=20))
def test_the_reader_of_deep_json_refuses_what_the_usual_one_refuses(text):
    try:
        expected = json.loads(text)
    except json.JSONDecodeError:
        with pytest.raises(json.JSONDecodeError):
            json_files._deep(text)
    else:
        assert json_files._deep(text) == expected


def test_json_without_end_is_refused():
    with pytest.raises(UnreadableFile, match="nested more than"):
        json_files.loads("[" * 50_000 + "]" * 50_000)


# ------------------------------------------------------------------ posts and pages


def test_a_post_keeps_its_words_as_they_are(tmp_path):
    file = only(write(tmp_path / "p.md", "---\nid: 007\ntitle: \"On: drains\"\nauthor: [Ada, Bea]\ndate: 2024-10-08\nlicence: MIT\n---\n\nSome *words*.\n\n---\n\nMore.\n"))
    row = file.rows.iloc[0]
    assert row["text"] == "Some *words*.\n\n---\n\nMore."
    assert (row["id"], row["title"], row["author"], row["created_at"], row["licence"]) == ("007", "On: drains", "Ada; Bea", "2024-10-08", "MIT")


def test_a_post_without_front_matter_is_all_words(tmp_path):
    assert only(write(tmp_path / "p.md", "# Heading\n\nWords\n")).rows["text"].tolist() == ["# Heading\n\nWords"]


def test_the_main_text_of_a_saved_page(tmp_path):
    words = "Buying software takes eighteen months here, and the same three suppliers win each time we try. "
    page = ("<!doctype html><html lang='en'><head><meta charset='utf-8'><title>On buying</title><meta name='author' content='Ada Quill'>"
            "<meta property='article:published_time' content='2024-10-08'><link rel='canonical' href='https://ada.example/buying'></head>"
            f"<body><nav><a href='/'>Home</a> <a href='/about'>About</a></nav><article><h1>On buying</h1><p>{words * 3}</p><p>{words * 2}</p></article>"
            "<footer>Cookies and things</footer></body></html>")
    row = only(write(tmp_path / "p.html", page)).rows.iloc[0]
    assert words.strip() in row["text"] and "Cookies" not in row["text"]
    assert (row["title"], row["author"], row["created_at"], row["url"]) == ("On buying", "Ada Quill", "2024-10-08", "https://ada.example/buying")


# ------------------------------------------------------------------ files


def test_what_is_not_read_is_named_with_the_reason(tmp_path):
    raw = tmp_path / "raw"
    write(raw / "a.csv", "id,text\n1,a\n")
    for name in ("README.md", ".DS_Store", "b.pdf", "old.xls", "withdrawn.csv", "x.columns.yaml", "LICENSE"):
        write(raw / name, "something")
    write(raw / "empty.csv", "")
    write(raw / ".git" / "config.csv", "id,text\n")
    write(tmp_path / "outside.csv", "id,text\n1,not ours\n")
    (raw / "out.csv").symlink_to(tmp_path / "outside.csv")
    (raw / "in.csv").symlink_to(raw / "a.csv")
    (raw / "nowhere.csv").symlink_to(raw / "gone.csv")
    (raw / "folder").symlink_to(tmp_path, target_is_directory=True)
    sources = read_files(raw)
    assert [file.source_file for file in sources.files] == ["a.csv"]
    reasons = dict(sources.not_read)
    assert reasons["out.csv"] == "a link that leads out of the folder" == reasons["folder/"]
    assert reasons["in.csv"] == "a link within the folder" and reasons["nowhere.csv"] == "a link that leads nowhere"
    assert reasons["empty.csv"] == "empty" and reasons[".git/"] == "hidden" == reasons[".DS_Store"]
    assert reasons["old.xls"].startswith("a spreadsheet of another kind") and "not a kind that is read" in reasons["b.pdf"]
    assert reasons["withdrawn.csv"] == "list of withdrawals" and reasons["README.md"] == "about the data rather than data" == reasons["LICENSE"]
    assert "no table of that name" in reasons["x.columns.yaml"]


def test_files_are_read_in_one_order_whatever_the_folder_says(tmp_path):
    for name in ("b/1.csv", "a.csv", "B.csv", "b.csv"):
        write(tmp_path / name, "id,text\n1,a\n")
    assert [file.source_file for file in read_files(tmp_path).files] == ["B.csv", "a.csv", "b.csv", "b/1.csv"]


def test_a_file_of_more_than_a_gigabyte_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("analysis.sources.files.MAX_BYTES", 10)
    ((_, problem),) = read_files(write(tmp_path / "a.csv", "id,text\n1,hello\n")).unreadable
    assert "Split it into several files" in problem


def test_nothing_to_read_says_what_was_there(tmp_path):
    with pytest.raises(InputError, match=r"No contributions were found in it; readable files are .csv"):
        read_files(tmp_path)
    write(tmp_path / "a.pdf", "x")
    with pytest.raises(InputError, match=r"Not read: a.pdf \(not a kind"):
        read_files(tmp_path)
    with pytest.raises(InputError, match="no such file or folder"):
        read_files(tmp_path / "nowhere")


def test_a_notice_beside_the_data_is_told_to_every_reader_and_is_no_contribution(tmp_path):
    (tmp_path / "a.csv").write_text("id,text\n1,buying takes too long\n")
    (tmp_path / "NOTICE.md").write_text("These answers are <b>invented</b>.\n\nNobody wrote them.\n")
    for raw in (tmp_path, tmp_path / "a.csv"):
        found = read(raw)
        assert found.settings["notices"] == [{"file": "NOTICE.md", "text": "These answers are <b>invented</b>. Nobody wrote them."}]
        assert len(found.kept) == 1 and "NOTICE.md" in set(found.inputs["file"]) and not len(found.not_read)
    (tmp_path / "NOTICE.md").write_text("x" * 601)
    with pytest.raises(InputError, match="NOTICE.md: The notice has 601 characters; at most 600 are shown above every page"):
        read(tmp_path)


def test_a_mapping_file_names_the_columns_about_the_person(tmp_path):
    (tmp_path / "a.csv").write_text("who,Organisation type,text\np1,Charity,buying takes too long\np1,Charity,teams need money\np2,NHS,nobody owns the service\n")
    (tmp_path / "a.columns.yaml").write_text("author: who\nsector: Organisation type\n")
    assert read(tmp_path).settings["stated"]["sector"] == {"groups": {"Charity": 1, "NHS": 1}, "not_stated": 0, "asked_in": ["table"]}
    (tmp_path / "a.columns.yaml").write_text("author: who\nsector: Organization kind\n")
    with pytest.raises(InputError, match='a column that is not in the table: "Organization kind"'):
        read(tmp_path)


def test_a_row_of_a_table_may_state_its_licence(tmp_path):
    (tmp_path / "a.csv").write_text("text,license\nbuying takes too long,CC BY 4.0\nteams need money,\n")
    assert dict(zip(read(tmp_path).kept["text"], read(tmp_path).kept["licence"].fillna("none"))) == {"buying takes too long": "CC BY 4.0", "teams need money": "none"}


def test_a_flat_thread_as_the_newer_method_returns_it(tmp_path):
    v2 = "app.bsky.unspecced.getPostThreadV2"

    def post(key, **more):
        return {"uri": f"at://did:plc:a/app.bsky.feed.post/{key}", "cid": "c", "author": {"did": "did:plc:a"}, "indexedAt": "2024-10-01T09:00:00Z",
                "record": {"$type": "app.bsky.feed.post", "text": f"words of {key}", "createdAt": "2024-10-01T09:00:00Z", **more}}

    def item(key, depth, kind, **value):
        return {"uri": f"at://did:plc:a/app.bsky.feed.post/{key}", "depth": depth, "value": {"$type": f"{v2}#{kind}", **value}}
    rest = {"hasReplies": False, "isHidden": False, "isMuted": False, "isOPThread": True}
    (tmp_path / "flat.json").write_text(json.dumps({"thread": [
        item("top", 0, "threadItemPost", post=post("top"), **rest),
        item("one", 1, "threadItemPost", post=post("one", reply={"parent": {"uri": "at://did:plc:a/app.bsky.feed.post/top"}}), **rest),
        item("shy", 1, "threadItemNoUnauthenticated"), item("gone", 1, "threadItemNotFound"), item("wall", 2, "threadItemBlocked", author={"did": "did:plc:b"})]}))
    result = read(tmp_path)
    assert result.kept["text"].tolist() == ["words of one", "words of top"] and result.kept["parent_id"].dropna().tolist() == ["at://did:plc:a/app.bsky.feed.post/top"]
    assert result.set_aside.set_index("contribution_id")["reason"].rename(lambda uri: uri.rpartition("/")[2]).to_dict() == {
        "shy": "the author asked not to be shown to people who are not signed in", "gone": "deleted", "wall": "blocked"}
