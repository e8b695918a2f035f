import os
import subprocess
import sys

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


def test_folds_are_the_same_in_every_process():
    code = ("from analysis.folds import grouped_folds; import numpy as np\n"
            "keys = [{('place', f'p{n % 17}'), ('person', f'name {n % 13}'), ('person', f'other {n % 11}')} for n in range(9)] "
            "+ [{('place', f'q{n}'), ('person', f'n{n // 2}')} for n in range(60)]\n"
            "print(grouped_folds(keys, np.ones((69, 1)), 5, seed=0).tolist())")
    found = {subprocess.check_output([sys.executable, "-c", code], text=True, env={**os.environ, "PYTHONHASHSEED": str(n)}) for n in range(4)}
    assert len(found) == 1
