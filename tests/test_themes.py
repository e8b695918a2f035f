"""Themes from passages to tables, as a researcher meets them; vectors whose themes are known in advance."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis.description import CAMPAIGN_NOTE, PERSON_NOTE
from analysis.portraits import QUOTES, THEMES, Groups, portray
from analysis.themes import MEMBERSHIP, find_themes
from analysis.unplaced import NOT_READ, RESEMBLES_NONE, SAYS_NOTHING, TOO_FEW

SUBJECTS = ["opening hours", "bus stop", "council tax", "waiting list", "paper form", "phone line", "broadband speed", "planning notice"]
WORDS = ("slow costly closed near broken empty kind rude lost early late online cheap dark noisy safe clean strange hidden open warm "
         "cold wet dusty crowded narrow steep shiny muddy silent").split()


def passages_about(subjects: list[str], each: int, *, seed: int = 1) -> tuple[np.ndarray, pd.DataFrame]:
    """``each`` different passages on every subject, by as many people, and vectors that lie around their subject."""
    random = np.random.default_rng(seed)
    texts, vectors = [], []
    for subject in subjects:
        centre = np.random.default_rng(list(subject.encode())).normal(size=24)
        for _ in range(each):
            words = random.permutation(WORDS)
            texts.append(f"{' '.join(words[:4]).capitalize()} {subject} {' '.join(words[4:9])}. {' '.join(words[9:14]).capitalize()}.")
            vectors.append(centre + 0.35 * random.normal(size=24))
    vectors = np.array(vectors, dtype=np.float32).reshape(-1, 24)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True), table(texts)


def table(texts: list[str], contributors: list | None = None) -> pd.DataFrame:
    ids = [f"c{i:05d}" for i in range(len(texts))]
    return pd.DataFrame({"passage_id": [f"{i}#1" for i in ids], "contribution_id": ids, "start": 0, "end": [len(t) for t in texts],
                         "text": texts, "contributor": contributors or [f"p{i}" for i in ids], "lang": "en"}
                        ).astype({"passage_id": "str", "contribution_id": "str", "text": "str", "contributor": "str", "lang": "str"})


@pytest.fixture(scope="module")
def eight():
    vectors, passages = passages_about(SUBJECTS, 30)
    return vectors, passages, find_themes(vectors, passages, seed=3, refits=5)


def subjects_of(passages: pd.DataFrame) -> pd.Series:
    return passages["text"].str.extract(f"({'|'.join(SUBJECTS)})")[0]


def top_ids(themes) -> pd.Series:
    parents = themes.themes.set_index("theme_id")["parent_id"]
    return themes.membership["theme_id"].map(lambda found: found if pd.isna(found) or pd.isna(parents[found]) else parents[found])


def test_the_subjects_are_found_and_named(eight):
    _, passages, found = eight
    named = found.themes[~found.themes["theme_id"].isin(found.themes["parent_id"])]
    placed = found.membership["theme_id"].notna()
    assert placed.mean() > 0.9
    per_theme = subjects_of(passages)[placed.to_numpy()].groupby(found.membership["theme_id"][placed].to_numpy()).nunique()
    assert (per_theme == 1).mean() >= 0.75
    said = " ".join(named["name"]).lower()
    assert sum(subject in said for subject in SUBJECTS) >= 6


def test_tables_are_as_agreed(eight):
    _, passages, found = eight
    assert list(found.themes) == list(THEMES) and list(found.membership) == list(MEMBERSHIP) and list(found.quotes) == list(QUOTES)
    assert found.membership["passage_id"].tolist() == passages["passage_id"].tolist()
    assert found.membership["strength"].between(0, 1).all() and np.isfinite(found.membership[["x", "y"]]).all(axis=None)
    assert set(found.themes["grade"]) <= {"firm", "tentative", "do not quote"}
    assert found.themes["theme_id"].is_unique and found.themes["name"].str.casefold().is_unique


def test_two_levels_fit_into_each_other_and_counts_add_up(eight):
    _, _, found = eight
    themes = found.themes.set_index("theme_id")
    parts = themes.dropna(subset=["parent_id"])
    assert (themes.loc[parts["parent_id"], "level"] == "theme").all() and (parts["level"] == "sub-theme").all()
    counts = top_ids(found).value_counts()
    assert counts.to_dict() == themes.loc[themes["level"] == "theme", "passages"].to_dict()
    assert (themes["contributors"] == themes["passages"]).all()  # everybody wrote once


def test_quotes_are_verbatim(eight):
    _, passages, found = eight
    texts = passages.set_index("passage_id")["text"]
    assert len(found.quotes) >= len(found.themes)
    assert all(texts[q.passage_id][q.start:q.end] == q.text for q in found.quotes.itertuples())


def test_any_order_of_rows_gives_the_same_tables(eight):
    vectors, passages, found = eight
    order = np.random.default_rng(9).permutation(len(passages))
    again = find_themes(vectors[order], passages.iloc[order], seed=3, refits=5)
    pd.testing.assert_frame_equal(again.themes, found.themes)
    pd.testing.assert_frame_equal(again.quotes, found.quotes)
    pd.testing.assert_frame_equal(again.membership.sort_values("passage_id", ignore_index=True), found.membership)


def test_without_refits_nothing_is_graded(eight):
    vectors, passages, _ = eight
    found = find_themes(vectors, passages, seed=3, refits=0)
    assert set(found.themes["grade"]) == {"not measured"} and found.themes["stability"].isna().all()


def test_firm_themes_keep_id_and_name_when_five_per_cent_are_new(eight):
    _, passages, found = eight
    more_vectors, more = passages_about(SUBJECTS, 32)
    kept = np.arange(len(more)) % 32 < 30  # 240 of 256
    old = find_themes(more_vectors[kept], more[kept], seed=3, refits=5)
    new = find_themes(more_vectors, more, seed=3, refits=5, previous=(old.themes, old.membership))
    firm = old.themes[old.themes["grade"] == "firm"].set_index("theme_id")["name"]
    names = new.themes.set_index("theme_id")["name"]
    assert len(firm) >= 5
    assert (firm.index.isin(names.index) & (firm == names.reindex(firm.index))).mean() >= 0.9


def campaign(copies: int) -> tuple[np.ndarray, pd.DataFrame]:
    """Eight subjects, and copies of one letter with other greetings about a ninth, next to six opinions of their own."""
    vectors, passages = passages_about(SUBJECTS, 30)
    centre = np.random.default_rng(99).normal(size=24)
    own = [f"{' '.join(WORDS[i::6][:3])} hedgehog crossing {' '.join(WORDS[i + 1::7][:4])} hedgehogs {i}" for i in range(6)]
    letter = "the council must build hedgehog crossings under the ring road before winter because every week more of them are run over there"
    greetings = ["Hello, ", "Dear council, ", "Good morning, ", "", "Sirs, ", "To all, "]
    texts = passages["text"].tolist() + own + [greetings[i % 6] + letter + (" Thanks." if i % 2 else "") for i in range(copies)]
    random = np.random.default_rng(5)
    about = centre + 0.1 * random.normal(size=(6 + copies, 24))
    about /= np.linalg.norm(about, axis=1, keepdims=True)
    return np.concatenate([vectors, about]).astype(np.float32), table(texts)


def test_a_campaign_counts_as_one_message_and_its_theme_says_so():
    vectors, passages = campaign(copies=40)
    found = find_themes(vectors, passages, seed=3, refits=0)
    assert found.settings["distinct_messages"] == 240 + 6 + 1
    theirs = found.membership["theme_id"].iloc[-40:]
    assert theirs.nunique() == 1 and theirs.notna().all()
    named = found.themes.set_index("theme_id").loc[theirs.iloc[0]]
    assert named["name"].endswith(CAMPAIGN_NOTE)
    assert named["passages"] >= 40
    quoted = found.quotes[found.quotes["theme_id"] == theirs.iloc[0]]["text"]
    assert sum("ring road before winter" in text for text in quoted) <= 1


def test_a_campaign_on_a_subject_of_its_own_is_placed_once_with_what_is_nearest():
    vectors, passages = campaign(copies=30)
    nearest = np.flatnonzero(subjects_of(passages) == "bus stop")
    odd = 0.35 * vectors[nearest].mean(axis=0) + np.random.default_rng(7).normal(size=24) / 24 ** 0.5
    vectors[-36:] = odd / np.linalg.norm(odd)
    kept = np.r_[:240, 246:276]  # the letter alone, without those who think so too
    found = find_themes(vectors[kept], passages.iloc[kept].reset_index(drop=True), seed=3, refits=0)
    assert found.settings["distinct_messages"] == 241
    theirs = found.membership["theme_id"].iloc[-30:]
    assert theirs.notna().all() and theirs.nunique() == 1
    assert found.themes.set_index("theme_id").at[theirs.iloc[0], "contributors"] > 30  # with others, not alone


def test_a_campaign_of_thousands_drowns_no_other_theme():
    vectors, passages = campaign(copies=2_000)
    found = find_themes(vectors, passages, seed=3, refits=0)
    assert found.settings["distinct_messages"] == 247
    assert len(found.themes[found.themes["level"] == "theme"]) >= 4


def test_a_broad_theme_none_of_whose_parts_is_large_enough_is_named_all_the_same():
    passages = table([f"Opening hours of library {place} are short" for place in range(8)] + [f"The bus stop {place} is cold" for place in range(8)])
    groups = Groups(np.repeat([0, 1], 8), np.repeat([0, -1], 8), np.ones(16), np.arange(16), np.array([0.9, 0.9]), np.array([0.9]))
    themes, finest, _ = portray(passages, np.eye(16, dtype=np.float32), groups)
    assert themes["passages"].tolist() == [8, 8] and finest.notna().all()
    assert sum("bus stop" in name.lower() for name in themes["name"]) == 1


def test_copies_lend_no_weight_to_the_name_of_a_broad_theme():
    # Two parts: 12 messages on opening hours, 6 on paper forms of which one came 37 times. By passages the second is the larger.
    said = [f"Opening hours of library {place} are short" for place in range(12)] + [f"The paper form {place} is lost" for place in range(6)]
    texts = said + [said[-1]] * 36
    fine = np.repeat([0, 1], [12, 42])
    groups = Groups(np.zeros(54, dtype=int), fine, np.ones(54), np.r_[np.arange(18), np.full(36, 17)], np.array([0.9]), np.array([0.9, 0.9]))
    themes, _, _ = portray(table(texts), np.eye(54, dtype=np.float32), groups)
    assert themes.set_index("level").at["theme", "name"].startswith("Opening hours")


def test_a_theme_of_one_person_says_so():
    vectors, passages = passages_about(SUBJECTS, 30)
    passages.loc[subjects_of(passages) == "bus stop", "contributor"] = "p-busy"
    found = find_themes(vectors, passages, seed=3, refits=5)
    noted = found.themes[found.themes["name"].str.endswith(PERSON_NOTE)]
    assert len(noted) and noted["name"].str.lower().str.contains("bus stop").all()


def test_what_says_nothing_or_cannot_be_read_is_in_no_theme_and_says_why():
    vectors, passages = passages_about(SUBJECTS, 30)
    subjects = subjects_of(passages)
    passages["less_reliable"] = subjects == "bus stop"
    passages.loc[subjects == "paper form", "text"] = "n/a"
    found = find_themes(vectors, passages, seed=3, refits=0)
    reason = found.membership["reason"]
    assert (reason[subjects == "bus stop"] == NOT_READ).all() and (reason[subjects == "paper form"] == SAYS_NOTHING).all()
    assert found.membership["theme_id"].isna().equals(reason.notna()) and set(reason.dropna()) <= {NOT_READ, SAYS_NOTHING, RESEMBLES_NONE}
    assert found.settings["in_none_by_reason"][NOT_READ] == 30 and found.settings["distinct_messages"] == 180
    assert np.isfinite(found.membership[["x", "y"]]).all(axis=None)  # on the map all the same
    assert (found.membership["strength"][reason == NOT_READ] == 0).all() and not found.themes["name"].str.contains("us stop").any()


def test_with_a_model_that_reads_every_language_all_take_part():
    vectors, passages = passages_about(SUBJECTS, 30)
    passages["lang"] = np.where(subjects_of(passages) == "bus stop", "cy", "en")
    found = find_themes(vectors, passages.assign(less_reliable=False), seed=3, refits=0)
    placed = found.membership["theme_id"].notna().to_numpy()
    assert placed[(subjects_of(passages) == "bus stop").to_numpy()].mean() > 0.8


def test_silence_does_not_make_enough_messages_for_themes():
    vectors, passages = passages_about(SUBJECTS[:1], 55)
    passages.loc[:11, "text"] = [f"Q{n}: see above" for n in range(12)]
    found = find_themes(vectors, passages, seed=1, refits=0)
    assert not len(found.themes) and "43 different messages" in found.settings["reason"]
    assert found.membership["reason"].value_counts().to_dict() == {TOO_FEW: 43, SAYS_NOTHING: 12}


@pytest.mark.parametrize("n", [0, 1, 2, 12, 49])
def test_too_few_passages_for_themes(n):
    vectors, passages = passages_about(SUBJECTS[:1], n)
    found = find_themes(vectors, passages, seed=1, refits=2)
    assert not len(found.themes) and list(found.themes) == list(THEMES) and not len(found.quotes)
    assert len(found.membership) == n and found.membership["theme_id"].isna().all()
    assert str(n) in found.settings["reason"] and "50" in found.settings["reason"]


@pytest.mark.parametrize("n", [60, 300])
def test_small_collections_have_fewer_themes(n):
    vectors, passages = passages_about(SUBJECTS[:4], n // 4)
    found = find_themes(vectors, passages, seed=1, refits=2)
    assert 2 <= (found.themes["level"] == "theme").sum() <= 8
    assert "different messages" in found.settings["reason"]


def test_sixty_passages_with_a_few_copies_still_have_themes():
    vectors, passages = passages_about(SUBJECTS[:4], 15)
    passages.loc[:4, "text"] = passages["text"].iloc[0]
    found = find_themes(vectors, passages, seed=1, refits=0)
    assert found.settings["distinct_messages"] == 56 and (found.themes["level"] == "theme").sum() >= 2


def test_of_two_languages_the_one_that_is_read_has_themes_and_the_other_a_reason():
    vectors, passages = passages_about(SUBJECTS, 30)
    passages["less_reliable"] = np.arange(len(passages)) % 2 == 1
    found = find_themes(vectors, passages, seed=1, refits=0)
    read, other = found.membership[::2], found.membership[1::2]
    assert read["theme_id"].notna().mean() > 0.7 and other["theme_id"].isna().all()
    assert found.settings["distinct_messages"] == 120
    assert found.settings["in_none_by_reason"]["in a language that the encoder does not read"] == 120


def test_all_alike_is_one_message_and_no_theme():
    vectors, passages = passages_about(SUBJECTS[:1], 1)
    found = find_themes(np.repeat(vectors, 300, axis=0), table(passages["text"].tolist() * 300), seed=1, refits=2)
    assert not len(found.themes) and found.settings["distinct_messages"] == 1


def test_all_different_is_marked_as_not_to_be_quoted():
    random = np.random.default_rng(2)
    vectors = random.normal(size=(400, 64)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    found = find_themes(vectors, table([f"{' '.join(random.choice(WORDS, 6))} {i}" for i in range(400)]), seed=1, refits=4)
    assert (found.themes["grade"] == "firm").mean() < 0.2


def test_vectors_and_passages_must_match():
    vectors, passages = passages_about(SUBJECTS[:1], 5)
    with pytest.raises(ValueError, match="4 vectors for 5 passages"):
        find_themes(vectors[:4], passages)
