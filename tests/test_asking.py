"""Sentences that ask for something, and sentences that only sound like it."""

from __future__ import annotations

import pytest

from analysis import asking


@pytest.mark.parametrize(("sentence", "form"), [
    ("Fund teams, not projects.", "imperative"), ("Publish it all, by default, from day one.", "imperative"), ("Don't let digital mean cutting us off.", "imperative"),
    ("2. Let the people who will use the thing do the marking.", "imperative"), ("The centre should help, and be seen to help.", "should"), ("There ought to be a log.", "ought"),
    ("We need to talk to one another.", "need"), ("I’d rather prove it eleven times.", "wish"), ("Please keep the phone lines open.", "please"), ("Why not pay twenty people to do it?", "why not"),
    ("What would help is a consent screen.", "would help"), ("A register would let neighbours buy together.", "would help")])
def test_what_asks(sentence, form):
    assert asking.kind(asking.sentences(sentence)[0]) == form


@pytest.mark.parametrize("sentence", [
    "Discharge belongs to nobody at our hospital.", "Mobile signal in our valley is nil.", "Departments learned to cut their work into pieces.", "Buying officers told us so.",
    "Finance director here, so boo me now.", "Come March we'll spend it all.", "Choose a small firm and it's your signature on the form.", "Let me tell you about my form.",
    "I've been asked what a digital centre should be.", "The form said \"you should apply online\" and nothing else.", "\"Tell us once\" is one data breach from \"tell everyone\".",
    "Should the centre help?", "I think about that more than I should.", "If anyone's cracked this, please email [email removed].", "We should ring [phone number removed] before nine.", "Get well soon is all they said.", "Keep it.", ""])
def test_what_does_not_ask(sentence):
    assert asking.requests(sentence) == []


def test_sentences_are_as_they_are_written_without_the_marks_of_a_list():
    text = "It’s simple.\n- Publish the problem, *not* the spec;\n3) Make leaving cheap. Thirty lines!"
    assert asking.sentences(text) == ["It’s simple.", "Publish the problem, *not* the spec", "Make leaving cheap.", "Thirty lines!"]
    assert asking.requests(text) == ["Publish the problem, *not* the spec", "Make leaving cheap."]


def test_what_is_wanted_is_a_thing_and_what_is_to_be_done_to_it():
    assert asking.wanted("Fund the teams, not projects.") == {"team": "teams", "project": "projects", "fund team": "fund the teams"}
    assert "keep phone line" in asking.wanted("Please keep the phone lines open.")
