"""Contributions cut into the passages that are embedded, with offsets back to the source."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil

import pandas as pd

from analysis import languages

COLUMNS = ["passage_id", "contribution_id", "start", "end", "text", "contributor", "lang", "less_reliable"]

# A passage of up to about 120 words still makes one or two points; the reference
# labels were made on passages of that size.
MAX_WORDS = 120
# The encoder cuts at 256 tokens, two of which mark the beginning and the end.
MAX_TOKENS = 254
# A "word" of thousands of characters is one unknown token to the encoder, so
# words and tokens alone would let it through as a passage nobody can read.
MAX_CHARACTERS = 2_000


def split(contributions, *, max_words: int = MAX_WORDS, count_tokens: Callable[[str], int] | None = None,
          reads: tuple[str, ...] | None = languages.ENGLISH) -> pd.DataFrame:
    """Cut contributions into passages: whole if short, else at paragraph, then sentence ends.

    ``contributions`` is the result of ``read`` or its ``kept`` table. The result has
    one row per passage (``passage_id, contribution_id, start, end, text, contributor,
    lang, less_reliable``) in the order of the contributions; ``start`` and ``end`` are character
    offsets with ``contribution.text[start:end] == text``. ``count_tokens`` is the
    encoder's own count; without it one token per three characters is assumed, which
    errs on the side of shorter passages. ``lang`` is each passage's own, and
    ``less_reliable`` says that it is none of those that the encoder ``reads`` (None: all).

    Boundaries are Unicode paragraphs, sentences and words (UAX #29), found by
    ``semantic-text-splitter``.
    """
    kept = getattr(contributions, "kept", contributions)
    count = count_tokens or (lambda text: len(text) // 3)
    spans = [_spans(text, max_words, count) for text in kept["text"]]
    rows = [
        (f"{row.contribution_id}#{n}", row.contribution_id, start, end, row.text[start:end],
         getattr(row, "contributor", None), getattr(row, "lang", None))
        for row, found in zip(kept.itertuples(index=False), spans, strict=True)
        for n, (start, end) in enumerate(found, start=1)
    ]
    table = pd.DataFrame(rows, columns=COLUMNS[:-1])
    table["lang"] = languages.detect(table["text"], table["lang"])
    table["less_reliable"] = [reads is not None and isinstance(lang, str) and lang not in reads for lang in table["lang"]]
    types = {name: "str" for name in COLUMNS} | {"start": "int64", "end": "int64", "less_reliable": "bool"}
    return table.astype(types)


def _spans(text: str, max_words: int, count_tokens: Callable[[str], int]) -> list[tuple[int, int]]:
    stripped = text.strip()
    if not stripped:
        return []
    start = text.index(stripped[0])
    if _size(stripped, max_words, count_tokens) <= max_words:
        return [(start, start + len(stripped))]
    pieces = _splitter(max_words, count_tokens).chunk_indices(text)
    return [(offset, offset + len(piece)) for offset, piece in pieces]


def _size(text: str, max_words: int, count_tokens: Callable[[str], int]) -> int:
    """The size in words, or as many words as the tokens or characters would stand for."""
    size = max(len(text.split()), ceil(len(text) / MAX_CHARACTERS * max_words))
    # A token is at least one character, so most texts need no count of tokens.
    if len(text) > MAX_TOKENS:
        size = max(size, ceil(count_tokens(text) / MAX_TOKENS * max_words))
    return size


def _splitter(max_words: int, count_tokens: Callable[[str], int]):
    from semantic_text_splitter import TextSplitter

    return TextSplitter.from_callback(lambda piece: _size(piece, max_words, count_tokens), max_words)
