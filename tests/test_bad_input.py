"""Bad input is told in words, all of it at once, and costs no good row."""

from __future__ import annotations

import csv
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis.contributions import read
from analysis.errors import InputError, ReckonsError
from analysis.sources import read_files, records


@pytest.fixture(autouse=True)
def key(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("RECKONS_KEY_FILE", str(tmp_path_factory.mktemp("key") / "key"))


def refusal(raw, **options) -> str:
    with pytest.raises(InputError) as caught:
        read(raw, **options)
    return str(caught.value)


def test_an_empty_folder(tmp_path):
    assert refusal(tmp_path) == (f"{tmp_path}: No contributions were found in it; readable files are .csv, .tsv, .xlsx, .jsonl, "
                                 ".json (Bluesky), .md, .html, .rss, .atom and .xml (feeds). Nothing was written.")


def test_a_missing_text_column_is_named_with_the_faulty_rows(tmp_path):
    path = tmp_path / "replies.csv"
    path.write_text("id,comment,created_at\n1,Long enough to be the text,2024-10-01\n2,Other,31/02/2025\n")
    assert refusal(path) == ('replies.csv has 2 problems.\n- Column "text" is missing; found: id, comment, created_at. Map it with --column text=comment.\n'
                             '- Row 3: created_at "31/02/2025" is not a date.\nNothing was written.')


def test_a_column_named_wrongly_is_named_as_it_was_written(tmp_path):
    (tmp_path / "replies.csv").write_text("id,comment\n1,Some words\n")
    assert refusal(tmp_path / "replies.csv", columns=["text=coment"]) == (
        'replies.csv: Column "coment" is missing; found: id, comment. Map it with --column text=comment. Nothing was written.')


def test_faults_of_several_files_are_told_together(tmp_path):
    (tmp_path / "a.json").write_text('{"thread": {\n  "post": }')
    (tmp_path / "b.csv").write_text("id,comment\n1,Some words\n")
    (tmp_path / "c.xlsx").write_text("no workbook")
    (tmp_path / "d.csv").write_text("id,text\n1,Good words\n")
    said = refusal(tmp_path)
    assert said.startswith(f"{tmp_path} has 3 problems.\n- a.json: It is not valid JSON: a value is missing at line 2, column 11.")
    assert 'b.csv: Column "text" is missing' in said and "c.xlsx: It is not an Excel workbook" in said and "d.csv" not in said


@pytest.mark.parametrize(("content", "said"), [
    ('{"thread": {"post": ', "it breaks off at line 1, column 21, as if it had not been saved or downloaded completely."),
    ('{"thread": {} ]', "a comma is missing at line 1, column 15"),
    ('{"name": "a package", "version": 1}', 'no Bluesky discussion: "thread" or "posts" is expected; found: name, version.'),
    ('[{"text": "a"}]', "A table can be read as CSV, XLSX or JSONL"),
    ("3", "no Bluesky discussion"), ("", "It is empty"), ("[" * 50_000, "nested more than 20,000 levels"), ('{"thread": ' + "9" * 5_000 + "}", "thousands of digits"),
])
def test_broken_json_says_where(tmp_path, content, said):
    (tmp_path / "a.json").write_text(content)
    assert said in refusal(tmp_path / "a.json")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "cp1252"])
def test_encodings(tmp_path, encoding):
    (tmp_path / "a.csv").write_bytes("id,text\n1,Naïve – it’s “digital” they say\n2,Plain words all the same\n".encode(encoding))
    assert read(tmp_path / "a.csv").kept["text"][0] == "Naïve – it’s “digital” they say"


def test_what_is_no_text_is_not_taken_for_a_table(tmp_path):
    (tmp_path / "a.csv").write_bytes(bytes(range(256)) * 20)
    assert "It is not a text file" in refusal(tmp_path)


def test_rows_at_fault_cost_no_good_row(tmp_path):
    rows = [("1", "Good words", ""), ("2", " ", ""), ("3", ".", ""), ("4", "a" * 100_000, ""), ("5", "a" * 200_001, ""), ("6", "Words", "31/02/2025"),
            ("7", "nul\x00 and \x07 bell", ""), ("8", "عربي \u202eעברית 🧑\u200d💻", ""), ("9", "Words", "0000-00-00"), ("9", "Words", "2999-01-01")]
    (tmp_path / "a.jsonl").write_text("\n".join(json.dumps({"id": n, "text": t, "created_at": d}) for n, t, d in rows))
    result = read(tmp_path)
    assert result.kept.set_index("contribution_id")["text"].to_dict() == {
        "1": "Good words", "4": "a" * 100_000, "7": "nul and  bell", "8": "عربي \u202eעברית 🧑\u200d💻"}
    assert result.set_aside["reason"].tolist() == [
        "blank", "too short to say anything", "longer than 200,000 characters", 'created_at "31/02/2025" is not a date',
        'created_at "0000-00-00" is not a date', 'created_at "2999-01-01" is in the future']
    assert result.settings["cleaned"] == {"texts": 1, "control_characters": 2}
    assert result.records_read == len(rows)


@pytest.mark.parametrize(("matter", "said"), [
    ("title: [open\n", "line 3, "), ("title: a: b\n", "line 2, "), ("\tx: 1\n", "line 2, "), ("- a\n- b\n", 'lines such as "title: A heading" are expected'),
    ("title: x\n" * 10_000, "longer than a post's own"), ("a: " + "[" * 3_000, "nested too deeply"),
])
def test_broken_front_matter_sets_the_post_aside(tmp_path, matter, said):
    (tmp_path / "a.md").write_text(f"---\n{matter}---\n\nSomebody's words.\n")
    (tmp_path / "b.md").write_text("---\nid: b\n---\nGood words.\n")
    result = read(tmp_path)
    assert result.kept["contribution_id"].tolist() == ["b"]
    (reason,) = result.set_aside["reason"]
    assert reason.startswith("front matter cannot be read: ") and said in reason and "Somebody" not in reason


def test_front_matter_cannot_name_a_file_or_swell_up(tmp_path):
    bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(f"{chr(98 + n)}: &{chr(98 + n)} [{','.join(['*' + chr(97 + n)] * 9)}]\n" for n in range(12))
    (tmp_path / "a.md").write_text(f"---\nid: ../../etc/passwd\nurl: file:///etc/passwd\n{bomb}title: *m\n---\nWords here.\n")
    kept = read(tmp_path).kept
    assert kept["contribution_id"].tolist() == ["../../etc/passwd"] and kept["text"].tolist() == ["Words here."]


def test_links_out_of_the_folder_are_not_followed(tmp_path):
    (tmp_path / "secret.csv").write_text("id,text\n1,Not ours to read\n")
    raw = tmp_path / "raw"
    raw.mkdir()
    (raw / "a.csv").write_text("id,text\n1,Our words\n")
    (raw / "b.csv").symlink_to(tmp_path / "secret.csv")
    (raw / "a.columns.yaml").symlink_to(tmp_path / "secret.csv")
    result = read(raw)
    assert result.kept["text"].tolist() == ["Our words"]
    assert result.not_read["file"].tolist() == ["a.columns.yaml", "b.csv"]


PIECES = st.lists(st.sampled_from([b"id", b"text", b",", b";", b"\t", b"\n", b"\r", b'"', b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"\x85", b"---", b": ", b"[", b"]", b"{", b"}",
                                   b'"thread"', b'"post"', b'"record"', b'"uri"', b'"replies"', b'"text"', b'"$type"', b'"\\ud800"', b"null", b"1e999", b"<p>", b"</p>", b"<html>",
                                   b"words here", "ŵ👍\u202e".encode(), b"2024-02-31", b"&amp;", b"PK\x03\x04", b"*a", b"&a", b"!!python/name:os", b"<rss version='2.0'>", b"<channel>", b"<item>", b"</item>", b"<description>", b"</rss>",
                                   b"ResponseId,RecordedDate,Status,Finished,Q1", b"ID,Start time,Completion time,Email,Name", b"preset: qualtrics"]), max_size=30).map(b"".join)


@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.jsonl", "a.json", "a.md", "a.html", "a.xlsx", "a.xml", "a.columns.yaml"])
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=200) | PIECES)
def test_any_bytes_give_a_table_or_an_error_in_words(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    if name.endswith(".yaml"):
        (tmp_path / "a.csv").write_text("id,text,Q\n1,Words,more\n")
    try:
        result = read(tmp_path)
    except ReckonsError as error:
        assert "Traceback" not in str(error)
    else:
        assert result.records_read == len(result.kept) + len(result.set_aside)


JSONS = st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
                     lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
                         st.sampled_from(["thread", "post", "posts", "feed", "uri", "record", "text", "author", "labels", "replies", "parent", "embed", "value",
                                          "did", "val", "$type", "langs", "reply", "createdAt", "indexedAt", "media", "images", "external", "notFound", "blocked"]),
                         inner, max_size=5), max_leaves=25)


def whole_or_refused(raw):
    """Every file of a folder as its reader hands it on: rows with reasons, or faults in words."""
    try:
        sources = read_files(raw)
        tables = [records.standard(file) for file in sources.files]
    except ReckonsError as error:
        assert str(error)
    else:
        assert all(len(table) >= len(file.rows) for file, table in zip(sources.files, tables, strict=True))
        assert all(problem for _, problem in sources.unreadable)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(inside=JSONS, wrap=st.sampled_from(["thread", "posts", "post"]))
def test_any_json_gives_a_table_or_an_error_in_words(tmp_path, inside, wrap):
    (tmp_path / "a.json").write_text(json.dumps({wrap: inside}))
    (tmp_path / "b.jsonl").write_text(json.dumps({"text": "words", **(inside if isinstance(inside, dict) else {})}))
    whole_or_refused(tmp_path)


HEADERS = [["ResponseId", "RecordedDate", "Status", "Finished", "UserLanguage", "Q1", "Q2"], ["ID", "Start time", "Completion time", "Email", "Name", "What first?", "Why?"],
           ["Response ID", "Submitted", "1 What first? - Answer", "Analyst notes", "x", "x", ""]]
CELLS = st.sampled_from(["", "R_1234567890abcde", "7", "ANON-1ABC-2DEF-3", "2024-10-01", "31/02/2024", "Survey Preview", "anonymous", "A;B;", ";", "words of one's own here",
                         "{\"ImportId\":\"QID1\"}", "\x00", "=1+1"]) | st.text(max_size=6)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(header=st.sampled_from(HEADERS), rows=st.lists(st.lists(CELLS, max_size=8), max_size=6), mapping=st.sampled_from(["", "preset: none", "preset: qualtrics", "text: Q1"]))
def test_any_survey_gives_a_table_or_an_error_in_words(tmp_path, header, rows, mapping):
    with open(tmp_path / "a.csv", "w", newline="", encoding="utf-8", errors="replace") as file:
        csv.writer(file).writerows([header, *rows])
    (tmp_path / "a.columns.yaml").write_text(mapping or "preset: citizen-space")
    whole_or_refused(tmp_path)


PARTS = st.lists(st.sampled_from(["<item>", "</item>", "<entry>", "</entry>", "<title>", "</title>", "<link href='x'/>", "<link>", "</link>", "<pubDate>", "</pubDate>", "soon",
                                  "<content type='xhtml'>", "</content>", "<![CDATA[<p>]]>", "&amp;", "&nbsp;", "&x;", "<author>", "</author>", "ŵ", "<guid/>", "<!--", "-->", "<x:y>"]),
                 max_size=20).map("".join)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(inside=PARTS, root=st.sampled_from([("<rss version='2.0'><channel>", "</channel></rss>"), ("<feed xmlns='http://www.w3.org/2005/Atom'>", "</feed>")]))
def test_any_feed_gives_a_table_or_an_error_in_words(tmp_path, inside, root):
    (tmp_path / "a.xml").write_text(root[0] + inside + root[1], encoding="utf-8")
    whole_or_refused(tmp_path)
