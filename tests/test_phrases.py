"""The nouns and noun phrases that messages speak of, as people wrote them."""

from __future__ import annotations

import pytest

from analysis.phrases import read_words


def phrases(text: str) -> dict[str, str]:
    return read_words([text], ["p"]).phrases[0]


@pytest.mark.parametrize(("text", "found"), [
    ("I was asked for proof of address.", {"proof", "proof of address", "address"}),
    ("The residents' parking costs money.", {"resident", "resident parking", "parking", "money"}),
    ("They laughed, and it turns and turns.", set()),
    ("We waited at the surgery; opening hours are short.", {"surgery", "opening hour"}),
])
def test_nouns_and_what_belongs_to_them(text, found):
    assert set(phrases(text)) == found


def test_phrases_are_written_as_people_wrote_them():
    assert phrases("The Tax Office’s letters") ["tax office letter"] == "Tax Office's letters"


def test_no_phrase_reaches_over_the_end_of_a_sentence_or_an_address():
    found = phrases("We need a library. Buses stop there. Write to the council@example.org office")
    assert "library bus" not in found and not any("council" in phrase or "example" in phrase for phrase in found)


def test_people_alone_are_no_subject_but_young_people_are():
    found = phrases("Many people and young people came")
    assert "young people" in found and "people" not in found


@pytest.mark.parametrize("text", ["", "👍", "W" * 5_000, "'s 's of of", "{{ user.first_name }} ${amount} <b>x</b>", "\x00\u202e\ud800"])
def test_hostile_texts_are_read_without_complaint(text):
    assert isinstance(phrases(text), dict)


def test_of_other_languages_long_words_are_taken():
    found = read_words(["Mae gwasanaethau yn Gymraeg"], ["p"], english=[False]).phrases[0]
    assert found == {"gwasanaethau": "gwasanaethau", "gymraeg": "Gymraeg"}
