"""What pages say in numbers: worked out by hand, and silent where too few stand behind them."""

from __future__ import annotations

import made_run
import pandas as pd
import pytest

from analysis import findings, runs, words
from analysis.findings import counts, people


def contributions(*rows) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["contribution_id", "contributor", "duplicate_of"])
    return table.assign(source="survey", text="words", created_at=pd.NaT)


def test_wilson_interval_is_the_one_in_the_books():
    share, low, high = counts.interval(10, 100)  # Wilson: 0.0552 to 0.1744
    assert (share, round(low, 4), round(high, 4)) == (0.1, 0.0552, 0.1744)


def test_no_percentage_under_thirty_contributions():
    assert counts.share_in_words(9, 29) == "9 of 29"
    assert counts.share_in_words(9, 30).startswith("30% (9 of 30; 95% interval 17% to 48%)")


@pytest.mark.parametrize("count, said", [(0, "no people"), (1, "fewer than 5 people"), (4, "fewer than 5 people"), (5, "5 people"), (1200, "1,200 people")])
def test_no_count_under_five_people(count, said):
    assert counts.people_in_words(count) == said


def test_people_without_a_name_count_once_each_and_copies_count_as_no_message():
    table = contributions(("a", "p1", None), ("b", "p1", None), ("c", None, None), ("d", None, "a"))
    assert counts.people(table) == 3
    assert counts.messages(table) == 3


def test_the_loudest_five_are_measured_against_everything():
    class Run:
        contributions = pd.concat([contributions(*[(f"{p}{i}", p, None) for i in range(n)]) for p, n in
                                   [("a", 10), ("b", 5), ("c", 5), ("d", 5), ("e", 5), ("f", 3), ("g", 3), ("h", 2), ("i", 2)]], ignore_index=True)
    assert "75%" in people.loudest(Run).finding and "30 of 40" in people.loudest(Run).finding


@pytest.mark.parametrize("counted, places, first", [([7, 6, 5, 4, 4, 1], 5, 5), ([7, 6, 5, 4, 4, 4, 1], 5, 6), ([9] + [4] * 20, 5, 1), ([1] * 50, 5, 0), ([3, 2], 5, 2)])
def test_who_spoke_as_often_as_the_fifth_is_among_the_loudest_unless_too_many_did(counted, places, first):
    assert counts.busiest(pd.Series(counted), places) == first


def test_ties_among_the_loudest_are_said_and_nobody_is_named_loud_where_all_are_alike():
    class Run:
        contributions = contributions(*[(f"{p}{i}", p, None) for p, n in zip("abcdefg", [4, 4, 4, 4, 4, 4, 1]) for i in range(n)])
    assert "The 6 who spoke most (6 rather than 5, because some wrote equally often) account for" in people.loudest(Run).finding
    Run.contributions = contributions(*[(p, p, None) for p in "abcdefghijklmnop"])
    assert people.loudest(Run).finding.startswith("Nobody stands out: so many spoke equally often, at most 1 time,")


def test_other_languages_are_counted_and_said_to_be_placed_less_reliably():
    class Run:
        ledger = {"languages": {"passages": {"en": 463, "cy": 12, "unknown": 2, "xx": 1}, "less_reliably_placed": 13}}
    said = str(people.languages(Run))
    assert "Of 478 passages, 463 in English, 12 in Welsh, 2 in a language that could not be told and 1 in another language (code xx)." in said
    assert "13 of them are in a language that the encoder was not trained to read: kept and counted" in said
    Run.ledger = {"languages": {"passages": {"en": 1}, "less_reliably_placed": 0}}
    assert "less reliably" not in str(people.languages(Run))


@pytest.mark.parametrize("url", ["javascript:alert(1)", "JAVASCRIPT:alert(1)", " javascript:alert(1)", "java\nscript:alert(1)", "data:text/html,x",
                                 "file:///etc/passwd", "//hostile.example", "https://", "http://[bad", "", None, pd.NA])
def test_only_addresses_of_the_web_become_links(url):
    assert words.safe_address(url) is None
    shown = str(words.quotes(pd.DataFrame({"text": ["x"], "contribution_id": ["a"], "url": [url]})))
    assert "<a " not in shown


def test_a_quotation_is_verbatim_and_escaped():
    shown = str(words.quotes(pd.DataFrame({"text": ["<b>5 < 6</b> & \"so\"\non"], "contribution_id": ["a'b"], "contributor": ["p1"]})))
    assert "&lt;b&gt;5 &lt; 6&lt;/b&gt; &amp; &quot;so&quot;\non" in shown
    assert "data-contribution='a&#x27;b'" in shown


def test_marks_that_turn_text_round_are_taken_out():
    assert words.printable("a\u202eb\x00c") == "a b c"


def test_a_table_has_a_caption_and_header_cells():
    shown = str(words.table(pd.DataFrame({"Name": ["<i>"], "Count": [1200]}), caption="How <many>"))
    assert "<caption>How &lt;many&gt;</caption>" in shown and "<th scope='row'>&lt;i&gt;</th>" in shown and "1,200" in shown


@pytest.mark.parametrize("since, in_all, said", [(0, 0, "No contribution was withdrawn."), (1, 1, "Since the last run 1 contribution was withdrawn. "),
                                                 (2, 5, "Since the last run 2 contributions were withdrawn, 5 in all. ")])
def test_the_page_says_how_many_were_withdrawn_since_the_last_run(since, in_all, said):
    class Run:
        ledger = {"withdrawn_since_last_run": since, "contributions": {"set_aside_by_reason": {"withdrawn": in_all} if in_all else {}}}
    assert said in str(people.set_aside(Run))


@pytest.mark.parametrize(("found", "said"), [
    ({"email": 2, "phone": 1, "handle": 0, "nhs_number": 1}, "2 e-mail addresses, 1 phone number and 1 NHS number were taken out"),
    ({"postcode": 1, "email": 0}, "1 postcode was taken out"), (None, "were not looked for in this run; do not pass these pages on"), ({"email": 0}, None)])
def test_the_page_says_which_personal_details_were_taken_out(found, said):
    class Run:
        ledger = {"contributions": {"set_aside_by_reason": {}}, "redacted": found}
    shown = str(people.set_aside(Run))
    assert said in shown if said else "taken out" not in shown


def test_the_briefing_names_the_commonest_reason():
    class Run:
        ledger = {"contributions": {"read": 30, "set_aside": 15, "set_aside_by_reason": {f"reason {n}": n for n in (5, 4, 2, 1)} | {"x": 1, "y": 1, "z": 1}}}
    assert findings.briefing._set_aside(Run.ledger["contributions"]) == "Of 30 records, 15 were set aside, most often (5 times) as “reason 5”."
    assert findings.briefing._set_aside({"read": 30, "set_aside": 4, "set_aside_by_reason": {"blank": 4}}) == "Of 30 records, 4 were set aside, all of them as “blank”."


def test_what_changed_names_new_and_gone_themes_and_quotes_what_made_them(tmp_path):
    now = runs.open_run(made_run.write(tmp_path / "now"))
    made_run.write(tmp_path / "now" / "previous", contributions=40)
    earlier = findings.changes.earlier_run("", now)
    assert "24 contributions came and no contributions went" in str(findings.changes.answer(now, earlier)).casefold()
    table = str(findings.changes.themes_moved(now, earlier))
    assert "grown" in table and "How firm before" in table
    made = str(findings.changes.what_made_it(now, earlier))
    assert "Newly contributed" in made and "<script>" not in made
    # "Publishing" is graded "do not quote" in both runs: it is in the table, and nobody is quoted for it.
    assert "Publishing" in table and "Publishing" not in made


def test_groups_that_did_not_hold_are_in_no_list_but_in_a_table_of_their_own(tmp_path):
    run = runs.open_run(made_run.write(tmp_path / "run"))
    lists = [findings.landscape.answer, findings.landscape.sub_themes, findings.landscape.in_their_words, findings.beyond.missed_themes, findings.beyond.answer,
             findings.sureness.themes, findings.fairness.orders, findings.briefing.largest_themes]
    assert all("Publishing" not in str(told(run)) and "press office" not in str(told(run)) for told in lists)
    assert not findings.landscape.sizes(run).table["name"].isin(["Publishing"]).any()
    shown = str(findings.landscape.not_held(run))
    assert "Publishing" in shown and "press office" in shown and "do not quote" in shown and "8 in 10" in shown
    assert "Buying and suppliers" not in shown


def test_where_no_theme_held_the_page_does_not_say_that_there_were_too_few(tmp_path):
    folder = made_run.write(tmp_path / "run")
    pd.read_parquet(folder / "themes.parquet").assign(grade="do not quote").to_parquet(folder / "themes.parquet", index=False)
    run = runs.open_run(folder)
    for told in (findings.landscape.answer, findings.landscape.in_their_words, findings.briefing.largest_themes, findings.crossing.by_code):
        assert "none of them came back" in str(told(run)) and "too few" not in str(told(run))


def test_why_passages_are_in_no_theme_is_said(tmp_path):
    run = runs.open_run(made_run.write(tmp_path / "run"))
    run.ledger["passages"]["in_none_by_reason"] = {"says nothing that can be placed": 9, "resembles no theme closely enough": 15}
    assert "Of these, 15 resemble no theme closely enough and 9 say nothing that can be placed" in str(findings.landscape.outside(run))


def test_what_changed_is_said_in_a_sentence_and_names_keep_their_capitals(tmp_path, monkeypatch):
    assert [findings.changes._verb(*one) for one in [("new", 1), ("gone", 2), ("grown", 1), ("split", 3)]] == ["is", "are", "has", "have"]
    now = runs.open_run(made_run.write(tmp_path / "now"))
    made_run.write(tmp_path / "now" / "previous", contributions=40)
    earlier = findings.changes.earlier_run("", now)
    assert "2 have grown" in str(findings.changes.answer(now, earlier))
    headings = []
    monkeypatch.setattr(words, "quotes", lambda rows, *, heading: headings.append(heading) or words.Words(""))
    moves = pd.DataFrame({"theme_id": "1", "change": "grown", "moved": "from “Housing Benefit”", "passage_id": now.membership["passage_id"].head(2)})
    event = next(findings.changes.compare(earlier, now).themes.query("change == 'grown'").itertuples())
    findings.changes._passages(now, moves.assign(theme_id=event.theme_id), event)
    assert headings == ["From “Housing Benefit”"]


def test_without_an_earlier_run_nothing_is_said_of_change(tmp_path):
    now = runs.open_run(made_run.write(tmp_path / "now"))
    assert findings.changes.earlier_run("", now) is None
    assert str(findings.changes.answer(now, None)).count("no earlier run") == 1
    assert all("Nothing to compare" in str(told(now, None)) for told in (findings.changes.themes_moved, findings.changes.what_made_it))


@pytest.mark.parametrize("row, said", [
    ({"licence": "CC BY 4.0", "url": "https://a.example"}, "licence CC BY 4.0"), ({"licence": "https://creativecommons.org/licenses/by-sa/4.0/"}, "licence CC BY-SA 4.0"),
    ({"licence": "Open Government Licence v3.0"}, "Open Government Licence v3.0"), ({"licence": "<b>mine</b>"}, "licence &lt;b&gt;mine&lt;/b&gt;"),
    ({"licence": None, "url": "https://a.example"}, "published openly, no licence stated"), ({"licence": None, "url": None}, "not published: ask before you quote it elsewhere")])
def test_a_quotation_says_under_which_licence_it_may_be_repeated(row, said):
    assert words.permission(row) == said


def test_a_quotation_in_a_language_that_is_not_read_is_marked():
    row = {"text": "diolch", "contribution_id": "a", "lang": "cy"}
    assert "placed less reliably" in words.quote(row | {"less_reliable": True}) and "less reliably" not in words.quote(row | {"less_reliable": False})


def test_what_every_reader_must_know_stands_at_the_top_of_the_page_and_in_brief_in_the_sections(tmp_path):
    from analysis.publishing import pack

    folder = made_run.write(tmp_path / "run")
    run = runs.open_run(folder)
    run.manifest["settings"]["reading"] = {"notices": [{"file": "NOTICE.txt", "text": "All <b>invented</b>. Nobody said any of it."}]}
    page = pack.assemble([pack.Section("00-briefing", "What?", "<h2 id='s00-briefing'>What?</h2>")], run)
    assert '<p class="notice">All &lt;b&gt;invented&lt;/b&gt;. Nobody said any of it.</p>' in page[: page.index("<main")]
    assert "All &lt;b&gt;invented&lt;/b&gt;." in str(findings.briefing.answer(run))
    assert "Nobody said" not in str(findings.about.made(run)) and "invented" in str(findings.about.made(run))
    assert "class=\"notice\"" not in pack.assemble([pack.Section("00-briefing", "What?", "<h2 id='s00-briefing'>What?</h2>")], runs.open_run(folder))


def test_what_is_left_over_is_named_as_that_and_in_no_headline(tmp_path):
    folder = made_run.write(tmp_path / "run")
    themes = pd.read_parquet(folder / "themes.parquet")
    themes.assign(name=themes["name"].replace({"Buying and suppliers": "Mixed remarks"})).to_parquet(folder / "themes.parquet", index=False)
    run = runs.open_run(folder)
    assert "One of the themes holds remarks in which no wording repeats" in str(findings.landscape.answer(run)) and "none of them is firm" in str(findings.landscape.answer(run))
    assert "Mixed remarks" not in str(findings.briefing.largest_themes(run)) and "for teams” (15 people" in str(findings.briefing.largest_themes(run))


def test_the_share_in_no_theme_is_told_apart_from_the_setting(tmp_path):
    run = runs.open_run(made_run.write(tmp_path / "run"))
    run.ledger["passages"]["in_none_by_reason"] = {"says nothing that can be placed": 9, "resembles no theme closely enough": 15}
    assert "at most in no theme" not in str(findings.landscape.outside(run))
    run.manifest["settings"]["themes"] = {"in_none_at_most": 0.19}
    assert "leaves 19% at most in no theme, those that resemble one least; whatever cannot be placed comes on top" in str(findings.landscape.outside(run))
