"""A theme that goes on keeps its id; new passages and withdrawn ones do not count against it."""

from __future__ import annotations

import pandas as pd

from analysis.identity import carried_over, theme_id


def earlier(**themes: list[str]):
    rows = [(identifier, None, f"Name of {identifier}", "theme") for identifier in themes]
    table = pd.DataFrame(rows, columns=["theme_id", "parent_id", "name", "level"])
    members = pd.DataFrame([(p, identifier) for identifier, found in themes.items() for p in found], columns=["passage_id", "theme_id"])
    return table, members


def goes_on(members, previous, extra=()):
    sets = [set(m) for m in members]
    return carried_over(sets, ["theme"] * len(sets), passages=set().union(*sets, extra), previous=previous)


def test_more_than_half_in_common_goes_on():
    previous = earlier(a=["1", "2", "3", "4"], b=["5", "6"])
    # {1, 2, 3} of {1, 2, 3, 4}: 3/4. {5} of {4, 5, 6}: 1/3.
    assert goes_on([["1", "2", "3"], ["4", "5"]], previous, extra=["6"]) == {0: ("a", "Name of a")}


def test_exactly_half_is_not_enough_since_two_themes_could_claim_it():
    assert goes_on([["1", "2"], ["3", "4"]], earlier(a=["1", "2", "3", "4"])) == {}


def test_new_and_withdrawn_passages_do_not_count():
    previous = earlier(a=["1", "2", "3", "gone", "gone too", "gone as well"])
    assert goes_on([["1", "2", "new", "newer", "newest", "latest"]], previous, extra=["3"]) == {0: ("a", "Name of a")}


def test_a_sub_theme_that_now_stands_alone_keeps_its_id_unless_a_theme_of_its_level_claims_it():
    table, members = earlier(a=["1", "2", "3"])
    previous = table.assign(level="sub-theme"), members
    assert goes_on([["1", "2"]], previous, extra=["3"]) == {0: ("a", "Name of a")}
    sets = [{"1", "2", "3"}, {"1", "2"}]
    assert set(carried_over(sets, ["theme", "sub-theme"], passages={"1", "2", "3"}, previous=previous)) == {1}


def test_a_broad_theme_holds_what_its_sub_themes_hold():
    table, members = earlier(part=["1", "2", "3"])
    table = pd.concat([table.assign(parent_id="whole", level="sub-theme"),
                       pd.DataFrame([("whole", None, "The whole", "theme")], columns=table.columns)], ignore_index=True)
    assert goes_on([["1", "2", "3"]], (table, members)) == {0: ("whole", "The whole")}


def test_ids_come_from_the_name_and_the_level():
    assert theme_id("Opening hours", "theme") == theme_id("opening Hours", "theme") != theme_id("Opening hours", "sub-theme")
