"""The example's planted theme is listed as what the framework misses, and its campaign is placed once (real encoder and mapping)."""

from __future__ import annotations

import importlib.util

import pandas as pd
import pytest
from conftest import ROOT

from analysis.themes import find_themes


@pytest.fixture(scope="module")
def missed():
    spec = importlib.util.spec_from_file_location("missed", ROOT / "tests" / "benchmarks" / "missed.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def example(missed):
    return missed.prepared()


def test_the_planted_theme_is_listed_as_missed(missed, example):
    assert missed.is_found(missed.listed(example, seed=11, refits=0))


def test_every_copy_of_the_campaign_is_where_its_message_is(example):
    truth = pd.read_csv(ROOT / "tests" / "truth" / "example.csv")
    letters = truth.loc[truth["planted"].fillna("").str.contains("campaign"), "contribution_id"]
    found = find_themes(example.vectors, example.passages, seed=7, refits=0)
    theirs = found.membership.loc[example.passages["contribution_id"].isin(letters).to_numpy(), "theme_id"]
    assert len(theirs) == 30 and theirs.notna().all() and theirs.nunique() == 1
