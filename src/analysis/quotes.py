"""Verbatim sentences that speak for a theme, tied to their place in a contribution."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from analysis.provenance import text_sha256

COLUMNS = ["theme_id", "passage_id", "start", "end", "text", "sha256", "rank"]
QUOTES = 5
LONGEST, SHORTEST = 300, 40
# Being typical counts this much, being unlike the quotes already chosen the rest: five sentences from the
# centre of a theme say one thing five times.
TYPICAL = 0.6
# Only passages that clearly belong to the theme speak for it.
CLEARLY = 0.5

# A sentence ends with its mark, closing quotation marks included, before white space; a line break ends one too.
_SENTENCE = re.compile(r"[^\s](?:.*?)(?:[.!?…]+[\"'”’)\]]*(?=\s|$)|(?=\n)|$)", re.DOTALL)


def choose_quotes(passages: pd.DataFrame, vectors: np.ndarray, members: np.ndarray, *, strength: np.ndarray,
                  messages: np.ndarray) -> list[dict]:
    """Up to five quotes for the theme whose passages are the rows ``members``.

    Typical first, then each as typical and as unlike the earlier ones as possible (maximal
    marginal relevance, Carbonell and Goldstein 1998); never two from one contributor or of one message; cut at
    the ends of sentences only and at most 300 characters long. ``start`` and ``end`` count characters in the
    contribution's text. ``strength`` and ``messages`` are aligned with ``passages``.
    """
    clear = members[strength[members] >= min(CLEARLY, strength[members].max(initial=0.0))]
    spans = {int(row): span for row in clear if (span := _best_span(passages["text"].iat[row]))}
    rows = np.array(sorted(spans), dtype=int)
    if not len(rows):
        return []
    centre = vectors[members].mean(axis=0)
    typical = vectors[rows] @ (centre / max(float(np.linalg.norm(centre)), 1e-12))
    people = _people(passages, rows)
    chosen: list[int] = []
    while len(chosen) < QUOTES:
        free = [i for i in range(len(rows)) if people[i] not in {people[c] for c in chosen}
                and messages[rows[i]] not in {messages[rows[c]] for c in chosen}]
        if not free:
            break
        alike = (vectors[rows[free]] @ vectors[rows[chosen]].T).max(axis=1) if chosen else np.zeros(len(free))
        value = np.round(TYPICAL * typical[free] - (1 - TYPICAL) * alike, 6)
        chosen.append(free[int(np.argmax(value))])
    return [_quote(passages, int(rows[place]), spans[int(rows[place])], rank) for rank, place in enumerate(chosen, start=1)]


def _people(passages: pd.DataFrame, rows: np.ndarray) -> list:
    """Who wrote each passage; where that is unknown the contribution stands for the person."""
    known = passages["contributor"].iloc[rows]
    return known.where(known.notna(), "contribution " + passages["contribution_id"].iloc[rows].astype(str)).tolist()


def sentences(text: str) -> list[tuple[int, int]]:
    """Start and end of every sentence of a text, white space at its end left out."""
    return [(match.start(), match.start() + len(match.group().rstrip())) for match in _SENTENCE.finditer(text)]


def _best_span(text: str) -> tuple[int, int] | None:
    """The longest run of whole sentences that fits, the earliest of equals; None where no sentence fits."""
    found = sentences(text)
    runs = [(begin, end) for place, (begin, _) in enumerate(found) for _, end in found[place:]
            if end - begin <= LONGEST]
    if not runs:
        return None
    best = min(runs, key=lambda run: (run[0] - run[1], run[0]))
    return best if best[1] - best[0] >= min(SHORTEST, len(text.strip())) else None


def _quote(passages: pd.DataFrame, row: int, span: tuple[int, int], rank: int) -> dict:
    passage = passages.iloc[row]
    text = passage["text"][span[0]:span[1]]
    return {"passage_id": passage["passage_id"], "start": int(passage["start"]) + span[0],
            "end": int(passage["start"]) + span[1], "text": text, "sha256": text_sha256(text), "rank": rank}
