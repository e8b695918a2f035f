"""How many labels the reading order saves: simulated on a file of labels, beside random order.

    python tests/benchmarks/reading_order.py LABELS.csv [--seeds 4]

The head is a cheap stand-in for the mapping: one balanced logistic regression per code on the encoder's
frozen vectors, begun with the framework's worked examples alone, so its scores are lower than the
mapping's. Five folds in which no source, author or near copy is on both sides; within each, ten passages
at a time are "read" from the training side in the order under test, and the head is fitted again. F1 is the
mean over the codes of questions and barriers, over out-of-fold decisions at a probability of one half.
"""

from __future__ import annotations

import argparse
import warnings

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression

from analysis import framework as frameworks
from analysis.agreement import f1_score
from analysis.embedding import embed, load_encoder
from analysis.folds import allowed, group_keys, grouped_folds
from analysis.labels import read_labels
from analysis.priority import reading_order

SHARES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0)
BATCH, FOLDS, STRENGTH, EXAMPLE_WEIGHT = 10, 5, 3.0, 0.5


def material(path: str):
    """Labels, vectors and worked examples."""
    framework, encoder = frameworks.load(), load_encoder()
    labels = read_labels(path, framework)
    table = labels.table.assign(**{name: labels.table.get(name, "") for name in ("source", "author")})
    table["place"] = table["source"].str.lower().str.split("/").str[:2].str.join("/")
    codes = framework.codes_of("questions") + framework.codes_of("barriers")
    examples = framework.examples[framework.examples["dimension"] != "stance"]
    held = [({row.code} | framework.implied_by(row.code)) if row.kind == "example" else set() for row in examples.itertuples()]
    known = embed(examples, encoder=encoder), np.array([[code in one for code in codes] for one in held])
    return table, embed(table, encoder=encoder), labels.codes[codes].to_numpy(), known


def head(vectors, truth, weight):
    """Log-odds of each code as a function of vectors."""
    slopes, intercepts = np.zeros((vectors.shape[1], truth.shape[1])), np.full(truth.shape[1], -3.0)
    for c, y in enumerate(truth.T):
        if y.min() == y.max():
            continue
        share = np.clip((y * weight).sum() / weight.sum(), 1e-3, 0.999)
        fitted = LogisticRegression(C=STRENGTH, solver="liblinear", random_state=0).fit(vectors, y, sample_weight=np.where(y, weight * (1 - share) / share, weight))
        slopes[:, c], intercepts[c] = fitted.coef_[0], fitted.intercept_[0]
    return lambda of: of @ slopes + intercepts


def read_in_order(order: str, vectors, truth, known, *, rng):
    """The head after each share of the labels has been read."""
    done, marks = np.zeros(len(truth), bool), [round(share * len(truth)) for share in SHARES]
    fit = lambda: head(np.r_[known[0], vectors[done]], np.r_[known[1], truth[done]], np.r_[np.full(len(known[1]), EXAMPLE_WEIGHT), np.ones(done.sum())])  # noqa: E731
    now = fit()
    for mark in marks:
        while done.sum() < mark:
            count = min(BATCH, mark - int(done.sum()))
            if order == "random":
                chosen = rng.permutation(np.flatnonzero(~done))[:count]
            else:
                probability = 1 / (1 + np.exp(-now(vectors)))
                chosen, _ = reading_order(probability, np.full(truth.shape[1], 0.5), vectors, positives=truth[done].sum(axis=0), decided=done, count=count)
            done[chosen] = True
            now = fit() if order != "random" or done.sum() == mark else now
        yield now


def simulate(order: str, table, vectors, truth, known, seed: int) -> np.ndarray:
    """Macro-F1 after each share of the labels."""
    keys, rng = group_keys(table), np.random.default_rng(seed)
    fold = grouped_folds(keys, truth, FOLDS, seed=seed)
    found = np.zeros((len(SHARES), *truth.shape), bool)
    for j in range(FOLDS):
        test = fold == j
        rows = np.flatnonzero(allowed(table, keys, test))
        for place, fitted in enumerate(read_in_order(order, vectors[rows], truth[rows], known, rng=rng)):
            found[place][test] = fitted(vectors[test]) > 0
    return np.array([np.mean([f1_score(truth[:, c], one[:, c]) for c in range(truth.shape[1])]) for one in found])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("labels")
    parser.add_argument("--seeds", type=int, default=4)
    chosen = parser.parse_args()
    warnings.filterwarnings("ignore", category=FutureWarning)
    given = material(chosen.labels)
    for order in ("random", "reading order"):
        curves = np.array([simulate(order, *given, seed) for seed in range(chosen.seeds)])
        mean = curves.mean(axis=0)
        row = pd.DataFrame({"labels_share": SHARES, "macro_f1": mean.round(3), "lowest": curves.min(axis=0).round(3), "highest": curves.max(axis=0).round(3),
                            "of_full": (mean / mean[-1]).round(3)})
        print(f"{order} ({chosen.seeds} seeds)\n{row.to_string(index=False)}\n")


if __name__ == "__main__":
    main()
