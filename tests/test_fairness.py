"""Three counts that a person can check by hand, and no order that depends on who wrote at length."""

from __future__ import annotations

import made_run
import pandas as pd

from analysis import embedding, pipeline, runs
from analysis.findings import codes, fairness, landscape
from analysis.pipeline import Options


def contributions(*rows):
    return pd.DataFrame(rows, columns=["contribution_id", "contributor", "duplicate_of"])


class Run:
    """Fifty short answers about buying, and one post of sixty passages about money."""

    contributions = contributions(*[(f"s{n}", f"p{n}", None) for n in range(50)], ("post", "writer", None))
    mapping = pd.DataFrame([(f"s{n}", f"s{n}#1", "barriers", "procurement", True) for n in range(50)]
                           + [("post", f"post#{n}", "barriers", "budgeting", True) for n in range(60)],
                           columns=["contribution_id", "passage_id", "dimension", "code", "assigned"])

    class framework:
        codes = pd.DataFrame({"dimension": "barriers", "code": ["budgeting", "procurement"], "label": ["Money", "Buying"], "under": None})


def test_one_long_post_does_not_outvote_fifty_short_answers():
    table = codes.counts(Run, codes.codes_of(Run, "barriers")).set_index("code")
    assert table.loc["procurement", ["messages", "of"]].tolist() == [50, 51]
    assert table.loc["budgeting", "text"] == "fewer than 5 people"
    three = fairness.counted_three_ways(Run.contributions, {"Money": {"post"}, "Buying": {f"s{n}" for n in range(50)}})
    assert three.to_dict("records") == [{"name": "Buying", "contributions": 50, "people": 50, "messages": 50},
                                        {"name": "Money", "contributions": 1, "people": 1, "messages": 1}]


def test_a_post_of_five_thousand_words_is_one_person_however_many_passages_it_fills(tmp_path, stub_encoder, monkeypatch):
    stub_encoder.files = embedding.ModelFiles("stub", "0", None, "0" * 64)
    monkeypatch.setattr(embedding, "load_encoder", lambda *args, **kwargs: stub_encoder)
    post = "\n\n".join("money " + " ".join(f"word{n}x{k}" for k in range(99)) for n in range(50))
    rows = [("post", "writer", post), *((f"s{n}", f"p{n}", f"buying takes too long in place {n}") for n in range(50))]
    pd.DataFrame(rows, columns=["id", "author", "text"]).to_csv(tmp_path / "raw.csv", index=False)
    run = pipeline.run(tmp_path / "raw.csv", out=tmp_path / "out", options=Options(refits=0, pages=False))
    of_post = run.passages["contribution_id"] == "post"
    assert len(post.split()) == 5_000 and of_post.sum() >= 45
    placed = landscape.placed(run).assign(post=of_post.to_numpy()).dropna(subset=["number"])
    themes = landscape.broad(run).set_index("number")
    by_post, by_people = (set(placed.loc[placed["post"] == of, "number"]) for of in (True, False))
    assert by_post and by_people and not by_post & by_people
    assert set(themes.loc[list(by_post), "contributors"]) == {1} and themes.loc[list(by_people), "contributors"].min() > 1
    assert max(map(int, by_people)) < min(map(int, by_post)), "the post's passages put a theme of one person before those of many"


def test_three_counts_of_a_campaign_and_of_somebody_who_writes_often():
    # A campaign: six people, one message. Somebody insistent: 5 people, 8 contributions, 8 messages.
    table = contributions(*[(f"c{n}", f"c{n}", None if n == 0 else "c0") for n in range(6)],
                          *[(f"i{n}", f"i{min(n, 4)}", None) for n in range(8)])
    three = fairness.counted_three_ways(table, {"campaign": {f"c{n}" for n in range(6)}, "insistent": {f"i{n}" for n in range(8)}})
    assert three[["name", "contributions", "people", "messages"]].to_numpy().tolist() == [["campaign", 6, 6, 1], ["insistent", 8, 5, 8]]
    assert fairness.other_orders(three) == ["“campaign” comes before “insistent” by people, but after it by contributions and distinct messages."]


def test_ties_and_groups_too_small_to_show_are_no_other_order():
    table = pd.DataFrame([("a", 9, 6, 6), ("b", 8, 6, 5), ("c", 20, 4, 20)], columns=["name", "contributions", "people", "messages"])
    assert fairness.other_orders(table) == []


def test_the_page_says_of_each_order_whether_it_stands(tmp_path):
    said = str(fairness.orders(runs.open_run(made_run.write(tmp_path / "run"))))
    for name in ("themes", "questions", "barriers"):
        assert f"The {name}, counted three ways" in said
        assert f"no two of the {name} change places" in said or f"The order of the {name} depends on what is counted" in said


def test_the_three_counts_are_in_one_table_and_other_sections_lead_to_it(tmp_path):
    run = runs.open_run(made_run.write(tmp_path / "run"))
    for of in ("themes", "barriers"):
        said = str(fairness.order(run, of))
        assert said.split("</p>")[0] in str(fairness.orders(run)) and "<table" not in said and "section/01-contributions/Three ways to count" in said
    none = runs.open_run(made_run.write(tmp_path / "small", contributions=12, themes=False))
    assert str(fairness.order(none, "themes")) == ""
    page = made_run.published().read_text(encoding="utf-8")
    for section in ("02-landscape", "04-four-barriers"):
        part = page[page.index(f"id='s{section}'"):]
        assert "<a href='#s01-contributions-three-ways-to-count'>The three counts beside each other</a>" in part[:part.index("</section>")]
    assert page.count("counted three ways</caption>") == 3


def test_no_small_group_can_be_counted_back(tmp_path):
    class Small(Run):
        contributions = contributions(*[(f"s{n}", f"p{n}", None) for n in range(50)], ("post", "writer", None))
        themes = pd.DataFrame({"parent_id": [], "contributors": [], "passages": [], "theme_id": [], "grade": []})
    said = str(fairness.orders(Small))
    assert "fewer than 5 people" in said and "<td>few</td>" in said and ">1<" not in said
