"""What is said beside the three questions and their parts: how far to trust it, and what a survey asked."""

from __future__ import annotations

import json
import re

import made_run
import pytest

from analysis import findings
from analysis.findings import beyond, codes, questions
from analysis.runs import open_run

TESTED = {f"questions:{code}": {"positives": 50, "precision": 0.8, "recall": 0.8} for code in ("approach", "technology", "centre")} | {"aspects:treat": {"positives": 15, "precision": 0.38, "recall": 0.53}, "aspects:deliver": {"positives": 10, "precision": 0.7, "recall": 0.4},
          "aspects:prioritise": {"positives": 1}, "aspects:engagement": {"positives": 19, "precision": 0.32, "recall": 0.32}}


@pytest.fixture
def folder(tmp_path):
    folder = made_run.write(tmp_path / "run", contributions=200)
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["settings"]["mapping"] = {"tested": TESTED}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


def by_as_many_people(folder):
    """The run with a person to each contribution."""
    run = open_run(folder)
    run.__dict__["contributions"] = run.contributions.assign(contributor=run.contributions["contribution_id"], duplicate_of=None)
    return run


def plain(shown) -> str:
    return re.sub("<[^>]*>", "", str(shown))


def test_of_each_part_is_said_how_often_it_is_right_and_that_nothing_found_says_little_where_nothing_was_learned(folder):
    run = open_run(folder)
    said = plain(questions.about_aspects(run, 1))
    assert "“How people are treated” 4 in 10 and “Who delivers, by which routes” 7 in 10, the others too seldom to be tested." in said
    assert "That nothing was found on “What comes first” says little: the machine had too few examples of it to learn from." in said
    assert "“Who delivers, by which routes” says little" not in said, "of that it had enough to be tested"
    assert str(questions.about_aspects(run, 9)) == ""


def test_a_share_that_is_mostly_wrong_says_so_where_it_stands(folder):
    assert "is spoken to most" in (said := questions.aspects(by_as_many_people(folder), 1).finding) and "Only about 4 in 10 of these can be expected to belong there." in said
    said = questions.shares(by_as_many_people(folder)).finding
    assert "is spoken to most" in said and "can be expected" not in said, "8 in 10 are right"


def test_why_more_speak_of_barriers_than_name_one_is_said(folder):
    run = open_run(folder)
    assert "name one of the four barriers" not in str(questions.about_aspects(run, 3)), "as many do, so there is nothing to explain"
    one = run.mapping[run.mapping["assigned"] & (run.mapping["dimension"] == "barriers")]["passage_id"].iloc[0]
    run.__dict__["mapping"] = run.mapping.assign(assigned=run.mapping["assigned"] & ~((run.mapping["passage_id"] == one) & (run.mapping["dimension"] == "barriers")))
    told = codes.spoken_by(run, codes.assigned(run, "barriers"))["duplicate_of"].isna().sum()
    assert f"“Breaking down barriers” holds {told + 1} messages and {told} name one of the four barriers: 1 speak" in plain(questions.about_aspects(run, 3))


def test_what_a_survey_asks_is_shown_where_the_machine_cannot_tell_and_counted_as_nothing_else(folder):
    run = by_as_many_people(folder)
    assert "Nobody was found to speak to it." in plain(questions.side_by_side(run)), "no survey question here asks for it"
    asked = run.contributions["source"].eq("survey")
    run.__dict__["contributions"] = run.contributions.assign(question=["Which <b>services</b> should come first?" if one else None for one in asked])
    shown = str(questions.side_by_side(run))
    people = findings.people.speakers(run.contributions[asked]).nunique()
    assert f"by {people} people</span> answer that question, whether or not they say what comes first" in shown and "“Which &lt;b&gt;services&lt;/b&gt; should come first?”" in shown
    assert shown.index("The machine cannot tell who speaks to this") < shown.index("Used by businesses") < shown.index("How does this Government want to treat the public?")
    assert "What comes first, none found" in questions.aspects(run, 1).alt


def test_a_voice_beside_an_answer_stands_in_full_for_its_end_may_turn_it_round(folder):
    run = by_as_many_people(folder)
    long = "Services with a high volume come first in every plan that I have read. " + "They are counted and compared each month. " * 6 + "That is wrong: start elsewhere."
    run.__dict__["contributions"] = run.contributions.assign(question="What should come first?", text=long)
    run.__dict__["passages"] = run.passages.assign(text=long)
    shown = plain(questions.side_by_side(run)).split("With the highest volume")[1]
    assert 200 < len(long) < questions.IN_FULL and "That is wrong: start elsewhere.”" in shown.split("Used by")[0]


def test_of_engagement_only_what_is_likely_right_is_counted_and_quoted(folder):
    run = open_run(folder)
    held = run.mapping["code"].eq("engagement") & run.mapping["contribution_id"].isin(run.contributions.loc[run.contributions["duplicate_of"].isna(), "contribution_id"])
    ids = run.mapping.loc[held, "contribution_id"].tolist()[:20]
    sure = dict.fromkeys(ids, 0.3) | dict.fromkeys(ids[:8], 0.7)
    here = held & run.mapping["contribution_id"].isin(ids)
    run.__dict__["mapping"] = run.mapping.assign(assigned=run.mapping["assigned"] | here, probability=[sure[one] if yes else p for one, yes, p in
                                                                                                       zip(run.mapping["contribution_id"], here, run.mapping["probability"])])
    said = plain(beyond.engagement(run))
    assert said.startswith("8 distinct messages by ") and "as far as the machine is at least 6 in 10 sure of that" in said
    assert "about 3 in 10 of all the passages that it puts here belonged here, so the 12 of which it is less sure are neither counted nor quoted" in said
    assert "95% interval" not in said
    run.__dict__["mapping"] = run.mapping.assign(probability=run.mapping["probability"].clip(upper=0.5))
    assert "too few for a count" in plain(beyond.engagement(run)) and "blockquote" not in str(beyond.engagement(run))


def test_the_essay_is_explained_once_and_linked_to():
    page = made_run.published().read_text(encoding="utf-8")
    assert page.count("“Digital Centre of Government: first reflections” by Jeni Tennison, of 7 October 2024") == 1
    assert 'href="https://bsky.app/profile/jenitennison.com/post/3l5h63ljjvr2y"' in page.replace("'", '"') and "Department for Science, Innovation and Technology" in page
    assert page.count("#s01-contributions-who-is-missing") == 2
