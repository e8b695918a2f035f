"""Quotes are verbatim, from different people, and cut at the ends of sentences."""

from __future__ import annotations

import hashlib

import numpy as np
import pandas as pd

from analysis.quotes import LONGEST, choose_quotes


def table(texts, contributors, start=0):
    return pd.DataFrame({"passage_id": [f"c{i}#1" for i in range(len(texts))], "contribution_id": [f"c{i}" for i in range(len(texts))],
                         "start": start, "end": [start + len(t) for t in texts], "text": texts, "contributor": contributors,
                         "lang": "en"}).astype({"contributor": "str", "text": "str"})


def quotes(passages, vectors=None, **more):
    n = len(passages)
    vectors = np.tile([1.0, 0.0], (n, 1)) if vectors is None else np.asarray(vectors)
    settings = {"strength": np.ones(n), "messages": np.arange(n)} | more
    return choose_quotes(passages, vectors, np.arange(n), **settings)


def test_offsets_and_hash_lead_back_to_the_very_characters():
    contribution = "Before. " + "It took nine weeks — nine! — to get a blue badge. Nobody said why."
    passages = table([contribution[8:]], ["p1"], start=8)
    (quote,) = quotes(passages)
    assert contribution[quote["start"]:quote["end"]] == quote["text"]
    assert quote["sha256"] == hashlib.sha256(quote["text"].encode()).hexdigest()


def test_never_two_from_one_contributor():
    found = quotes(table([f"This is opinion number {i}, and it is long enough to stand alone." for i in range(6)], ["a", "a", "a", "b", "b", "c"]))
    assert len(found) == 3


def test_where_people_are_unknown_a_contribution_stands_for_one():
    passages = table(["This is one opinion, and it is long enough to stand alone."] * 3, [None] * 3)
    passages["contribution_id"] = ["c0", "c0", "c1"]
    assert len(quotes(passages)) == 2


def test_copies_of_a_message_are_quoted_once():
    found = quotes(table(["Keep the lines open for all who have no computer at home."] * 4, list("abcd")), messages=np.array([0, 0, 0, 3]))
    assert len(found) == 2


def test_the_second_quote_is_unlike_the_first():
    # 0 is the most typical, 1 says nearly the same, 2 is on the edge of the theme.
    vectors = [[1.0, 0.0], [0.999, 0.045], [0.5, 0.866]]
    texts = [f"An opinion with the number {i} that is long enough to stand." for i in range(3)]
    found = quotes(table(texts * 1, list("abc")), vectors)
    assert [q["passage_id"] for q in found][:2] == ["c1#1", "c2#1"]


def test_a_long_passage_is_cut_at_the_end_of_a_sentence():
    sentence = "This sentence says in so many words that the form has too many pages and asks for everything twice. "
    (quote,) = quotes(table([sentence * 6], ["p1"]))
    assert len(quote["text"]) <= LONGEST and quote["text"].endswith("twice.") and quote["text"].startswith("This")


def test_a_sentence_that_never_ends_is_not_cut():
    assert quotes(table(["word " * 200], ["p1"])) == []


def test_abbreviated_addresses_and_decimals_do_not_end_a_sentence():
    (quote,) = quotes(table(["It is 2.1 Mb/s on gov.uk and that is what my daughter revised with."], ["p1"]))
    assert quote["text"] == "It is 2.1 Mb/s on gov.uk and that is what my daughter revised with."
