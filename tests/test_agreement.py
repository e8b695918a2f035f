import numpy as np
import pandas as pd
import pytest

from analysis.agreement import agreement, cohens_kappa, krippendorffs_alpha
from analysis.labels import Labels


def labelled(truth):
    table = pd.DataFrame({"id": [f"c{n}" for n in range(len(truth))], "text": ["some words"] * len(truth)})
    return Labels(table=table, codes=pd.DataFrame({"comms": truth}), dimensions=("barriers",))


def test_perfect_and_opposite_coders():
    a = np.array([True, False, True, False])
    assert cohens_kappa(a, a) == krippendorffs_alpha(a, a) == 1
    assert cohens_kappa(a, ~a) == -1


def test_two_coders_are_compared_on_the_passages_both_have_read():
    one, other = labelled([True, True, False, False]), labelled([True, False, False])
    row = agreement(one, other).iloc[0]
    assert (row["passages"], row["positives_one"], row["positives_other"]) == (3, 2, 1)
    assert row["kappa"] == pytest.approx(0.4)  # observed 2/3; chance 2/3*1/3 + 1/3*2/3 = 4/9


def test_the_mapping_stands_beside_the_second_coder_on_the_same_passages():
    one, other = labelled([True, True, False, False]), labelled([True, False, False, False])
    row = agreement(one, other, tool=pd.DataFrame({"comms": [False, True, False, False]})).iloc[0]
    assert row["f1"] == row["tool_f1"] == pytest.approx(2 / 3)
    perfect = agreement(one, other, tool=pd.DataFrame({"comms": [True, True, False, False]})).iloc[0]
    assert (perfect["tool_kappa"], perfect["tool_alpha"]) == (1, 1)
