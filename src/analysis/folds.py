"""Folds in which no source, no author and no near copy is on both sides."""

from __future__ import annotations

import hashlib
import re

import numpy as np

_NOT_A_PERSON = re.compile(
    r"team|office|policy|design|director|advisor|group|member|expert|canad|manager|lead|operations|department"
    r"|chief|digital|secretariat|service|participant 0$")


def people(author):
    """The names of persons in an author cell, lower case."""
    text = re.sub(r"'?\s*url:.*|name:\s*'?", "", author.strip().lower())
    text = re.sub(r"\((.*?)\)", r",\1", text)
    parts = re.split(r"[;,&\"']|\s-\s|^-\s|\band\b|\bin collaboration with\b", text)
    names = {re.sub(r"[-_.\s]+", " ", part).strip() for part in parts}
    return {name for name in names if len(name) > 4 and not _NOT_A_PERSON.search(name)}


def group_keys(table):
    """Per passage: the keys (place of publication, persons) it may share with no test passage."""
    return [({("place", p)} if p else set()) | {("person", n) for n in people(a)} for p, a in zip(table.place, table.author)]


def grouped_folds(keys, wanted, folds, *, seed):
    """Fold number per passage; passages connected by any key share a fold; codes spread evenly."""
    parent = {}

    def root(x):
        parent.setdefault(x, x)
        while parent[x] != x:
            x = parent[x]
        return x

    for i, own in enumerate(keys):
        for key in sorted(own):  # a set's own order changes from process to process, and the folds would with it
            parent[root(("row", i))] = root(key)
    group = np.array([hash_int(repr(root(("row", i)))) for i in range(len(keys))])
    load = np.c_[wanted, np.ones(len(wanted))]
    load = load / np.maximum(load.sum(0), 1)
    sums = {g: load[group == g].sum(0) for g in np.unique(group)}
    rng, best = np.random.default_rng(seed), None
    for _ in range(60):
        order = sorted(sums, key=lambda g: -sums[g][-1] + rng.normal(0, 0.017))
        filled, where = np.zeros((folds, load.shape[1])), {}
        for g in order:
            cost = [((filled + sums[g] * (np.arange(folds)[:, None] == j)) ** 2).sum() for j in range(folds)]
            where[g] = int(np.argmin(cost))
            filled[where[g]] += sums[g]
        spread = ((filled - 1 / folds) ** 2).sum()
        if best is None or spread < best[0]:
            best = (spread, where)
    return np.array([best[1][g] for g in group])


def hash_int(text):
    return int(hashlib.sha256(text.encode()).hexdigest()[:12], 16)


def allowed(table, keys, test):
    """Rows that may be trained on when the rows ``test`` are predicted."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    taken = set().union(*(keys[i] for i in np.where(test)[0]))
    free = np.array([not (own & taken) for own in keys]) & ~test
    pairs = TfidfVectorizer(ngram_range=(2, 2)).fit_transform(table.text)
    copies = np.asarray((pairs @ pairs[test].T).max(axis=1).todense()).ravel() > 0.6
    return free & ~copies
