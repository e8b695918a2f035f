"""Generated collections of any size whose groups are known: texts, and vectors where embedding is not what is measured."""

from __future__ import annotations

import random
import re
from collections import Counter
from itertools import accumulate
from pathlib import Path

import numpy as np
import pandas as pd

EXAMPLE = Path(__file__).resolve().parents[2] / "data" / "raw" / "example"
# Subjects of very different size, each of which lies in one of a few fields: about what an open call brings.
SUBJECTS, FIELDS = 150, 10
OWN_WORDS, FIELD_WORDS, COMMON_WORDS, PEOPLE = 12, 30, 150, 75_000


def sentences(count: int) -> list[str]:
    """Distinct short texts made of the example's sentences, the same every time."""
    from analysis import read

    found = {s.strip() for text in read(EXAMPLE).kept["text"] for s in re.split(r"(?<=[.!?])\s+", text) if 20 < len(s) < 200}
    single, draw = sorted(found), random.Random(7)
    return single[:count] + [" ".join(draw.sample(single, 2)) for _ in range(count - len(single))]


def written(count: int, *, seed: int = 3) -> pd.DataFrame:
    """Texts of 8 to 40 words (``id, author, text, subject, field``): words of a subject, of its field and of everybody's, drawn anew for each; fewer texts are the first of more.

    The words are those of the example, so that the encoder knows them; the texts are no sentences that anybody would say. Two of
    them share few word pairs, so that none is taken for a copy of another.
    """
    from analysis import read

    used = Counter(word for text in read(EXAMPLE).kept["text"] for word in set(re.findall(r"\b[a-z]{3,}\b", text)))
    ranked = [word for word, _ in sorted(used.items(), key=lambda pair: (-pair[1], pair[0]))]
    common, rest, draw = ranked[:COMMON_WORDS], ranked[COMMON_WORDS:], random.Random(seed)
    fields = [draw.sample(rest, FIELD_WORDS) for _ in range(FIELDS)]
    subjects = [draw.sample(rest, OWN_WORDS) for _ in range(SUBJECTS)]
    upto = list(accumulate(draw.paretovariate(1.5) - 0.8 for _ in range(SUBJECTS)))
    rows = []
    for place in range(count):
        subject = draw.choices(range(SUBJECTS), cum_weights=upto)[0]
        field = subject % FIELDS
        words = [draw.choice(draw.choices((subjects[subject], fields[field], common), weights=(4, 2, 4))[0]) for _ in range(draw.randint(8, 40))]
        rows.append((f"g{place:07}", f"person {draw.randrange(PEOPLE)}", " ".join(words).capitalize() + ".", subject, field))
    return pd.DataFrame(rows, columns=["id", "author", "text", "subject", "field"])


def generated(count: int, *, seed: int = 3) -> tuple[np.ndarray, pd.DataFrame, pd.DataFrame]:
    """Unit vectors (count, 384) around subjects that lie around fields, a passage of made-up words for each, and its ``subject`` and ``field``."""
    draw = np.random.default_rng(seed)
    fields = draw.normal(size=(FIELDS, 384)).astype(np.float32)
    field = np.arange(SUBJECTS) % FIELDS
    middles = fields[field] + 0.9 * draw.standard_normal(size=(SUBJECTS, 384), dtype=np.float32)
    share = draw.pareto(1.5, size=SUBJECTS) + 0.2
    subject = draw.choice(SUBJECTS, size=count, p=share / share.sum())
    vectors = np.empty((count, 384), dtype=np.float32)
    for begin in range(0, count, 50_000):
        part = subject[begin:begin + 50_000]
        made = middles[part] + 2.2 * draw.standard_normal(size=(len(part), 384), dtype=np.float32)
        vectors[begin:begin + len(part)] = made / np.linalg.norm(made, axis=1, keepdims=True)
    ids = [f"c{place:07}" for place in range(count)]
    passages = pd.DataFrame({"passage_id": ids, "contribution_id": ids, "start": 0, "end": 12, "text": [f"text {one}" for one in ids],
                             "contributor": "p", "lang": "en"}).astype({"contributor": "str"})
    return vectors, passages, pd.DataFrame({"subject": subject, "field": field[subject]})
