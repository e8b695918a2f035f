"""Where people answer each other: a contribution and a reply to it, so that who goes against the others is heard as well.

No model here can tell agreement from its opposite. But who argues with somebody takes up their words, so of all
replies those come first that share most of their rarer words with what they answer, and whether they
agree is left to the reader.
"""

from __future__ import annotations

import pandas as pd

from analysis import words
from analysis.findings import landscape
from analysis.findings.counts import SMALLEST_CELL, people

SHOWN = 3        # exchanges for each code
TAKEN_UP = 0.1   # cosine of the wordings (tf-idf): below it a reply goes on to something else
SAYS = 80        # characters; a shorter reply is applause more often than argument
TAKES_SIDE, BOTH = 0.5, 0.3   # added where the reply says of itself that it disagrees, and where both sides were put to the code
ALONE = 0.3      # as near as this, one side in the code is enough
DISSENT = (r"\bunpopular\b|\bdisagree|\bboo me\b|\bcontrar(?:y|ian)|\bcontroversial\b|\bhot take\b|\bdevil.s advocate\b|\bi.ll bite\b|\bthe opposite\b"
           r"|^\W*(?:please )?no\b|^\W*careful\b|^\W*i.d rather\b|^\W*on the contrary\b")
OPENING = 80     # characters in which somebody says so
CUT = 450        # characters of each side


def found(run, rows: pd.DataFrame) -> pd.DataFrame:
    """Replies that take up what they answer, the plainest first: ``answer, asked`` (contribution ids) and ``near`` (0 to 1).

    They are by different people; both are in ``rows`` of the mapping, or one is and the reply plainly takes a side or
    much of the wording. Nothing is in two exchanges, and there are none where fewer than five people stand behind the rows.
    """
    kept = run.contributions.set_index("contribution_id")
    within = kept.index.isin(rows["contribution_id"])
    pairs = _pairs(kept, within) if people(kept[within].reset_index()) >= SMALLEST_CELL else _pairs(kept, within).head(0)
    if pairs.empty:
        return pairs.assign(near=0.0)
    answers = kept["text"].reindex(pairs["answer"])
    near = _near(answers, kept["text"].reindex(pairs["asked"]), kept["text"])
    sides = answers.str[:OPENING].str.contains(DISSENT, case=False, regex=True).to_numpy()
    both = pairs["both"].to_numpy()
    pairs = pairs.assign(near=near, value=near + TAKES_SIDE * sides + BOTH * both)
    pairs = pairs[(near >= TAKEN_UP) & (both | sides | (near >= ALONE))]
    return _no_one_twice(pairs.sort_values(["value", "answer"], ascending=[False, True], ignore_index=True))


def _pairs(kept: pd.DataFrame, within) -> pd.DataFrame:
    """Replies with what they answer: ``answer, asked, both``; by different people, neither brief nor a copy, one of them or both within.

    What opens a discussion is answered by everybody, so it is nobody's other side.
    """
    inside = pd.Series(within, index=kept.index)
    fit = kept[kept["duplicate_of"].isna() & (kept["text"].str.len() >= SAYS) & kept["parent_id"].notna()]
    replies = fit[fit["parent_id"].isin(fit.index)]
    pairs = pd.DataFrame({"answer": replies.index, "asked": replies["parent_id"].to_numpy()}, dtype="str")
    who = [kept["contributor"].reindex(pairs[side]).astype("object").fillna(side).to_numpy() for side in ("answer", "asked")]
    held = [inside.reindex(pairs[side]).to_numpy(dtype=bool) for side in ("answer", "asked")]
    return pairs.assign(both=held[0] & held[1])[(who[0] != who[1]) & (held[0] | held[1])].reset_index(drop=True)


def _near(replies: pd.Series, asked: pd.Series, everybody: pd.Series):
    import numpy as np
    from sklearn.feature_extraction.text import TfidfVectorizer

    try:
        reader = TfidfVectorizer(stop_words="english", sublinear_tf=True).fit(everybody)
    except ValueError:  # not one word in any of them
        return np.zeros(len(replies))
    return np.asarray(reader.transform(replies).multiply(reader.transform(asked)).sum(axis=1)).ravel()


def _no_one_twice(pairs: pd.DataFrame) -> pd.DataFrame:
    taken: set[str] = set()
    keep = []
    for pair in pairs.itertuples():
        keep.append(taken.isdisjoint({pair.answer, pair.asked}))
        taken |= {pair.answer, pair.asked} if keep[-1] else set()
    return pairs[pd.Series(keep, index=pairs.index, dtype=bool)]  # an empty list would choose no columns


def answered(run, rows: pd.DataFrame, *, how_many: int = SHOWN) -> tuple[words.Words, pd.DataFrame]:
    """The first exchanges among what was said to a code, each side in full or cut at a word, and who is heard in them (``one, text``)."""
    pairs = found(run, rows).head(how_many)
    said = landscape.voices_of(run, [*pairs["asked"], *pairs["answer"]])
    heard = pd.DataFrame([(row["contributor"] if isinstance(row["contributor"], str) else one, row["text"]) for one, row in said.items()], columns=["one", "text"])
    if pairs.empty:
        return words.Words(""), heard
    blocks = [words.exchange(said[pair.asked], said[pair.answer], length=CUT) for pair in pairs.itertuples()]
    return words.quoted("Where one answers another: here views may differ", blocks), heard
