"""How sure the page says it is: an evaluation's figures, the shipped ones, or none."""

from __future__ import annotations

import json
import re

import made_run
import pytest

from analysis import runs
from analysis.findings import about, sureness

CODES = {"barriers:procurement": {"positives": 60, "f1": 0.81, "low": 0.73, "high": 0.88, "precision": 0.85, "recall": 0.77}, "aspects:attitude": {"positives": 2}}
DIMENSIONS = {"barriers": {"macro_f1": 0.7, "ece": 0.016, "error": 0.06, "error_at_80": 0.02, "passage_error": 0.23, "passage_error_at_80": 0.18}}


@pytest.fixture
def folder(tmp_path):
    return made_run.write(tmp_path / "processed", contributions=30)


def set_mapping(folder, **mapping):
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["settings"]["mapping"] = mapping
    (folder / "manifest.json").write_text(json.dumps(manifest))


def save_evaluation(folder, **changed):
    beside = folder.parent / "evaluation"
    beside.mkdir()
    scores = {"codes": {"barriers:procurement": CODES["barriers:procurement"] | {"recall": 0.52}}, "dimensions": DIMENSIONS}
    agreed = [{"code": "procurement", "passages": 40, "positives_one": 20, "positives_other": 18, "kappa": 0.91, "alpha": 0.9, "f1": 0.9,
               "tool_kappa": 0.61, "tool_alpha": 0.6, "tool_f1": 0.6}]
    record = {"mapping": {"tensors_sha256": "abc"}, "labels": 240, "labels_file": "<mine>.csv", "scores": scores, "warnings": ["source <b>x</b> (9 passages)"], "agreement": agreed}
    (beside / "evaluation.json").write_text(json.dumps(record | changed))


def test_the_shipped_scores_are_shown_in_plain_words(folder):
    set_mapping(folder, tensors_sha256="abc", tested=CODES, tested_dimensions=DIMENSIONS)
    run = runs.open_run(folder)
    shown = str(sureness.measured(run))
    assert "Measured when the machine was trained" in shown and shown.index("7.7<") < shown.index("8.5<") and "F1" not in shown and "reckons" not in shown
    row = shown.split("Attitude</th>")[1].split("</tr>")[0]
    assert row.count("not measured") == 2 and "2" in row
    detail = str(sureness.for_researchers(run))
    assert detail.startswith("<details><summary>For researchers") and "0.81 (0.73 to 0.88)" in detail and "in 100: 2 for “" in detail
    assert str(sureness.agreed(run)) == ""


def test_setting_aside_is_told_per_decision_and_per_passage(folder):
    set_mapping(folder, tested=CODES, tested_dimensions=DIMENSIONS | {"questions": DIMENSIONS["barriers"] | {"error": 0.15, "error_at_80": 0.078}})
    shown = str(sureness.trusted(runs.open_run(folder)))
    cells = [re.findall(r">([^<]+)</t[dh]>", row) for row in shown.split("<tbody>")[1].split("</tr>")[:-1]]
    assert [row[1:] for row in cells] == [["6", "2", "23", "18"], ["15", "8", "23", "18"]]


def test_the_range_over_questions_and_barriers_is_told_with_the_best_and_the_least_well_read(folder):
    def row(found, right):
        return {"positives": 60, "f1": (found + right) / 2, "low": 0.1, "high": 0.9, "precision": right, "recall": found}

    tested = {"barriers:procurement": row(0.8, 0.9), "barriers:comms": row(0.5, 0.6), "questions:centre": row(0.7, 0.7), "aspects:treat": row(0.1, 0.1)}
    set_mapping(folder, tested=tested)
    run = runs.open_run(folder)
    label = run.framework.codes.set_index("code")["label"]
    shown = str(sureness.measured(run))
    assert "the machine finds 5.0 to 8.0, depending on which; of ten that it puts there, 6.0 to 9.0 are right." in shown
    assert f"reads “{label['procurement']}” best and “{label['comms']}” least well." in shown


def test_an_evaluation_of_this_mapping_takes_the_place_of_the_shipped_scores(folder):
    set_mapping(folder, tensors_sha256="abc", tested=CODES, tested_dimensions=DIMENSIONS)
    save_evaluation(folder)
    run = runs.open_run(folder)
    shown = str(sureness.measured(run))
    assert "Measured on 240 passages that people had put under the headings (&lt;mine&gt;.csv)" in shown and "5.2" in shown and "7.7" not in shown
    assert "source &lt;b&gt;x&lt;/b&gt; (9 passages)" in str(sureness.trusted(run))
    assert "0.91" in str(sureness.agreed(run)) and "0.61" in str(sureness.agreed(run))


def test_an_evaluation_on_labels_that_were_trained_on_says_so(folder):
    set_mapping(folder, tensors_sha256="abc")
    save_evaluation(folder, trained_on=True)
    assert "trained on the same passages" in str(sureness.measured(runs.open_run(folder)))


def test_an_evaluation_of_another_mapping_is_not_shown(folder):
    set_mapping(folder, tensors_sha256="abc", tested=CODES, tested_dimensions=DIMENSIONS)
    save_evaluation(folder, mapping={"tensors_sha256": "other"})
    assert "Measured when the machine was trained" in str(sureness.measured(runs.open_run(folder)))


def test_without_any_scores_it_says_that_nothing_was_measured(folder):
    run = runs.open_run(folder)
    assert "has not been measured" in str(sureness.measured(run)) and str(sureness.trusted(run)) == ""


def test_every_code_says_how_often_it_was_left_open(folder):
    ledger = json.loads((folder / "ledger.json").read_text())
    ledger["codes"] = {"centre": {"assign": 4, "abstain": 7, "outside": 19, "by_a_person": 1}}
    (folder / "ledger.json").write_text(json.dumps(ledger))
    row = str(sureness.by_code(runs.open_run(folder))).split("The digital centre</th>")[1].split("</tr>")[0]
    assert [n for n in row.replace("<", ">").split(">") if n.isdigit()] == ["4", "7", "19", "1"]


def test_people_who_differ_are_counted_and_not_named(folder):
    set_mapping(folder, decisions={"sha256": "x", "decisions": 9, "passages": 7, "decided_in_more_than_one_way": 1, "on_no_passage_here": 2})
    shown = str(sureness.people_decided(runs.open_run(folder)))
    assert "7 passages by hand" in shown and "On 1 passage two decisions differ: the later counts" in shown and "passages that are not in this run: 2 decisions." in shown


def test_the_rule_from_passages_to_contributions_is_stated(folder):
    shown = str(sureness.in_detail(runs.open_run(folder)))
    assert shown.startswith("<details>") and "every heading that one of its passages was given" in shown and "A barrier always brings the digital centre" in shown


def test_scores_do_not_stand_among_the_settings(folder):
    set_mapping(folder, tested=CODES, tested_dimensions=DIMENSIONS, method="trained")
    shown = str(about.versions(runs.open_run(folder)))
    assert "mapping, method" in shown and "tested" not in shown


def test_a_code_of_fewer_than_five_people_has_no_count_and_none_by_subtraction(folder):
    run = runs.open_run(folder)
    held = run.mapping[run.mapping["assigned"] & (run.mapping["code"] == "developers")]
    rare = run.mapping.index[(run.mapping["code"] == "developers")][:3]
    run.__dict__["mapping"] = run.mapping.assign(assigned=run.mapping["assigned"] | run.mapping.index.isin(rare))
    run.ledger["codes"] = {"developers": {"assign": 3, "abstain": 7, "outside": 54, "by_a_person": 0}, "centre": {"assign": 21, "abstain": 0, "outside": 43, "by_a_person": 0}}
    shown = str(sureness.by_code(run))
    assert held.empty and "<td>few</td>" in shown and "54" not in shown and ">3<" not in shown and "21" in shown and "43" in shown
