"""Whose words are quoted: typical ones, unlike each other, no person twice; numbers lead to everybody behind them."""

from __future__ import annotations

import json
import re

import made_run
import pandas as pd
import pytest

from analysis import figures, words
from analysis.findings import briefing, codes, counts, missing, questions, voices
from analysis.publishing import allowed, links, reader
from analysis.runs import open_run

SAID = {  # who, what, how sure the mapping is
    "p1": ("small firms lose because frameworks ask for turnover", 0.80),
    "p2": ("frameworks ask for a turnover that small firms lack", 0.81),
    "p3": ("turnover rules in frameworks keep small firms out", 0.82),
    "p4": ("one large integrator that can be sued is the safer choice", 0.83),
    "p5": ("otters deserve better rivers", 0.84),
}


class Run:
    """Five people on one code; three say one thing, one the opposite, one something else."""

    contributions = pd.DataFrame({"contribution_id": list(SAID), "contributor": list(SAID), "duplicate_of": None, "source": "survey", "url": None, "lang": "en"})
    passages = pd.DataFrame({"passage_id": [f"{who}#1" for who in SAID], "contribution_id": list(SAID), "text": [text for text, _ in SAID.values()]})
    mapping = pd.DataFrame([(who, f"{who}#1", "stance", stance, 0.9, True) for who, stance in
                            [("p1", "problem"), ("p2", "problem"), ("p2", "proposal"), ("p3", "example"), ("p4", "proposal")]],
                           columns=["contribution_id", "passage_id", "dimension", "code", "probability", "assigned"])
    manifest = {"settings": {"mapping": {"tested": {"barriers:procurement": {"positives": 60, "precision": 0.88, "recall": 0.76},
                                                    "barriers:comms": {"positives": 9, "precision": 0.5, "recall": 0.5}}}}}


ROWS = pd.DataFrame({"passage_id": Run.passages["passage_id"], "contribution_id": list(SAID), "probability": [sure for _, sure in SAID.values()]})


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return open_run(made_run.write(tmp_path_factory.mktemp("voices") / "run"))


def linked(shown, carried, headings=frozenset()) -> str:
    """As the pack makes it: cleaned, then linked."""
    return links.linked(allowed.cleaned(str(shown)), carried, set(headings))


def test_the_first_voice_is_typical_and_the_next_unlike_it():
    two = voices.chosen(Run, ROWS, how_many=2)["contributor"].tolist()
    assert two[0] in ("p1", "p2", "p3"), "the surest of all says what nobody else says"
    assert two[1] in ("p4", "p5"), "two that say the same hide who says something else"


def test_who_goes_against_the_others_by_their_own_word_does_not_speak_first():
    class Loud(Run):
        passages = Run.passages.assign(text=["Unpopular: " + text if place == 0 else text for place, text in enumerate(Run.passages["text"])])
    rows = ROWS.assign(probability=[0.99, 0.8, 0.8, 0.7, 0.7])
    assert voices.chosen(Run, rows, how_many=1)["contributor"].tolist() == ["p1"]
    assert voices.chosen(Loud, rows, how_many=1)["contributor"].tolist() != ["p1"]


def test_brief_voices_are_preferred_where_there_are_three():
    assert voices.no_longer_than(Run, ROWS, 52)["contribution_id"].tolist() == ["p1", "p2", "p3", "p5"]
    assert len(voices.no_longer_than(Run, ROWS, 30)) == 5


def test_nobody_is_quoted_twice():
    first = voices.chosen(Run, ROWS, how_many=3)
    second = voices.chosen(Run, ROWS, how_many=3, besides=first.assign(text="what they said elsewhere"))
    assert len(second) == 2 and not set(first["contributor"]) & set(second["contributor"])


def test_a_stance_is_taken_only_from_who_plainly_takes_it():
    class Torn(Run):
        mapping = pd.concat([Run.mapping, pd.DataFrame([("p4", "p4#1", "stance", "problem", 0.75, False)], columns=Run.mapping.columns)])
    assert voices.with_stance(Run, ROWS, "problem")["contribution_id"].tolist() == ["p1"], "p2 is as much a proposal"
    assert voices.with_stance(Run, ROWS, "proposal")["contribution_id"].tolist() == ["p4"]
    assert voices.with_stance(Torn, ROWS, "proposal").empty, "0.9 against 0.75 is not plain"

    class Unsure(Run):
        mapping = Run.mapping.assign(probability=[0.59 if who == "p4" else one for who, one in zip(Run.mapping["contribution_id"], Run.mapping["probability"])])
    assert voices.with_stance(Unsure, ROWS, "proposal").empty, "assigned, and nothing else is likelier, but 0.59 is not sure"


def test_only_plain_problems_and_proposals_stand_under_such_a_heading_and_examples_never(run):
    few = open_run(run.folder)
    few.__dict__["contributions"] = run.contributions.assign(contributor=run.contributions["contribution_id"], duplicate_of=None)
    shown = str(voices.by_stance(few, "questions", "technology"))
    assert "Proposals that they make (the machine is at least 6 in 10 sure of each)" in shown and "Problems that they name" not in shown
    asked = voices.chosen(few, codes.assigned(few, "questions", "technology"), how_many=2)
    assert [str(voices.by_stance(few, "questions", "technology", besides=rows)).count("<figure") for rows in (None, asked)] == [4, 4]
    assert str(voices.by_stance(few, "questions", "technology", besides=asked)).split("In their words")[0].count("<figure") == 1, "two requests leave room for one proposal"
    unsure = open_run(run.folder)
    unsure.__dict__["contributions"] = few.contributions
    unsure.__dict__["mapping"] = run.mapping.assign(probability=run.mapping["probability"].where(run.mapping["dimension"] != "stance", 0.55))
    assert "Proposals that they make" not in str(voices.by_stance(unsure, "questions", "technology")) and ">In their words<" in str(voices.by_stance(unsure, "questions", "technology"))
    commons = few.mapping["code"].eq("commons") & few.mapping["assigned"]
    assert few.mapping[few.mapping["passage_id"].isin(few.mapping.loc[commons, "passage_id"]) & few.mapping["code"].eq("example")]["assigned"].all()
    assert str(voices.by_stance(few, "aspects", "commons")).count("quotes-heading") == 1 and ">In their words<" in str(voices.by_stance(few, "aspects", "commons"))


def test_how_often_a_stance_is_read_rightly_stands_beside_its_count(run):
    sure = open_run(run.folder)
    sure.__dict__["contributions"] = run.contributions.assign(contributor=run.contributions["contribution_id"], duplicate_of=None)
    sure.manifest["settings"]["mapping"] = {"tested": {"stance:problem": {"positives": 100, "precision": 0.52, "recall": 0.6}}}
    said = str(codes.kinds(sure, {"dimension": "questions", "code": "approach", "label": "Approach"}))
    assert "as naming a problem</span> (about 5 in 10 rightly)" in said


def test_nobody_is_quoted_where_fewer_than_five_people_stand_behind_it():
    assert len(voices.chosen(Run, ROWS, how_many=1)) == 1
    assert voices.chosen(Run, ROWS[ROWS["contribution_id"] != "p5"], how_many=1).empty


def test_how_well_a_code_is_read_is_said_in_tens_and_not_on_few_passages():
    said = str(codes.tested(Run, {"dimension": "barriers", "code": "procurement"}))
    assert "about 8 in 10 of the 60 that belong here" in said and "about 9 in 10 of those" in said
    assert str(codes.tested(Run, {"dimension": "barriers", "code": "comms"})) == ""


def test_a_number_leads_to_those_behind_it_unless_they_are_fewer_than_five(run):
    five = run.contributions.iloc[:5]
    marked = counts.linked("5", five, label="A & B")
    carried = reader.gather(run)
    made = linked(marked, carried)
    place = re.search(r"href='#([^']+)'", made)[1]
    listed = re.search(rf"<li id='{place}'.*?</li>", reader.section(run, carried, room=10_000_000))[0]
    assert "List: A &amp; B" in listed and listed.count("href=#k") == 5
    assert linked(marked, carried) == made, "the same list is listed once"
    four = run.contributions[run.contributions["contributor"].isin(five["contributor"][:4])]
    assert "data-behind" not in str(counts.linked("4", four, label="x"))


def test_a_link_leads_to_the_part_of_a_section_or_to_its_beginning():
    made = linked(words.behind("Buying", "section/04-four-barriers/Buying & selling"), None, {"s04-four-barriers", "s04-four-barriers-buying-selling"})
    assert made == "<a href='#s04-four-barriers-buying-selling'>Buying</a>"
    assert "href='#s04-four-barriers'" in linked(words.behind("x", "section/04-four-barriers/Gone"), None, {"s04-four-barriers"})
    assert linked(words.behind("x", "section/09-gone"), None) == "x"


def test_the_briefing_has_a_line_for_each_question_and_barrier_with_denominator_interval_and_voice(run):
    shown = str(briefing.heard(run))
    assert shown.count("<li>") == 7 and "95% interval" in shown
    line = next(part for part in shown.split("<li>") if "The digital centre" in part)
    assert re.search(r"of \d+: \d+% <span class='whole'>\(\d+% to \d+%\)</span>", line) and line.count("<cite data-contribution=") == 1


def test_the_briefing_quotes_nobody_twice(run):
    few = open_run(run.folder)
    few.__dict__["contributions"] = run.contributions.assign(contributor=[f"p{n % 6}" for n in range(len(run.contributions))], duplicate_of=None)
    cited = re.findall(r"<cite data-contribution='([^']+)'", str(briefing.heard(few)))
    people = few.contributions.set_index("contribution_id")["contributor"].loc[cited].tolist()
    assert 2 <= len(people) <= 6 and len(set(people)) == len(people)


def test_the_briefing_names_no_theme_that_depends_on_chance(run):
    said = str(briefing.largest_themes(run))
    assert "Buying and suppliers" in said and "Publishing" not in said
    assert "Publishing" in set(run.themes["name"])


def test_the_briefing_says_what_was_mapped_left_open_and_outside_and_how_often_that_is_right(run):
    sure = open_run(run.folder)
    sure.ledger["contributions"] |= {"mapped": 41, "abstained": 15, "outside": 8}
    assert "It mapped 41, was not sure enough about 15 and found 8 outside the questions that were asked." in str(briefing.how_sure(sure))
    assert "Tested against people" not in str(briefing.how_sure(sure))
    score = {"positives": 60, "recall": 0.7, "f1": 0.7}
    sure.manifest["settings"]["mapping"] = {"tested": {"barriers:procurement": score | {"precision": 0.88}, "questions:centre": score | {"precision": 0.52}}}
    assert "belongs there 5 to 9 times in 10" in str(briefing.how_sure(sure))


def test_a_voice_ends_with_a_sentence_where_one_fits():
    said = "Small firms lose. They lose because frameworks ask for turnover that nobody has."
    assert words.beginning(said, 40) == "Small firms lose. …"
    assert words.beginning(said, 200) == said
    assert words.beginning(said, 60) == "Small firms lose. They lose because frameworks ask for…", "a sentence that is hardly a beginning is no voice"


def test_the_second_barrier_is_named_where_the_order_could_be_chance():
    table = pd.DataFrame({"label": ["A", "B"], "people": ["20 people", "22 people"], "messages": [19, 18], "low": [0.1, 0.09], "high": [0.3, 0.28]})
    assert codes.foremost(table, "Named most") == "Named most is “A”, in 19 messages by 20 people; “B”, in 18 messages by 22 people, is so near that either may come first."
    assert codes.foremost(table.assign(high=[0.3, 0.05]), "It") == "It is “A”, in 19 messages by 20 people; next comes “B”, in 18 messages by 22 people."
    three = pd.concat([table, table.tail(1).assign(label="C", people="17 people", messages=18)], ignore_index=True)
    assert codes.foremost(three, "It") == ("It is “A”, in 19 messages by 20 people; so near that any of them may come first are "
                                           "“B”, in 18 messages by 22 people and “C”, in 18 messages by 17 people.")
    assert codes.foremost(table.iloc[:1], "It") == "It is “A”, in 19 messages by 20 people."


def test_sub_questions_stand_side_by_side_and_small_ones_without_a_count(run):
    shown = str(questions.side_by_side(run))
    assert shown.count("<h4>") == 3 and "Which types of public services" in shown
    assert "ewer than 5 people" in shown and "cannot tell" not in shown


def test_what_the_machine_could_not_learn_is_not_said_to_be_rare(run):
    settings = run.manifest["settings"] | {"mapping": {"tested": {"aspects:intermediaries": {"positives": 0}}}}
    rare = open_run(run.folder)
    rare.__dict__.update(manifest=run.manifest | {"settings": settings}, mapping=run.mapping[run.mapping["code"] != "intermediaries"])
    assert "cannot tell who speaks to this: it had too few examples" in str(questions.side_by_side(rare))
    assert "cannot be told: too few examples to learn from" in str(missing.about_and_speaking(rare)).split("Intermediaries")[1].split("</tr>")[0]


def test_bars_of_one_barrier_stand_under_one_name():
    table = pd.DataFrame([("Buying", "problem", 9, "9"), ("Buying", "proposal", 0, "fewer than 5 people"), ("Money", "problem", 7, "7"), ("Money", "proposal", 6, "6")],
                         columns=["label", "stance", "drawn", "shown"]).assign(linked=words.behind("9", "barriers/procurement"))
    figure = figures.stances(table, finding="Mostly problems.", alt="Bars.").to_plotly_json()
    assert [note["text"] for note in figure["layout"]["annotations"]] == ["Buying", "Money"]
    assert figure["data"][0]["text"] == ["9 problems", "fewer than 5 people: proposals", "7 problems", "6 proposals"]
    assert len(set(figure["data"][0]["y"])) == 4 and "data-behind" in json.dumps(figure["layout"]["meta"])


def test_a_voice_knows_its_file_its_licence_and_whether_its_language_is_read(run):
    rows = voices.chosen(run, codes.assigned(run, "questions", "centre"), how_many=5).set_index("contribution_id")
    known = run.contributions.set_index("contribution_id")
    assert len(rows) and rows["source_file"].tolist() == known["source_file"].reindex(rows.index).tolist()
    assert rows["less_reliable"].tolist() == (known["lang"].reindex(rows.index) != "en").tolist() and "licence" in rows
