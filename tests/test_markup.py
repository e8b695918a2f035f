"""Markdown without its marks, for the eye alone: the words stay, the stored text and its offsets are not touched."""

from __future__ import annotations

import pandas as pd
import pytest

from analysis import markup, words
from analysis.contributions import read
from analysis.passages import split
from analysis.provenance import text_sha256

POST = "---\nid: drains\nlicence: CC BY 4.0\n---\n# On drains\n\n**Put something by**, by [law](https://a.example/law) if need be.\n\n* one\n* two\n"


@pytest.mark.parametrize("written, shown", [
    ("**bold** and *leaning* and `code`", "bold and leaning and code"), ("# A heading\n\nand words", "A heading\nand words"),
    ("see [the rules](https://a.example) now", "see the rules now"), ("![a queue](q.png)", "a queue"), ("* one\n* two **2**", "• one\n• two 2"),
    ("3. three\n4. four", "3. three\n4. four"), ("> said *she*", "said she"), ("2 * 3 and snake_case_name", "2 * 3 and snake_case_name"),
    ("a line\nand the next", "a line\nand the next"), ("so **<script>alert(1)</script>** & <i>so</i>", "so <script>alert(1)</script> & <i>so</i>"), ("", ""),
    ("[press](javascript:alert(1))", "press"), ("**never closed", "**never closed"), ("---", "---"), ("<b>a block</b>\n\n**b**", "<b>a block</b>\nb"),
])
def test_marks_go_and_words_stay(written, shown):
    assert markup.as_read(written) == shown


def test_only_what_a_markdown_file_holds_is_read_so_and_it_is_still_escaped():
    row = {"text": "**<b>bold</b>**", "contribution_id": "a"}
    assert "<p>&lt;b&gt;bold&lt;/b&gt;</p>" in words.quote(row | {"source_file": "posts/a.MD"})
    assert "**&lt;b&gt;bold&lt;/b&gt;**" in words.quote(row | {"source_file": "survey.csv"}) and "**" in words.quote(row)
    assert "“&lt;b&gt;bold&lt;/b&gt;”" in str(words.voice(row | {"source_file": "a.markdown"}))


def test_what_is_stored_has_its_marks_and_offsets_and_hashes_are_of_that(tmp_path):
    (tmp_path / "drains.md").write_text(POST)
    kept = read(tmp_path).kept
    text = kept["text"].iloc[0]
    assert text == POST.split("---\n")[2].strip()
    passages = split(kept, count_tokens=lambda words: len(words.split()))
    assert [text[start:end] for start, end in zip(passages["start"], passages["end"])] == passages["text"].tolist()
    shown = words.quote(pd.Series(kept.iloc[0]).to_dict())
    assert "On drains\nPut something by, by law if need be.\n• one\n• two" in shown and "licence CC BY 4.0" in shown
    assert text_sha256(kept["text"].iloc[0]) == text_sha256(text) != text_sha256(markup.as_read(text))
