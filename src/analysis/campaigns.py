"""Near-identical messages: which passages are copies of one message, however they are topped and tailed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.neighbours import Neighbours

# Share of word pairs that two texts must have in common (Jaccard) to be one message. Letters of the example's
# campaign, with other greetings, places and closing lines, share 0.69 or more with the nearest other letter;
# two people who write about one subject share 0.3 at most.
SHARED_PAIRS = 0.45
# In a short text one word can turn the meaning ("leash laws" and "noise laws"), so more must be equal.
SHORT_WORDS, SHARED_PAIRS_SHORT = 15, 0.8
# A copy may carry a paragraph of the sender's own: this share of the original in a text up to this many times as long.
CONTAINED, LONGER_AT_MOST = 0.7, 2.5
# "I agree with this" is not a campaign: shorter texts are one message only when they are equal.
MIN_WORDS = 8
# A message that this many contributions repeat is called a campaign.
CAMPAIGN_COPIES = 5

# Copies of a message are nearer than anything else, so the nearest few are enough to chain them together.
COMPARED = 16

_WORD = re.compile(r"\w+")
_NEGATIONS = frozenset({"not", "no", "never", "cannot", "nobody", "none", "nothing", "without", "t"})


def plain(text: str) -> str:
    """A text without case, punctuation, width and spacing: equal for equal messages."""
    return " ".join(_WORD.findall(unicodedata.normalize("NFKC", text).casefold())) or text.strip()


def equal_messages(texts: Sequence[str]) -> np.ndarray:
    """For every text the position of the first text that says the same words: (n,) int64."""
    first: dict[str, int] = {}
    return np.array([first.setdefault(plain(text), place) for place, text in enumerate(texts)], dtype=np.int64)


def near_messages(texts: Sequence[str], neighbours: Neighbours) -> np.ndarray:
    """For every text the position of the first near-identical one: (n,) int64.

    Only neighbours in meaning are compared word by word; what is connected through them is one
    message. Groups that the graph leaves apart, because each fills its own lists of neighbours,
    are joined through their first texts.
    """
    if len(texts) < 2:
        return np.arange(len(texts), dtype=np.int64)
    messages = [_message(text) for text in texts]
    group = np.arange(len(texts))
    for row in range(len(texts)):
        for other in neighbours.indices[row, 1:COMPARED]:
            if _find(group, row) != _find(group, other) and _same_message(messages[row], messages[other]):
                _join(group, row, int(other))
    heads = np.array([_find(group, row) for row in range(len(texts))])
    repeated = [int(head) for head, copies in zip(*np.unique(heads, return_counts=True), strict=True) if copies >= CAMPAIGN_COPIES]
    for place, head in enumerate(repeated):
        for other in repeated[place + 1:]:
            if _same_message(messages[head], messages[other]):
                _join(group, head, other)
    return np.array([_find(group, row) for row in range(len(texts))], dtype=np.int64)


@dataclass(frozen=True)
class _Message:
    pairs: frozenset
    words: int
    negated: bool


def _message(text: str) -> _Message:
    words = plain(text).split()
    # By their hashes, which take a third of the memory of the pairs: 100,000 texts are compared at a time.
    pairs = frozenset(map(hash, zip(words, words[1:], strict=False))) if len(words) >= MIN_WORDS else frozenset()
    return _Message(pairs, len(words), not _NEGATIONS.isdisjoint(words))


def _same_message(one: _Message, other: _Message) -> bool:
    short, long = sorted((len(one.pairs), len(other.pairs)))
    if not short:
        return False
    shared = len(one.pairs & other.pairs)
    overlap = shared / (short + long - shared)
    if min(one.words, other.words) < SHORT_WORDS:
        # "should be built" and "should not be built" are two opinions, not two copies.
        return overlap >= SHARED_PAIRS_SHORT and one.negated == other.negated
    return overlap >= SHARED_PAIRS or (shared >= CONTAINED * short and long <= LONGER_AT_MOST * short)


def _find(group: np.ndarray, row: int) -> int:
    while group[row] != row:
        group[row] = group[group[row]]
        row = group[row]
    return int(row)


def _join(group: np.ndarray, one: int, other: int) -> None:
    low, high = sorted((_find(group, one), _find(group, other)))
    group[high] = low


def copied_contributions(passages: pd.DataFrame, message_of: pd.Series) -> pd.Series:
    """For every contribution all of whose passages are copies from one other contribution, that other's id.

    ``message_of`` maps passage_id to the first passage_id of the same message. Returns a series by
    contribution_id; contributions that are nobody's copy are not in it.
    """
    own = passages["contribution_id"]
    by_passage = pd.Series(own.to_numpy(), index=passages["passage_id"])
    first = passages["passage_id"].map(message_of).map(by_passage)
    heads = first.groupby(own.to_numpy()).agg(["nunique", "first"])
    copied = (heads["nunique"] == 1) & (heads["first"] != heads.index)
    return heads.loc[copied, "first"]
