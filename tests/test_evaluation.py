import numpy as np
import pandas as pd
import pytest

from analysis import framework
from analysis.errors import InputError
from analysis.evaluation import Decisions, calibration_error, evaluate, score
from analysis.labels import Labels, read_labels


def labelled(truth, **columns):
    table = pd.DataFrame({"id": [f"c{n}" for n in range(len(truth))], "text": ["some words"] * len(truth), **columns})
    return Labels(table=table, codes=pd.DataFrame({"comms": truth}), dimensions=("barriers",))


def mapped(assigned, probability=None):
    probability = probability or [0.9 if a else 0.1 for a in assigned]
    return pd.DataFrame({"contribution_id": [f"c{n}" for n in range(len(assigned))], "dimension": "barriers", "code": "comms",
                         "assigned": assigned, "probability": probability})


def test_scores_are_those_worked_out_by_hand():
    truth = [True] * 12 + [False] * 8
    found = [True] * 9 + [False] * 3 + [True] * 3 + [False] * 5  # 9 right, 3 missed, 3 wrong, 5 rightly not
    scores = evaluate(mapped(found), labelled(truth)).codes.iloc[0]
    assert scores["positives"] == 12
    assert scores["precision"] == scores["recall"] == scores["f1"] == 0.75
    assert scores["f1_low"] < 0.75 < scores["f1_high"]
    # Chance agreement 0.6 * 0.6 + 0.4 * 0.4 = 0.52, observed 14 / 20.
    assert scores["kappa"] == pytest.approx((0.7 - 0.52) / 0.48)
    # Expected disagreement 2 * 24 * 16 / (40 * 39), observed 6 / 20.
    assert scores["alpha"] == pytest.approx(1 - 0.3 / (768 / 1560))


def test_a_contribution_has_a_code_if_one_of_its_passages_has():
    table = pd.concat([mapped([False] * 20), mapped([True] * 20)])
    assert evaluate(table, labelled([True] * 20)).codes["f1"].iloc[0] == 1


def test_too_few_positives_are_not_measured():
    evaluation = evaluate(mapped([True] * 9 + [False] * 11), labelled([True] * 9 + [False] * 11))
    assert not evaluation.codes["measured"].iloc[0]
    assert evaluation.dimensions.empty


def test_a_label_without_a_mapping_counts_as_missed():
    scores = evaluate(mapped([True] * 10), labelled([True] * 20)).codes.iloc[0]
    assert scores["recall"] == 0.5


def test_a_group_that_falls_behind_is_named():
    truth = [True] * 20
    found = [True] * 10 + [False] * 8 + [True] * 2
    evaluation = evaluate(mapped(found), labelled(truth, source=["blogs"] * 10 + ["letters"] * 10))
    assert [w.split(" (")[0] for w in evaluation.warnings] == ["source letters"]


def test_deciding_only_the_surest_shows_its_error():
    truth = [True] * 10
    evaluation = evaluate(mapped([True] * 8 + [False] * 2, [0.99] * 8 + [0.45] * 2), labelled(truth))
    errors = evaluation.coverage.set_index("covered_share")["error_share"]
    assert (errors[1.0], errors[0.8]) == (0.2, 0.0)


def test_what_was_left_open_is_counted_and_the_rest_scored_without_it():
    table = mapped([True] * 10 + [False] * 10).assign(decision=["assign"] * 10 + ["abstain"] * 4 + ["outside"] * 6)
    row = evaluate(table, labelled([True] * 13 + [False] * 7)).abstentions.iloc[0]  # 3 wrong, all of them among the 4 left open
    assert (row["decisions"], row["abstained_share"], row["error_share"], row["error_share_decided"]) == (20, 0.2, 0.15, 0.0)


def test_calibration_error_of_honest_and_of_boastful_probabilities():
    truth = np.array([True, False] * 50)
    assert calibration_error(truth, np.full(100, 0.5)) == pytest.approx(0.0)
    assert calibration_error(truth, np.full(100, 0.9)) == pytest.approx(0.4)


def test_sureness_is_the_distance_from_a_codes_own_threshold():
    truth = np.array([[True]] * 10 + [[False]] * 10)
    probability = np.array([[0.5]] * 10 + [[0.02]] * 6 + [[0.19]] * 4)
    assigned = probability > 0.1  # the last four are wrong, and close to the threshold
    found = score(Decisions([("barriers", "comms")], truth, assigned, probability, np.array([0.1])))
    row = found.dimensions.iloc[0]
    assert (row["error"], row["error_at_80"], row["passage_error"], row["passage_error_at_80"]) == (0.2, 0.0, 0.2, 0.0)


def test_a_passage_is_wrong_when_any_of_its_codes_is_and_as_sure_as_its_least_sure_code():
    truth = np.array([[True, False]] * 10 + [[False, True]] * 10)
    probability = np.where(truth, 0.9, 0.1)
    probability[:4, 1] = 0.45
    assigned = truth.copy()
    assigned[:4, 1] = True  # 4 wrong of 40 decisions, in 4 of 20 passages
    found = score(Decisions([("q", "a"), ("q", "b")], truth, assigned, probability, np.array([0.4, 0.4]))).dimensions.iloc[0]
    assert (found["error"], found["passage_error"], found["passage_error_at_80"]) == (0.1, 0.2, 0.0)


def test_whole_sources_are_drawn_together_so_that_intervals_tell_of_them():
    truth = np.array([[True]] * 40)
    assigned = np.array([[True]] * 20 + [[False]] * 20)
    decisions = Decisions([("q", "a")], truth, assigned, np.where(assigned, 0.9, 0.1), np.array([0.5]))
    width = lambda found: found.codes["f1_high"].iloc[0] - found.codes["f1_low"].iloc[0]  # noqa: E731
    assert width(score(decisions, sources=pd.Series(["x"] * 20 + ["y"] * 20))) > 2 * width(score(decisions))


def test_a_record_holds_no_figure_for_a_code_that_was_not_measured():
    truth = np.array([[True, True]] * 5 + [[True, False]] * 5)
    record = score(Decisions([("q", "a"), ("q", "b")], truth, truth, truth * 1.0, np.array([0.5, 0.5]))).as_record()
    assert record["codes"]["q:b"] == {"positives": 5}
    assert record["codes"]["q:a"]["f1"] == 1 and record["dimensions"]["q"]["codes"] == 1


def test_unknown_codes_are_named_with_their_rows(tmp_path):
    path = tmp_path / "labels.csv"
    path.write_text("id,text,questions,barriers\n1,a,centre,money\n2,b,center,\n3,c,,money|comms\n")
    with pytest.raises(InputError) as error:
        read_labels(path, framework.load())
    assert "labels.csv has 2 problems." in str(error.value)
    assert '"center" in row 3 is no code of questions' in str(error.value)
    assert '"money" in row 2, 4 is no code of barriers' in str(error.value)


def test_labels_are_read_as_they_stand(tmp_path):
    path = tmp_path / "labels.csv"
    path.write_text("text,questions,barriers\nx,centre|approach,comms\ny,,\n")
    labels = read_labels(path, framework.load())
    assert labels.dimensions == ("questions", "barriers")
    assert labels.codes.sum().loc[["centre", "approach", "comms", "procurement"]].tolist() == [1, 1, 1, 0]


def test_a_file_without_codes_says_what_is_expected(tmp_path):
    path = tmp_path / "labels.csv"
    path.write_text("comment\nx\n")
    with pytest.raises(InputError, match='(?s)"text" is missing; found: comment.*expected at least one of questions, barriers'):
        read_labels(path, framework.load())
