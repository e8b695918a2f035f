import numpy as np
import pandas as pd

from analysis.folds import allowed, group_keys, grouped_folds, people


def labelled(**columns):
    texts = ["Buy smaller and leave sooner", "Fund the team for years", "Nobody owns the whole journey",
             "Publish what went wrong early", "Keep every counter open late", "Ask nurses about their logins"]
    return pd.DataFrame({"text": texts, **columns})


def test_names_are_read_out_of_however_an_author_is_written():
    assert people("Ada Example and Ben Sample") == {"ada example", "ben sample"}
    assert people("The policy team") == set()


def test_passages_tied_by_a_source_or_a_person_are_never_apart():
    table = labelled(place=["a", "a", "b", "c", "d", "e"], author=["", "Ann Other", "Ann Other", "", "", ""])
    fold = grouped_folds(group_keys(table), np.ones((6, 1)), 3, seed=0)
    assert fold[0] == fold[1] == fold[2]
    assert len(set(fold)) == 3


def test_nothing_of_a_test_passages_source_or_author_is_trained_on_nor_a_near_copy():
    table = labelled(place=["a", "a", "b", "c", "d", "e"], author=["", "", "Ann Other", "Ann Other", "", ""])
    table.loc[5, "text"] = table.loc[0, "text"] + " indeed"
    test = np.array([True, False, True, False, False, False])
    assert allowed(table, group_keys(table), test).tolist() == [False, False, False, False, True, False]
