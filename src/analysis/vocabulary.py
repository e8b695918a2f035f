"""Words and word pairs as features: what a text says literally, beside what it means."""

from __future__ import annotations

import numpy as np


def vocabulary(texts, places, least):
    """Words and word pairs found in at least ``least`` places; a text with no place counts as none."""
    from sklearn.feature_extraction.text import CountVectorizer

    reader = CountVectorizer(ngram_range=(1, 2))
    found = (reader.fit_transform(texts) > 0).tocsr()
    codes, number = np.unique(places, return_inverse=True)
    in_place = np.zeros(found.shape[1], int)
    for k, place in enumerate(codes):
        if place:
            in_place += np.asarray(found[number == k].max(axis=0).todense()).ravel()
    names = reader.get_feature_names_out()
    return [str(names[i]) for i in np.where(in_place >= least)[0]]


def word_counts(texts, terms):
    from sklearn.feature_extraction.text import CountVectorizer

    counts = CountVectorizer(ngram_range=(1, 2), vocabulary=terms).transform(texts).astype(np.float32)
    counts.data = 1 + np.log(counts.data)
    return counts


def word_rarity(counts):
    seen = np.bincount(counts.indices, minlength=counts.shape[1])
    return (np.log((1 + counts.shape[0]) / (1 + seen)) + 1).astype(np.float32)


def word_features(counts, rarity):
    from sklearn.preprocessing import normalize

    return normalize(counts.multiply(rarity).tocsr())
