"""Which people are quoted: voices that are typical of what was said, and unlike each other.

The passage of which the mapping is surest is often the loudest, and two that say one thing hide
a third that says the opposite. So voices are weighed by how sure their code is and by how much
of their wording they share with everybody else's on it, and each next one loses by what it shares with those
before (maximal marginal relevance, Carbonell and Goldstein 1998).
"""

from __future__ import annotations

import pandas as pd

from analysis import words
from analysis.findings import codes, exchanges, landscape
from analysis.findings.counts import SMALLEST_CELL, people

SHARED = 0.6      # weight of being sure and typical; the rest goes to being unlike the voices before
SURE = 0.8        # probability; a voice that may be about something else speaks only where there is no other
SURE_ENOUGH = 0.6 # probability; under it a voice stands at a code only where there are hardly any others
PART = 0.75       # a passage out of a longer text often leans on what stands before it, so it counts for less
# A passage stands under a heading of problems or proposals only where the machine is so sure of it, and surer by so much than of anything else:
# of the example's passages on a question, 46 of 50 problems and 37 of 37 proposals that pass are such (84 of 94 and 63 of 69 without the first);
# texts like these were trained on, so elsewhere it is less.
SURE_OF_STANCE, PLAINLY = 0.6, 0.2
HEADED = {"problem": "Problems that they name", "proposal": "Proposals that they make"}   # of what was read as examples, 6 of 24 were: no heading says so
UNHEADED = "In their words"
FEWEST = 4        # voices for each code, those under headings among them
# Who says of themselves that they go against the others is worth hearing, but not first and not as typical.
AGAINST = 0.6
# A message that many sent is heard at its theme, with their number; as one voice of many it would hide the others.
LETTER = 0.5
SHORT_LIST = 40   # the surest candidates; beyond them nobody would be chosen


def chosen(run, rows: pd.DataFrame, *, among: pd.DataFrame | None = None, how_many: int = 3, besides: pd.DataFrame | None = None) -> pd.DataFrame:
    """Up to ``how_many`` voices from rows of the mapping, from as many people.

    They are typical of what was said ``among`` these rows (their own unless given), and nobody is quoted where fewer than five people stand behind these; ``besides`` were quoted already.
    """
    found = landscape.typical(run, rows.drop_duplicates("passage_id"), by="probability", how_many=SHORT_LIST)
    if besides is not None and len(besides):
        found = found[~found["one"].isin(besides["one"]) & ~found["text"].isin(besides["text"])]
    among = rows if among is None else among
    if found.empty or how_many <= 0 or people(codes.spoken_by(run, among)) < SMALLEST_CELL:
        return found.head(0)
    sure = found[found["probability"] >= SURE]
    found = sure if len(sure) >= how_many else found
    everybody = run.passages.loc[run.passages["passage_id"].isin(among["passage_id"]), "text"]
    shared, alike = _wording(found["text"], everybody)
    whole = found["contribution_id"].map(run.passages["contribution_id"].value_counts()).eq(1).to_numpy()
    against = found["text"].str[: exchanges.OPENING].str.contains(exchanges.DISSENT, case=False, regex=True).to_numpy()
    weight = found["probability"].to_numpy() * (whole * (1 - PART) + PART) * (1 - against * (1 - AGAINST)) * found["senders"].isna().where(lambda one: one, LETTER).to_numpy(dtype=float) * (1 + shared) / 2
    taken: list[int] = []
    while len(taken) < min(how_many, len(found)):
        near = alike[:, taken].max(axis=1) if taken else 0.0
        value = SHARED * weight - (1 - SHARED) * near
        value[taken] = float("-inf")
        taken.append(int(value.argmax()))
    return found.iloc[taken]


def _wording(texts: pd.Series, everybody: pd.Series):
    """How much of its wording each text shares with everybody's (1 for the one that shares most), and with each of the others."""
    import numpy as np
    from sklearn.feature_extraction.text import TfidfVectorizer

    try:
        reader = TfidfVectorizer(stop_words="english", sublinear_tf=True).fit(everybody)
    except ValueError:  # not one word in any of them
        return np.zeros(len(texts)), np.zeros((len(texts), len(texts)))
    own, all_of = reader.transform(texts), reader.transform(everybody)
    shared = np.asarray(own @ all_of.mean(axis=0).T).ravel()
    return shared / max(shared.max(), 1e-9), (own @ own.T).toarray()


def with_stance(run, rows: pd.DataFrame, stance: str) -> pd.DataFrame:
    """The rows of the mapping whose passage plainly takes a stance: assigned, ``SURE_OF_STANCE`` and more probable than any other by ``PLAINLY``."""
    held = run.mapping[run.mapping["dimension"] == "stance"]
    other = held[held["code"] != stance].groupby("passage_id")["probability"].max()
    own = held[(held["code"] == stance) & held["assigned"] & (held["probability"] >= SURE_OF_STANCE)].set_index("passage_id")["probability"]
    plain = own[own - other.reindex(own.index).fillna(0.0) >= PLAINLY]
    return rows[rows["passage_id"].isin(plain.index)]


def no_longer_than(run, rows: pd.DataFrame, longest: int) -> pd.DataFrame:
    """The rows of the mapping that are sure and whose passage can be quoted whole, where three or more can; else all of them."""
    lengths = run.passages.set_index("passage_id")["text"].str.len()
    short = rows[(rows["passage_id"].map(lengths) <= longest) & (rows["probability"] >= SURE)]
    return short if short["contribution_id"].nunique() >= 3 else rows


def answering(run, dimension: str, code: str) -> tuple[words.Words, pd.DataFrame]:
    """Where people answer each other on a code, and who is heard there; at a question without those who are heard at a barrier."""
    rows = codes.assigned(run, dimension, code)
    narrower = codes.assigned(run, "barriers")["contribution_id"] if dimension == "questions" else []
    return exchanges.answered(run, rows[~rows["contribution_id"].isin(narrower)])


def by_stance(run, dimension: str, code: str, *, how_many: int = 3, besides: pd.DataFrame | None = None) -> words.Words:
    """What people said to a code: problems and proposals where these are plain, others without such a heading, no person twice; then where they answer each other.

    ``besides`` are requests that were quoted already; by as many there are fewer proposals.
    """
    rows = codes.assigned(run, dimension, code)
    answers, used = answering(run, dimension, code)
    used = used if besides is None else pd.concat([used, besides])
    plain = codes.heard_at(run, dimension, code)
    plain = plain[plain["probability"] >= SURE_ENOUGH] if (plain["probability"] >= SURE_ENOUGH).sum() >= FEWEST else plain if len(plain) >= FEWEST else rows
    shown, listed = words.Words(""), 0
    for stance, heading in HEADED.items():
        read_as = rows[rows["passage_id"].isin(codes.assigned(run, "stance", stance)["passage_id"])]
        if people(codes.spoken_by(run, read_as)) < SMALLEST_CELL:
            continue
        room = how_many - (len(besides) if stance == "proposal" and besides is not None else 0)
        voices = chosen(run, with_stance(run, plain, stance), among=rows, how_many=room, besides=used)
        used, listed = pd.concat([used, voices]), listed + len(voices)
        shown = shown + words.quotes(voices, heading=f"{heading} (the machine is at least {10 * SURE_OF_STANCE:.0f} in 10 sure of each)")
    if listed < FEWEST:
        shown = shown + words.quotes(chosen(run, plain, among=rows, how_many=FEWEST - listed, besides=used), heading=UNHEADED)
    return shown + answers
