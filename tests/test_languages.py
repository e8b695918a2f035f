"""The language of a passage: Welsh and others are told, also when short; what cannot be told is not guessed."""

from __future__ import annotations

import pytest

from analysis import languages
from analysis.contributions import read
from analysis.passages import split

WELSH = ["Diolch yn fawr i chi am ofyn", "Mae angen gwasanaethau dwyieithog o'r dechrau", "Pam nad yw'r ffurflen ar gael yn Gymraeg?", "Rhaid gwrando ar bobl cefn gwlad",
         "Does dim band llydan yn ein pentref ni", "Gwnewch bethau syml yn gyntaf"]
ENGLISH = ["Thank you very much for asking us", "The form ought to work on a phone", "Why is nobody answering the phone?", "Listen to people in the countryside",
           "There is no broadband in our village", "Do the simple things first, please"]


@pytest.mark.parametrize(("texts", "lang", "least"), [(WELSH, "cy", 6), (ENGLISH, "en", 6)])
def test_short_welsh_and_english_are_told_without_being_declared(texts, lang, least):
    assert languages.detect(texts, [None] * len(texts)).count(lang) >= least


def test_the_languages_of_the_example_are_told_without_a_mistake(root):
    kept = read(root / "data/raw/example").kept
    found = languages.detect(kept["text"], [None] * len(kept))
    polish = kept["text"].str.startswith("Najpierw urząd")  # declared as English by the survey tool
    truth = kept["lang"].where(~polish, "pl").fillna("en")
    assert [(text, lang) for text, lang, right in zip(kept["text"], found, truth, strict=True) if lang not in (None, right)] == []
    assert found.count("cy") == 12 and found.count("pl") == 1 and found.count(None) <= 16  # "n/a", emoji, "oh no"


def test_what_cannot_be_told_is_as_declared_or_unknown():
    assert languages.detect(["👀", "n/a", "46??", "", "https://www.gov.uk/a-long-address-in-english"], ["cy", "en", None, None, None]) == ["cy", "en", None, None, None]
    assert languages.detect(["[email removed] [phone number removed]"], [None]) == [None]
    assert languages.detect(["Diolch! https://www.gov.uk/government/consultations/what-should-the-digital-centre-do-for-you"], ["cy"]) == ["cy"]


def test_a_sure_finding_goes_before_what_was_declared():
    assert languages.detect([WELSH[1] + ". " + WELSH[3]], ["en"]) == ["cy"]


def test_a_multilingual_model_is_told_by_its_name():
    assert languages.read_by("paraphrase-multilingual-MiniLM-L12-v2@abc") is None
    assert languages.read_by("all-MiniLM-L6-v2") == ("en",) == languages.read_by(None)


def test_passages_of_the_example_in_other_languages_are_kept_and_marked(root):
    passages = split(read(root / "data/raw/example"))
    marked = passages[passages["less_reliable"]]
    assert set(marked["lang"]) >= {"cy", "pl"} and not passages.loc[passages["lang"] == "en", "less_reliable"].any()
