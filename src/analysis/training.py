"""Coefficients trained on labelled passages, with probabilities and thresholds found by cross-validation."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.adapter import fit_adapter
from analysis.coefficients import TrainingSettings, save
from analysis.embedding import SentenceEncoder
from analysis.errors import InputError
from analysis.evaluation import Decisions, score
from analysis.folds import allowed, group_keys, grouped_folds
from analysis.framework import Framework
from analysis.labels import read_labels
from analysis.layers import LayeredEncoder
from analysis.prediction import blended, pairs
from analysis.provenance import file_sha256
from analysis.review import as_labels, read_decisions
from analysis.thresholds import cross_fitted, decide_on, say
from analysis.vocabulary import vocabulary, word_counts, word_features, word_rarity

# What a passage counts for in training, by how carefully its file was read.
STANDARD, MORE, NOISY = 2.0, 1.5, 0.7


@dataclass(frozen=True)
class LabelFile:
    """A table of labels.

    ``score``: the standard, on which the mapping is measured. ``reference``: read as carefully; calibration and thresholds
    come from these too. Any other is only trained on.
    """

    path: str
    weight: float = 1.0
    reference: bool = True
    score: bool = True
    table: pd.DataFrame | None = None  # what the file says, where it is no table of labels itself


def decided(path: Path, passages: pd.DataFrame, framework: Framework, *, alone: bool) -> tuple[LabelFile, list[str]]:
    """People's decisions on a run's ``passages`` as labels, and sentences on what they contradict and what has no text.

    They were chosen for being hard, so beside other labels they are only trained on: thresholds found on them would be
    those of hard passages. ``alone`` makes them the standard. Raises ``InputError`` for a file that cannot be used.
    """
    decisions = read_decisions(path, framework, must_exist=True)
    table = as_labels(decisions, passages)
    file = LabelFile(str(path), weight=STANDARD if alone else MORE, reference=alone, score=alone, table=table)
    return file, [*decisions.in_words(passages), f"Passages decided by people that are trained on: {len(table):,}."]


def read_label_files(files: Sequence[LabelFile], framework: Framework) -> pd.DataFrame:
    """One table of all labelled passages: id, text, source, author, place, file, weight, and the codes per dimension.

    Raises ``InputError`` naming every fault of every file.
    """
    tables, problems, seen = [], [], set()
    for number, file in enumerate(files):
        try:
            table = read_labels(file.path, framework).table if file.table is None else file.table.copy()
        except InputError as error:
            problems += [f"{Path(file.path).name}: {problem}" for problem in error.problems]
            continue
        for column in ("source", "author", *framework.dimensions):
            table[column] = table[column] if column in table else ""
        place = table["source"].str.lower().str.split("/").str[:2].str.join("/")
        table = table.assign(place=place, file=number, weight=file.weight, reference=file.reference, scored=file.score)
        tables.append(table[~table["id"].isin(seen)])
        seen |= set(table["id"])
    if problems:
        raise InputError("labels", problems, not_done="Nothing was trained; the coefficients in use stay.")
    return pd.concat(tables, ignore_index=True)


def code_names(table, framework, at_least=1):
    """All (dimension, code) pairs with at least so many passages, in the order dimension, name."""
    names = []
    for dimension in framework.dimensions:
        counts = table[dimension].str.get_dummies("|").sum()
        names += [(dimension, c) for c in sorted(counts.index) if c.strip() and counts[c] >= at_least]
    return names


def targets(table, names):
    """Passages x codes, 0 or 1."""
    cells = {d: [set(x.split("|")) for x in table[d]] for d in {d for d, _ in names}}
    return np.array([[float(c in s) for s in cells[d]] for d, c in names], dtype=np.float32).T


def fit_words(features, wanted, weight, *, strength, boost):
    """One weighted logistic regression per code -> weights, intercepts (a constant where a class is missing)."""
    from sklearn.linear_model import LogisticRegression

    weights = np.zeros((wanted.shape[1], features.shape[1]), np.float32)
    intercepts = np.zeros(wanted.shape[1], np.float32)
    for c, y in enumerate(wanted.T):
        share = np.clip((y * weight).sum() / weight.sum(), 1e-3, 1 - 1e-3)
        if y.min() == y.max():
            intercepts[c] = np.log(share / (1 - share))
            continue
        own = np.where(y > 0, weight * ((1 - share) / share) ** boost, weight)
        fitted = LogisticRegression(C=strength, solver="liblinear", random_state=0).fit(features, y, sample_weight=own)
        weights[c], intercepts[c] = fitted.coef_[0], fitted.intercept_[0]
    return weights, intercepts


@dataclass(frozen=True)
class Fitted:
    """What a fit leaves: numbers by name (float32), the words, and the adapters' models."""

    tensors: dict
    terms: list
    models: list


def fit(encoder, below, wanted, table, rows, *, main, settings, seed):
    part, y, tensors, models = table.iloc[rows], wanted[rows], {}, []
    for member in range(settings.members):
        models.append(fit_adapter(encoder, [below[i] for i in rows], y, part, main=main, settings=settings, seed=seed + member))
        tensors |= {name: p.detach().numpy() for name, p in models[-1].kept(f"{member}.").items()}
    terms = vocabulary(part.text, part.place, settings.word_places)
    if terms:
        counts = word_counts(part.text, terms)
        tensors["words.rarity"] = word_rarity(counts)
        features, columns = word_features(counts, tensors["words.rarity"]), np.array(main)
        tensors["words.weight"], tensors["words.bias"] = fit_words(
            features, y[:, columns], part.weight.to_numpy(float), strength=settings.word_strength, boost=settings.rare_boost)
    return Fitted(tensors, terms, models)


def log_odds(fitted, below, texts, main):
    """Log-odds of the adapters and of the words, passages x codes; the words speak on the main dimensions only."""
    out = {"adapter": np.mean([model.predict(below) for model in fitted.models], axis=0)}
    out["words"] = np.zeros_like(out["adapter"])
    if fitted.terms:
        features = word_features(word_counts(texts, fitted.terms), fitted.tensors["words.rarity"])
        out["words"][:, np.array(main)] = features @ fitted.tensors["words.weight"].T + fitted.tensors["words.bias"]
    return out


def cross_validate(encoder, below, wanted, table, names, *, settings, seed, fold_seed=0, log=print):
    """Out-of-fold log-odds of adapters and words for the rows of the reference files, these rows, and their folds."""
    main = [d in settings.main for d, _ in names]
    tested = np.where(table.reference.to_numpy(bool))[0]
    keys = group_keys(table)
    fold = grouped_folds([keys[i] for i in tested], wanted[tested][:, main], settings.folds, seed=fold_seed)
    out = {}
    for j in range(settings.folds):
        test = np.zeros(len(table), bool)
        test[tested[fold == j]] = True
        start = time.time()
        fitted = fit(encoder, below, wanted, table, np.where(allowed(table, keys, test))[0], main=main, settings=settings, seed=seed)
        own = tested[fold == j]
        for part, values in log_odds(fitted, [below[i] for i in own], table.text.iloc[own], main).items():
            out.setdefault(part, np.zeros((len(tested), len(names)), np.float32))[fold == j] = values
        log(f"fold {j + 1} of {settings.folds}: {time.time() - start:.0f} s")
    return out, tested, fold


def train(files: Sequence[LabelFile], out: Path, *, framework: Framework, encoder: SentenceEncoder,
          settings: TrainingSettings | None = None, seed: int = 7, log: Callable[[str], None] = print) -> dict:
    """Cross-validate, choose calibration and thresholds, fit on everything, save in ``out``; returns the scores.

    Scores are cross-fitted: a passage's own fold decides neither its probability nor its threshold, and no
    source, author or near copy of it was trained on. Raises ``InputError`` for labels that cannot be trained on.
    """
    start, settings = time.time(), settings or TrainingSettings()
    table = read_label_files(files, framework)
    names = code_names(table, framework)
    _enough(table, names)
    settings = _for_framework(settings, framework)
    wanted, implied = targets(table, names), pairs(framework, settings.main)
    main = [dimension in settings.main for dimension, _ in names]
    log(f"{len(table):,} passages, {len(names)} codes, {int(table['scored'].sum()):,} passages to score on")
    layered = LayeredEncoder(encoder, settings)
    below = layered.states(table["text"])
    parts, tested, fold = cross_validate(layered, below, wanted, table, names, settings=settings, seed=seed, log=log)
    values = blended(parts["adapter"], parts["words"], settings.words_share)
    part, y = table.iloc[tested].reset_index(drop=True), wanted[tested]
    weight = say(part["scored"].to_numpy(bool))
    probability, assigned, cut = cross_fitted(values, y, weight, fold, names=names, implied=implied)
    blind = Decisions(names, y > 0, assigned, probability, cut)
    report = _scores_of(blind, part, part["scored"].to_numpy(bool))
    scale, thresholds = decide_on(values, y, weight, names, implied)
    fitted = fit(layered, below, wanted, table, np.arange(len(table)), main=main, settings=settings, seed=seed)
    save(out, fitted.tensors, {
        "codes": names, "calibration": scale.tolist(), "thresholds": thresholds.tolist(),
        "abstain_margin": {d: r["abstain_margin"] for d, r in report["dimensions"].items()},
        "positives": {f"{d}:{c}": int(n) for (d, c), n in zip(names, wanted.sum(0), strict=True)}, "passages": len(table),
        "files": [{"name": Path(f.path).name, "sha256": file_sha256(Path(f.path)), "weight": f.weight, "reference": f.reference,
                   "scored": f.score} for f in files],
        "encoder_sha256": encoder.files.sha256, "seed": seed, "settings": asdict(settings), "words": fitted.terms,
        "cross_validated": report, "cross_validated_with_references": _scores_of(blind, part, np.ones(len(part), bool)), "seconds": round(time.time() - start)})
    return report


def _scores_of(decisions: Decisions, table: pd.DataFrame, rows: np.ndarray) -> dict:
    """Scores on some rows, in a form that can be stored."""
    chosen = Decisions(decisions.names, *(values[rows] for values in (decisions.truth, decisions.assigned, decisions.probability, decisions.threshold)))
    places = table["place"][rows].reset_index(drop=True)
    return score(chosen, sources=places if (places != "").all() else None).as_record()


# Below this, cross-validation by source has nothing to learn from on one side or to test on the other.
FEWEST_LABELS = 50


def _enough(table: pd.DataFrame, names: list) -> None:
    problems = []
    if table["scored"].sum() < FEWEST_LABELS:
        problems.append(f"{int(table['scored'].sum())} labelled passages; at least {FEWEST_LABELS} are needed to train and to test.")
    if not names:
        problems.append("No passage has a code.")
    if problems:
        raise InputError("labels", problems, not_done="Nothing was trained; the coefficients in use stay.")


def _for_framework(settings: TrainingSettings, framework: Framework) -> TrainingSettings:
    """The main dimensions of another framework are all but the stance."""
    main = tuple(d for d in settings.main if d in framework.dimensions) or tuple(d for d in framework.dimensions if d != "stance")
    return replace(settings, main=main, dimensions=tuple(framework.dimensions))
