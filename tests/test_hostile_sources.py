"""Files made to do harm are refused or bounded, quickly, and nothing outside the folder is read or written."""

from __future__ import annotations

import os
import time
import zipfile

import openpyxl
import pytest

from analysis.contributions import read
from analysis.errors import InputError
from analysis.sources import posts

SECRET = "this stands outside the folder"


@pytest.fixture
def raw(tmp_path):
    (tmp_path / "secret.txt").write_text(SECRET)
    folder = tmp_path / "raw"
    folder.mkdir()
    return folder


def refusal(raw, *, within: float = 5.0) -> str:
    begin = time.perf_counter()
    with pytest.raises(InputError) as caught:
        read(raw)
    assert time.perf_counter() - begin < within
    return str(caught.value)


def workbook_with(raw, part: str, content: bytes):
    """A workbook, one part of which is replaced."""
    book = openpyxl.Workbook()
    book.active.append(["id", "text"])
    book.active.append(["1", "words"])
    book.save(raw / "whole.xlsx")
    with zipfile.ZipFile(raw / "whole.xlsx") as old, zipfile.ZipFile(raw / "a.xlsx", "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, content if name == part else old.read(name))
    (raw / "whole.xlsx").unlink()


def test_a_file_of_a_gigabyte_is_refused_unread(raw):
    with open(raw / "a.csv", "wb") as file:
        file.write(b"id,text\n1,words\n")
        os.truncate(file.fileno(), 1_000_000_000)
    assert "It is 1,000 MB long; at most 300 MB are read" in refusal(raw, within=2)


def test_a_workbook_whose_sheet_swells_up_is_refused(raw):
    workbook_with(raw, "xl/worksheets/sheet1.xml", b"<x>" + b" " * 30_000_000)
    assert "more than 200 times its size" in refusal(raw)


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/workbook.xml"])
@pytest.mark.parametrize("entity", ['<!ENTITY f SYSTEM "file://{secret}">', "{bomb}"])
def test_entities_in_a_workbook_neither_swell_up_nor_read_files(raw, tmp_path, part, entity):
    bomb = '<!ENTITY f0 "ha">' + "".join(f'<!ENTITY f{n} "{f"&f{n - 1};" * 20}">' for n in range(1, 9)) + '<!ENTITY f "&f8;">'
    declared = entity.format(secret=tmp_path / "secret.txt", bomb=bomb)
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    inner = {"xl/worksheets/sheet1.xml": '<sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>text</t></is></c></row>'
             '<row r="2"><c r="A2" t="inlineStr"><is><t>words &f;</t></is></c></row></sheetData>'}.get(part, "<si><t>text &f;</t></si>")
    root = {"xl/worksheets/sheet1.xml": "worksheet", "xl/sharedStrings.xml": "sst", "xl/workbook.xml": "workbook"}[part]
    workbook_with(raw, part, f'<?xml version="1.0"?><!DOCTYPE x [{declared}]><{root} xmlns="{space}">{inner}</{root}>'.encode())
    begin = time.perf_counter()
    try:
        said = " ".join(read(raw).kept["text"])
    except InputError as error:
        said = str(error)
    assert SECRET not in said and len(said) < 10_000 and time.perf_counter() - begin < 5


@pytest.mark.parametrize(("name", "content"), [
    ("a.json", '{"thread":' * 200_000), ("a.json", "[" * 5_000_000), ("a.jsonl", '{"text":' * 200_000), ("a.xml", "<rss version='2.0'><channel>" + "<item>" * 50_000 + "</channel></rss>"), ("a.xml", "<rss>" + "<item>" * 50_000),
    ("a.csv", '"' * 1_000_001), ("a.columns.yaml", "text: " + "[" * 60_000), ("a.columns.yaml", "a: &a [x,x]\nb: &b [*a,*a,*a,*a,*a,*a]\ntext: " + "*b " * 3),
])
def test_depth_without_end_is_refused_in_words(raw, name, content):
    (raw / name).write_text(content)
    if name.endswith(".yaml"):
        (raw / "a.csv").write_text("id,text\n1,words\n")
    assert "Traceback" not in refusal(raw, within=15)


@pytest.mark.parametrize("depth", [3_000, 100_000])
def test_a_page_of_nested_boxes_is_read_or_set_aside(raw, depth):
    (raw / "a.html").write_text("<html><body>" + "<div>" * depth + "<p>words at the bottom of it all</p>" + "</div>" * depth)
    begin = time.perf_counter()
    result = read(raw)
    assert result.records_read == 1 and time.perf_counter() - begin < 30


def test_aliases_in_front_matter_that_swell_up_are_bounded(raw):
    bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(f"{chr(98 + n)}: &{chr(98 + n)} [{','.join(['*' + chr(97 + n)] * 9)}]\n" for n in range(20))
    (raw / "a.md").write_text(f"---\n{bomb}author: *u\ntitle: ../../../etc/passwd\n---\nWords here.\n")
    begin = time.perf_counter()
    assert read(raw).kept["text"].tolist() == ["Words here."] and time.perf_counter() - begin < 5


def test_front_matter_nested_without_end_is_set_aside_at_once(raw):
    (raw / "a.md").write_text("---\na: " + "[" * 60_000 + "\n---\nWords here.\n")
    begin = time.perf_counter()
    assert "nested too deeply" in read(raw).set_aside["reason"][0] and time.perf_counter() - begin < 2


def test_no_link_leads_out_and_nothing_is_written(raw, tmp_path):
    (raw / "a.csv").write_text("id,text\n1,ours\n")
    for name in ("b.csv", "b.md", "b.html", "b.json", "b.xml", "a.columns.yaml"):
        (raw / name).symlink_to(tmp_path / "secret.txt")
    (raw / "up").symlink_to(tmp_path, target_is_directory=True)
    (raw / "loop").symlink_to(raw, target_is_directory=True)
    before = sorted(path.name for path in tmp_path.rglob("*"))
    result = read(raw)
    assert result.kept["text"].tolist() == ["ours"] and SECRET not in result.kept.to_csv() + result.set_aside.to_csv() + result.not_read.to_csv()
    assert sorted(path.name for path in tmp_path.rglob("*")) == before


def test_a_register_of_withdrawals_that_is_a_link_or_no_text_stops_the_reading(raw, tmp_path):
    (raw / "a.csv").write_text("id,text\n1,ours\n")
    (raw / "withdrawn.csv").symlink_to(tmp_path / "secret.txt")
    said = refusal(raw)
    assert "It is a link, which is not followed" in said and SECRET not in said
    (raw / "withdrawn.csv").unlink()
    (raw / "withdrawn.csv").write_bytes(b"\xff\xfe\x00\x81")
    assert "It is no register of withdrawals" in refusal(raw)


def test_a_page_too_long_to_be_words_is_set_aside_unparsed(raw, monkeypatch):
    monkeypatch.setattr(posts, "MAX_PAGE", 1_000)
    (raw / "a.html").write_text("<p>" + "x" * 2_000)
    assert "save it without its pictures" in read(raw).set_aside["reason"][0]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_a_pipe_or_device_is_not_opened(raw):
    os.mkfifo(raw / "a.csv")
    (raw / "b.csv").write_text("id,text\n1,ours\n")
    assert read(raw).not_read["reason"].tolist() == ["not an ordinary file"]
