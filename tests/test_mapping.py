import pandas as pd
import pytest

from analysis import framework
from analysis.mapping import Rule, decide, map_to_framework

PASSAGES = pd.DataFrame({
    "passage_id": ["a#1", "a#2", "b#1", "c#1"], "contribution_id": ["a", "a", "b", "c"], "text": ["w", "x", "y", "z"]})


def scorer(**columns):
    """A stand-in for the probabilities: the codes named, all others at zero."""
    def probabilities(vectors, passages, of):
        zero = {code: [0.0] * len(passages) for code in of.codes["code"]}
        return pd.DataFrame({**zero, **columns}, index=passages.index), {"method": "stand-in"}
    return probabilities


def mapped(**columns):
    return map_to_framework(None, PASSAGES, probabilities=scorer(**columns))


def test_every_passage_has_a_row_for_every_code():
    table = mapped().table
    assert len(table) == 4 * 25
    assert not table["assigned"].any()


def test_a_barrier_brings_the_centre_with_it_by_rule():
    table = mapped(comms=[0.9, 0, 0, 0], centre=[0.2, 0.1, 0, 0]).table.set_index(["passage_id", "code"])
    centre = table.loc[("a#1", "centre")]
    assert bool(centre["assigned"]) and centre["decided_by"] == "rule" and centre["probability"] == 0.9
    assert table.loc[("a#1", "comms"), "decided_by"] == "model"
    assert not table.loc[("a#2", "centre"), "assigned"]
    assert table.loc[("a#2", "centre"), "probability"] == 0.1


def test_an_aspect_is_assigned_only_with_its_question():
    table = mapped(treat=[0.9, 0.9, 0, 0], approach=[0.1, 0.8, 0, 0]).table.set_index(["passage_id", "code"])["decision"]
    assert (table["a#1", "treat"], table["a#1", "approach"]) == ("abstain", "outside")
    assert (table["a#2", "treat"], table["a#2", "approach"]) == ("assign", "assign")


def test_engagement_stands_alone():
    assert mapped(engagement=[0.9, 0, 0, 0]).table.query("assigned")["code"].tolist() == ["engagement"]


def test_contributions_are_mapped_abstained_or_outside_by_their_passages():
    outcomes = mapped(approach=[0.0, 0.8, 0.45, 0.1]).outcomes
    assert outcomes.to_dict() == {"a": "mapped", "b": "abstained", "c": "outside"}


def test_nothing_is_ruled_out_in_a_language_that_the_encoder_does_not_read():
    passages = PASSAGES.assign(less_reliable=[False, False, False, True])
    found = map_to_framework(None, passages, probabilities=scorer(comms=[0, 0, 0, 0.9]))
    decisions = found.table.set_index(["passage_id", "code"])["decision"]
    assert (decisions["c#1", "comms"], decisions["c#1", "centre"], decisions["c#1", "approach"]) == ("assign", "assign", "abstain")
    assert decisions["b#1", "approach"] == "outside"
    silent = map_to_framework(None, passages, probabilities=scorer(comms=[0, 0, 0, 0]))
    assert silent.outcomes.to_dict() == {"a": "outside", "b": "outside", "c": "abstained"}


def test_a_stance_alone_maps_nothing():
    assert mapped(problem=[0.9] * 4).outcomes.unique().tolist() == ["outside"]


def test_thresholds_can_differ_by_code():
    scores = pd.DataFrame({"comms": [0.3], "centre": [0.3]})
    found = decide(scores, framework.load(), rules={"comms": Rule(assign=0.25, abstain=0.2)})
    assert found["decision"].iloc[0].to_dict() == {"comms": "assign", "centre": "assign"}
    assert found["by_rule"].iloc[0].to_dict() == {"comms": False, "centre": True}


@pytest.mark.model
def test_without_training_plain_cases_are_placed_and_small_talk_is_not():
    from analysis.embedding import embed
    from analysis.similarity import probabilities

    texts = ["Procurement frameworks lock us into one big supplier; small firms never win a contract.",
             "Thanks all, see you in the pub on Friday!"]
    passages = pd.DataFrame({"passage_id": ["p#1", "t#1"], "contribution_id": ["p", "t"], "text": texts})
    mapping = map_to_framework(embed(passages), passages, probabilities=probabilities)
    assigned = mapping.table[mapping.table["assigned"]].groupby("contribution_id")["code"].agg(set)
    assert {"procurement", "centre"} <= assigned["p"]
    assert "t" not in assigned


@pytest.mark.model
def test_another_framework_needs_no_change_of_code(tmp_path):
    from analysis.embedding import embed

    path = tmp_path / "town.yaml"
    path.write_text("""
dimensions:
  topics:
    codes:
      roads: {definition: 'Roads, traffic, parking and potholes.', examples: ['Widen the bypass.']}
      parks: {definition: 'Parks, playgrounds and green space.'}
implies: {}
""")
    passages = pd.DataFrame({"passage_id": ["1#1"], "contribution_id": ["1"], "text": ["Fix the potholes on our roads."]})
    mapping = map_to_framework(embed(passages), passages, framework=framework.load(path))
    table = mapping.table.set_index("code")
    assert table.index.tolist() == ["roads", "parks"]
    assert table.loc["roads", "assigned"]
    assert table.loc["roads", "probability"] > table.loc["parks", "probability"] + 0.2
