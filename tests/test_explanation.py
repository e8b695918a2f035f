"""Why a code was given: the words and examples that speak for and against it, on the packaged mapping."""

from __future__ import annotations

import made_run
import numpy as np
import pandas as pd
import pytest

import analysis
from analysis import coefficients, framework, runs
from analysis.embedding import load_encoder
from analysis.errors import InputError
from analysis.explanation import example, explain, explain_in
from analysis.prediction import term_contributions, words_say

TEXT = "It was sunny on Tuesday. Procurement frameworks lock councils into contracts with one big supplier, so small firms never win. <b>See you!</b>"


@pytest.fixture(scope="module")
def encoder():
    return load_encoder()


@pytest.fixture(scope="module")
def found(encoder):
    return explain(TEXT, "procurement", encoder=encoder)


@pytest.mark.model
class TestExplained:
    def test_it_says_what_was_decided_and_from_where_on(self, found):
        rule = coefficients.load().rules()["procurement"]
        assert (found.threshold, found.abstain) == (rule["assign"], rule["abstain"])
        assert found.decision == "assign" and found.probability >= found.threshold

    def test_the_sentence_that_makes_the_claim_speaks_for_it(self, found):
        best = found.strongest("sentence").iloc[0]
        assert best["text"].startswith("Procurement frameworks") and best["weight"] > 0.5
        weights = found.parts[found.parts["kind"] == "sentence"].set_index("text")["weight"]
        assert weights.abs()["It was sunny on Tuesday."] < best["weight"]

    def test_words_of_buying_speak_for_it(self, found):
        assert set(found.strongest("word", count=5)["text"].str.lower()) & {"procurement", "frameworks", "contracts", "supplier", "lock"}

    def test_parts_are_where_they_say(self, found):
        assert all(TEXT[row.start:row.end] == row.text for row in found.parts.itertuples())

    def test_examples_speak_for_and_near_misses_against(self, found):
        own = framework.load().examples.query("code == 'procurement'").set_index("text")["kind"]
        assert set(found.examples["text"]) == set(own.index)
        assert all(own[row.text] == {"for": "example", "against": "near_miss"}[row.speaks] for row in found.examples.itertuples())
        assert found.examples["similarity"].is_monotonic_decreasing

    def test_what_is_shown_is_escaped(self, found):
        shown = found._repr_html_()
        assert "&lt;b&gt;See you!&lt;/b&gt;" in shown and "<b>See" not in shown
        assert "near misses (against)" in shown

    def test_in_a_terminal_it_reads_as_a_few_lines(self, found):
        lines = str(found).splitlines()
        assert lines[0].startswith("Procurement: given (probability 0.") and repr(found) == str(found) and len(lines) <= 6
        assert lines[1].startswith("Words for it: ") and any(f"{word} +" in lines[1] for word in ("Procurement", "contracts", "supplier"))
        best = found.examples[found.examples["speaks"] == "for"].iloc[0]
        assert lines[2].startswith("Most like, for it: “" + best["text"][:30]) and f"({best['similarity']:.2f})" in lines[2]
        assert lines[3].startswith("Words against it: ")

    def test_a_rule_that_decided_is_named(self, encoder):
        text = "Procurement rules lock us into contracts with one big supplier."
        row = explain({"text": text}, "centre", encoder=encoder)
        assert row.decision == "assign"
        if row.decided_by == "rule":
            assert "“Procurement” implies it" in row.because

    def test_another_framework_is_explained_by_its_examples(self, encoder, tmp_path):
        (tmp_path / "town.yaml").write_text("dimensions: {topics: {codes: {roads: {definition: Roads and traffic., examples: [Widen the bypass.]}}}}")
        found = explain("Fix the potholes on our roads.", "roads", framework=framework.load(tmp_path / "town.yaml"), encoder=encoder)
        assert found.terms.empty and found.examples["text"].tolist() == ["Widen the bypass."]
        assert found.strongest("word", count=2)["text"].str.lower().tolist()[0] in ("roads", "potholes")


def test_the_words_parts_sum_to_what_the_words_say():
    own = coefficients.load()
    for code in ("procurement", "centre"):
        terms = term_contributions(TEXT, code, own)
        place = [name for _, name in own.names].index(code)
        scale = own.record["calibration"][place][0] * own.settings.words_share
        bias = own.tensors["words.bias"][sum(own.main()[:place])]
        said = words_say(pd.Series([TEXT]), own)[0, place]
        assert terms["weight"].sum() == pytest.approx(scale * (said - bias), abs=1e-4)
        assert np.all(np.diff(terms["weight"].abs()) <= 1e-9)


def test_words_say_nothing_on_dimensions_they_were_not_trained_on():
    assert term_contributions(TEXT, "problem", coefficients.load()).empty


@pytest.mark.parametrize(("text", "code", "said"), [("words", "money", '"money" is no code.*procurement'), ("  ", "comms", "The passage is empty")])
def test_what_cannot_be_explained_is_said(text, code, said):
    with pytest.raises(InputError, match=said):
        analysis.explain(text, code)


def run_of(tmp_path, encoder, **options):
    run = runs.open_run(made_run.write(tmp_path / "run"))
    run.manifest["model"]["sha256"] = encoder.files.sha256
    run.manifest["settings"]["options"] = options
    return run


@pytest.mark.model
def test_the_page_shows_one_passage_with_what_speaks_for_and_against_it_and_who_said_it(tmp_path, encoder):
    run = run_of(tmp_path, encoder)
    run.passages.loc[0, "text"] = "<b>Buying</b> software takes eighteen months here and the same three suppliers win each time, however small the contract."
    run.mapping.loc[(run.mapping["passage_id"] == run.passages["passage_id"][0]) & (run.mapping["code"] == "procurement"), ["assigned", "probability"]] = [True, 0.99]
    shown = str(example(run))
    assert "&lt;b&gt;Buying" in shown and "<b>Buying" not in shown and shown.count("eighteen months here") == 1
    assert "What each word adds" in shown and "near misses (against)" in shown and "data-contribution=" in shown


@pytest.mark.model
def test_no_example_is_made_up_with_another_model_or_from_nothing(tmp_path, encoder):
    run = run_of(tmp_path, encoder)
    run.manifest["model"]["sha256"] = "0" * 64
    assert "No example can be shown here" in str(example(run))
    run = run_of(tmp_path, encoder)
    run.mapping["assigned"] = False
    assert "No example can be shown here" in str(example(run))


@pytest.mark.model
def test_a_run_with_coefficients_of_its_own_is_not_explained_by_others(tmp_path, encoder):
    run = run_of(tmp_path, encoder, coefficients="1" * 64)
    with pytest.raises(InputError, match="mapped with coefficients of its own; name their folder"):
        explain_in(run, run.passages.iloc[0], "procurement")
    with pytest.raises(InputError, match="name their folder"):
        explain_in(run, run.passages.iloc[0], "procurement", coefficients=coefficients.PACKAGED)
    run.manifest["settings"]["options"]["coefficients"] = coefficients.load().record["tensors_sha256"]
    assert explain_in(run, run.passages.iloc[0], "procurement", coefficients=coefficients.PACKAGED).code == "procurement"
