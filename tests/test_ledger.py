from types import SimpleNamespace

import pandas as pd
import pytest

from analysis.errors import ReckonsError
from analysis.ledger import account


def study(records_read=5):
    kept = pd.DataFrame({"contribution_id": ["1", "2", "3"], "source_file": ["a.csv", "a.csv", "b.md"],
                         "contributor": ["P-1", "P-1", None], "duplicate_of": [None, "1", None]})
    aside = pd.DataFrame({"source_file": ["a.csv", "a.csv"], "reason": ['created_at "31/02/2025" is not a date', 'created_at "x" is not a date']})
    return SimpleNamespace(kept=kept, set_aside=aside, records_read=records_read, settings={"redacted": {"email": 2, "phone": 0}})


MEMBERSHIP = pd.DataFrame({"passage_id": ["1#1", "2#1", "3#1", "3#2"], "theme_id": ["T1", None, None, "T1"],
                           "lang": ["en", "cy", None, "en"], "less_reliable": [False, True, False, False]})
DECISIONS = pd.Series({"1": "mapped", "2": "outside", "3": "abstained"})


def test_counts_what_a_person_would_count():
    ledger = account(study(), MEMBERSHIP, membership=MEMBERSHIP, decisions=DECISIONS)
    assert ledger["contributions"] == {
        "read": 5, "kept": 3, "set_aside": 2, "set_aside_by_reason": {'created_at "…" is not a date': 2},
        "mapped": 1, "abstained": 1, "outside": 1}
    assert ledger["passages"] == {"total": 4, "in_a_theme": 2, "in_none": 2, "in_none_by_reason": {"resembles no theme closely enough": 2}}
    assert ledger["languages"] == {"passages": {"en": 2, "cy": 1, "unknown": 1}, "less_reliably_placed": 1}
    assert (ledger["contributors"], ledger["distinct_messages"]) == (1, 2)
    assert ledger["by_source"]["a.csv"] == {"read": 4, "kept": 2, "set_aside": 2}
    assert ledger["redacted"] == {"email": 2, "phone": 0}


def test_every_passage_in_no_theme_has_its_reason():
    reasons = MEMBERSHIP.assign(reason=[None, "says nothing that can be placed", "resembles no theme closely enough", None])
    counted = account(study(), MEMBERSHIP, membership=reasons, decisions=DECISIONS)["passages"]["in_none_by_reason"]
    assert counted == {"resembles no theme closely enough": 1, "says nothing that can be placed": 1}
    with pytest.raises(ReckonsError, match="passages in none = their reasons: 2 is not 1"):
        account(study(), MEMBERSHIP, membership=reasons.assign(reason=[None, None, "says nothing that can be placed", None]), decisions=DECISIONS)


def test_a_lost_record_stops_the_run():
    with pytest.raises(ReckonsError, match="does not add up. read = kept \\+ set aside: 6 is not 5"):
        account(study(records_read=6), MEMBERSHIP, membership=MEMBERSHIP, decisions=DECISIONS)


def test_a_contribution_without_an_outcome_stops_the_run():
    with pytest.raises(ReckonsError, match="kept = mapped \\+ abstained \\+ outside: 3 is not 2"):
        account(study(), MEMBERSHIP, membership=MEMBERSHIP, decisions=DECISIONS.drop("2"))


def mapping(*decisions):
    return pd.DataFrame({"code": "comms", "decision": decisions, "decided_by": ["person", *["model"] * (len(decisions) - 1)]})


def test_abstentions_are_counted_for_every_code():
    ledger = account(study(), MEMBERSHIP, membership=MEMBERSHIP, decisions=DECISIONS, mapping=mapping("assign", "abstain", "abstain", "outside"))
    assert ledger["codes"] == {"comms": {"assign": 1, "abstain": 2, "outside": 1, "by_a_person": 1}}


def test_a_passage_without_a_decision_on_a_code_stops_the_run():
    with pytest.raises(ReckonsError, match="passages = assigned \\+ abstained \\+ outside for comms: 4 is not 3"):
        account(study(), MEMBERSHIP, membership=MEMBERSHIP, decisions=DECISIONS, mapping=mapping("assign", "abstain", "outside"))
