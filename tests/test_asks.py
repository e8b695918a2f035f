"""What people ask for on a code: counted by person, verbatim, and nothing made up where nothing is shared."""

from __future__ import annotations

import re

import made_run
import pandas as pd
import pytest

from analysis.findings import asks, briefing, codes
from analysis.runs import open_run

ONE = {"dimension": "barriers", "code": "procurement", "label": "Procurement", "question": "How can buying technology be changed for the better?"}
BASE = {  # who, what, how sure of the code, of a proposal
    "p1": ("Framework rules keep small firms out. Publish framework prices for every bidder.", 0.9, 0.8), "p2": ("Please publish framework prices.", 0.8, 0.7),
    "p3": ("We should publish the framework prices, all of them.", 0.7, 0.6), "p4": ("Each framework asks for turnover. Make it shorter for everybody.", 0.9, 0.6),
    "p5": ("Suppliers should offer an exit from a framework.", 0.6, 0.6), "p6": ("The framework took eighteen months.", 0.9, 0.1),
    "p7": ("Everything about frameworks hurts and takes months.", 0.9, 0.1),
}


class Made:
    """A run of one code, with ``said`` as in ``BASE`` and copies of messages (``copies``: id -> whose message) and of ``unrelated`` passages."""

    def __init__(self, said: dict, *, copies: dict[str, str] | None = None, others: list[tuple] = (), unrelated: list[str] = ()):
        copies = copies or {}
        texts = {who: text for who, (text, *_) in said.items()} | {who: said[first][0] for who, first in copies.items()}
        texts |= {f"u{n}": text for n, text in enumerate(unrelated)}
        self.contributions = pd.DataFrame({"contribution_id": list(texts), "contributor": list(texts), "parent_id": None, "text": list(texts.values()), "duplicate_of": [copies.get(who) for who in texts],
                                           "source": "survey", "url": None, "lang": "en"})
        self.passages = pd.DataFrame({"passage_id": [f"{who}#1" for who in texts], "contribution_id": list(texts), "text": list(texts.values())})
        sure = {who: numbers for who, (_, *numbers) in said.items()} | {who: said[first][1:] for who, first in copies.items()}
        rows = [(who, f"{who}#1", *held) for who, (code, proposal) in sure.items()
                for held in [("questions", "centre", code, True), ("barriers", "procurement", code, True), ("stance", "proposal", proposal, proposal >= 0.5)]]
        rows += [(f"u{n}", f"u{n}#1", "questions", "technology", 0.9, True) for n in range(len(unrelated))]
        self.mapping = pd.DataFrame(rows + list(others), columns=["contribution_id", "passage_id", "dimension", "code", "probability", "assigned"])


def quoted(run, **options) -> list[str]:
    return asks.picked(run, ONE, **options)["text"].tolist()


def test_requests_are_verbatim_by_as_many_people_and_those_of_the_subject_come_first():
    assert quoted(Made(BASE))[0] == "Publish framework prices for every bidder."
    assert quoted(Made(BASE | {"p1": (BASE["p1"][0], 0.9, 0.0)}))[0] != "Publish framework prices for every bidder.", "nothing that is read as a proposal speaks less"
    off = BASE | {"p8": ("Pay the nurses what they would get elsewhere.", 0.95, 0.9)}
    wages = [f"Nurses get {n} pounds and the nurses leave." for n in range(6)]
    assert quoted(Made(off))[0].startswith("Pay the nurses") and quoted(Made(off, unrelated=wages))[0] == "Publish framework prices for every bidder."
    assert len(quoted(Made(BASE))) == 3 and len(set(asks.picked(Made(BASE), ONE)["one"])) == 3
    beside = asks.picked(Made(BASE), ONE, how_many=1)
    assert beside["text"].tolist()[0] not in quoted(Made(BASE), besides=beside)


def test_who_opened_the_discussion_asks_for_answers_and_not_for_changes():
    run = Made(BASE | {"host": ("Please publish framework prices here, all of you.", 0.9, 0.9), "more": ("We should publish framework prices in a list.", 0.9, 0.9)})
    run.contributions["contributor"] = run.contributions["contributor"].replace("more", "host")
    assert "host" in set(asks.picked(run, ONE, how_many=9)["contributor"])
    run.contributions["parent_id"] = [("host" if who in ("p1", "p2", "p3", "p4", "p5") else None) for who in run.contributions["contribution_id"]]
    assert "host" not in set(asks.picked(run, ONE, how_many=9)["contributor"])
    assert "5 of the 8 people" in plain(asks.of(run, ONE))


def test_what_points_back_is_quoted_with_what_it_points_to():
    said = BASE | {"p1": ("Nothing to ask.", 0.9, 0.1), "p2": ("Nor I.", 0.9, 0.1), "p8": ("We should buy less.", 0.5, 0.4), "p9": ("We should buy nothing.", 0.5, 0.4)}
    assert "Each framework asks for turnover. Make it shorter for everybody." in quoted(Made(said))


def test_a_passage_is_heard_where_it_is_surest_and_not_where_it_most_likely_says_something_else():
    elsewhere = [(who, f"{who}#1", "barriers", "budgeting", 0.95, True) for who in ("p1", "p2")]
    run = Made(BASE | {"p3": (BASE["p3"][0], 0.35, 0.6)}, others=elsewhere)
    assert {"p1", "p2", "p3"}.isdisjoint(asks.picked(run, ONE)["contributor"])
    assert "p3" not in set(codes.heard_at(run, "barriers", "procurement")["contribution_id"]), "0.35"
    assert set(codes.heard_at(run, "barriers", "budgeting")["contribution_id"]) == {"p1", "p2"}
    assert codes.heard_at(run, "questions", "centre").empty, "all of them name a barrier, and are heard there"


def test_what_five_people_share_is_said_with_their_number_and_below_that_nothing_is():
    run = Made(BASE)
    assert "5 of the 7 people who speak to it ask for something in so many words; no wording is shared by five of them. Three of their requests, each by somebody else:" in plain(asks.of(run, ONE))
    more = Made(BASE | {"p6": ("Publish framework prices online.", 0.9, 0.5), "p7": ("Publish framework prices monthly.", 0.9, 0.5)}, unrelated=["The form crashed twice."] * 14)
    assert "7 of the 7 people who speak to it ask for something in so many words; the words that they share most often are “publish framework prices” (5 people)." in plain(asks.of(more, ONE))
    assert "no wording" not in plain(asks.of(more, ONE))
    usual = Made({who: (more.passages.set_index("contribution_id")["text"][who], 0.9, 0.8) for who in BASE}, unrelated=["Publish framework prices: everybody says so."] * 70)
    assert "no wording is shared by five of them" in plain(asks.of(usual, ONE)), "what everybody says of everything is not what is asked for here"


def test_whoever_sends_a_copy_asks_for_the_same_and_one_message_of_many_is_no_shared_wording():
    run = Made(BASE, copies={f"c{n}": "p2" for n in range(6)})
    said = plain(asks.of(run, ONE))
    assert "11 of the 13 people who speak to it ask for something in so many words (7 of whom sent the same message);" in said
    first = asks.picked(run, ONE).iloc[0]
    assert (first["text"], first["senders"]) == ("Please publish framework prices.", 7), "what most sent comes first"
    alone = Made({"p1": ("Publish the whole contract for good.", 0.9, 0.8), **{f"q{n}": (f"It took {n} months.", 0.9, 0.1) for n in range(5)}}, copies={f"c{n}": "p1" for n in range(6)})
    assert "no wording is shared by five of them" in plain(asks.of(alone, ONE))


@pytest.mark.parametrize(("asking", "said"), [(4, "Fewer than 5 people of the 8 who speak to it asked"), (0, "Nobody of the 8 who speak to it asked")])
def test_where_fewer_than_five_ask_nobody_is_quoted(asking, said):
    run = Made({f"p{n}": ("Publish framework prices." if n < asking else f"The framework took {n} months.", 0.9, 0.8) for n in range(8)})
    run.passages["text"] = [f"{text} {'x' * n}" for n, text in enumerate(run.passages["text"])]
    assert said in plain(asks.of(run, ONE)) and "voice" not in str(asks.of(run, ONE)) and asks.picked(run, ONE).empty
    few = Made({f"p{n}": ("Publish framework prices.", 0.9, 0.8) for n in range(4)})
    assert str(asks.of(few, ONE)) == ""


def test_who_is_heard_in_an_exchange_is_not_quoted_as_asking_too():
    long = "Publish framework prices for every bidder, and the turnover that frameworks ask small firms for as well."
    run = Made(BASE | {"p1": (long, 0.9, 0.9), "p6": (f"I disagree. {long} That is how turnover rules keep frameworks honest.", 0.9, 0.1)})
    assert "p1" in set(asks.heard(run, ONE)["contributor"])
    run.contributions["parent_id"] = [{"p6": "p1", "p1": "p7"}.get(who) for who in run.contributions["contribution_id"]]
    assert "p1" not in set(asks.heard(run, ONE)["contributor"]) and "p1" in set(asks.picked(run, ONE)["contributor"])


def test_what_the_rule_cannot_read_is_left_out():
    run = Made(BASE | {"p6": ("Framework prices should be published.", 0.9, 0.5)})
    assert "p1" in set(asks.picked(run, ONE)["contributor"])
    run.passages["less_reliable"] = run.passages["contribution_id"].eq("p1")
    assert "p1" not in set(asks.picked(run, ONE)["contributor"])


def test_a_hostile_request_is_harmless():
    run = Made(BASE | {"p1": ("Publish framework prices <script>alert(1)</script> now.", 0.99, 0.99)})
    assert "<script>" not in str(asks.of(run, ONE)) and "&lt;script&gt;" in str(asks.of(run, ONE))


def test_every_code_of_the_page_opens_with_what_is_asked_for_and_the_briefing_quotes_one(tmp_path):
    page = made_run.published().read_text(encoding="utf-8")
    run = open_run(made_run.write(tmp_path / "run"))
    assert page.count("<strong>What they ask for.</strong>") == sum(
        bool(str(asks.of(run, one))) for dimension in ("questions", "barriers") for one in codes.codes_of(run, dimension).to_dict("records")) > 0
    run.__dict__["contributions"] = run.contributions.assign(contributor=run.contributions["contribution_id"], duplicate_of=None)
    line = next(part for part in str(briefing.heard(run)).split("<li>") if "budgeting" in part.casefold())
    assert "“Fund teams for years, not projects for months, and let them keep the thing running." in line


def plain(shown) -> str:
    return re.sub("<[^>]*>", "", str(shown)).replace("&#x27;", "'")
