"""Who is answered: replies that take up the words of what they answer, by somebody else, on the same subject."""

from __future__ import annotations

import pandas as pd

from analysis.findings import exchanges

SAID = {  # id: (who, parent, text)
    "root": ("host", None, "What should the centre of government be? Everybody is welcome to say, small firms and large integrators alike."),
    "for": ("a", "root", "Stop slicing everything for small firms. One big integrator who can be sued is a perfectly respectable choice."),
    "against": ("b", "for", "One big integrator who can be sued has better lawyers than you. Small firms and the right to walk away, please."),
    "own": ("b", "against", "One big integrator who can be sued has better lawyers than you, and I should add that small firms have no lawyers at all."),
    "on": ("c", "for", "Completely elsewhere: the pharmacy owns the drugs, transport owns the van, and the patient sits in a coat until seven."),
    "cheer": ("d", "for", "One big integrator, ha!"),
    "direct": ("f", "root", "What should the centre of government be? Welcoming to everybody: small firms, large integrators, anybody alike."),
    "aside": ("g", "direct", "My neighbour keeps bees and has started to sell honey at the gate on Saturdays, which brings the whole street together."),
    "far": ("e", "on", "Our ward has one coordinator who bosses transport and pharmacy about, so coats come off by noon; her post was absorbed in the spring though."),
}


class Run:
    contributions = pd.DataFrame([(one, who, parent, text, None, "survey", None, "en") for one, (who, parent, text) in SAID.items()],
                                 columns=["contribution_id", "contributor", "parent_id", "text", "duplicate_of", "source", "url", "lang"])
    passages = pd.DataFrame({"passage_id": [f"{one}#1" for one in SAID], "contribution_id": list(SAID)})


def rows(*ids: str) -> pd.DataFrame:
    return pd.DataFrame({"contribution_id": list(ids)})


ALL = rows("root", "for", "against", "own", "on", "cheer", "direct", "aside")


def pairs(run, found_in) -> list[tuple[str, str]]:
    found = exchanges.found(run, found_in)
    return list(zip(found["asked"], found["answer"]))


def test_an_answer_that_takes_up_the_words_is_found_and_one_that_goes_elsewhere_is_not():
    assert pairs(Run, ALL) == [("for", "against")]  # not: to oneself, to who opened it, in passing, on something else


def test_a_subject_that_only_one_side_was_put_to_needs_more_in_common():
    assert ("on", "far") not in pairs(Run, ALL)
    assert ("on", "far") in pairs(Run, pd.concat([ALL, rows("far")]))


def test_who_says_so_comes_first():
    texts = {**SAID, "far": ("e", "on", "I disagree. " + SAID["far"][2])}

    class Loud(Run):
        contributions = Run.contributions.assign(text=[text for *_, text in texts.values()])
    assert pairs(Loud, pd.concat([ALL, rows("far")]))[0] == ("on", "far")


def test_nobody_is_shown_where_fewer_than_five_people_spoke():
    assert pairs(Run, rows("for", "against")) == []
    assert str(exchanges.answered(Run, rows("for", "against"))[0]) == ""


def test_where_people_answer_one_another_but_nobody_takes_up_the_words_there_is_no_exchange():
    apart = rows("root", "on", "direct", "aside", "cheer")  # five people, and replies among them
    assert pairs(Run, apart) == []
    assert str(exchanges.answered(Run, apart)[0]) == ""


def test_both_sides_are_quoted_with_who_said_them():
    shown, heard = exchanges.answered(Run, ALL)
    shown = str(shown)
    assert set(heard["one"]) == {"a", "b"}
    assert shown.count("<blockquote") == 2 and shown.index("Stop slicing") < shown.index("In answer to that:") < shown.index("better lawyers")
    assert "data-contribution='for'" in shown and "data-contribution='against'" in shown
