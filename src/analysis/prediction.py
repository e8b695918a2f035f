"""Probabilities from trained coefficients: what the adapter reads and what the words say."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from analysis import similarity
from analysis.adapted import AdaptedEncoder, read_both
from analysis.coefficients import PACKAGED, Coefficients, consistent, load, sigmoid
from analysis.embedding import SentenceEncoder, Track, encoded
from analysis.errors import InputError
from analysis.framework import Framework
from analysis.vocabulary import word_counts, word_features

# Beyond this many log-odds a member is certain; without a bound one could never be outvoted.
CERTAIN = 12.0


def scorer(framework: Framework, *, encoder: SentenceEncoder, cache: Path | None = None, folder: Path | None = None) -> Callable:
    """What gives probabilities for this framework and encoder: trained coefficients where they fit, else similarity.

    ``folder`` holds a researcher's own coefficients; without it, the packaged ones are tried. Raises
    ``InputError`` when own coefficients were trained for other codes or another encoder.
    """
    coefficients = load(folder or PACKAGED)
    if coefficients is not None and coefficients.fit_to(framework, encoder.files.sha256):
        return partial(probabilities, coefficients=coefficients, encoder=encoder, cache=cache)
    if folder is not None:
        found = "nothing" if coefficients is None else "coefficients for other codes or another encoder"
        raise InputError(str(folder), [f"Expected coefficients for this framework and encoder, found {found}. Train them with reckons train."],
                         not_done="Nothing was mapped.")
    return partial(similarity.probabilities, encoder=encoder, cache=cache)


def probabilities(vectors: np.ndarray, passages: pd.DataFrame, framework: Framework, *, coefficients: Coefficients,
                  encoder: SentenceEncoder, cache: Path | None = None) -> tuple[pd.DataFrame, dict]:
    """Calibrated probabilities (n, codes) of the codes that were trained, and the settings with a rule per code.

    ``vectors`` are not used: the adapter reads the texts themselves.
    """
    read = encoded(passages["text"], encoder=_adapted(encoder, coefficients), cache=cache)
    odds = blended(read, words_say(passages["text"], coefficients), coefficients.settings.words_share)
    scale = np.asarray(coefficients.record["calibration"])
    found = consistent(sigmoid(odds * scale[:, 0] + scale[:, 1]), coefficients.names, pairs(framework, coefficients.settings.main))
    settings = {"method": "trained adapter and words", "tensors_sha256": coefficients.record["tensors_sha256"], "rules": coefficients.rules(),
                "tested": (coefficients.record.get("cross_validated") or {}).get("codes", {}),
                "tested_dimensions": (coefficients.record.get("cross_validated") or {}).get("dimensions", {})}
    return pd.DataFrame(found, columns=[code for _, code in coefficients.names], index=passages.index), settings


def read_ahead(passages: pd.DataFrame, framework: Framework, *, encoder: SentenceEncoder, cache: Path, folder: Path | None = None,
               track: Track | None = None) -> None:
    """Have texts that are new read once, for their vectors and for the mapping; both are then in ``cache``.

    Where the coefficients or the encoder do not allow it, nothing happens: each is then made when it is asked for.
    """
    coefficients = load(folder or PACKAGED)
    if coefficients is not None and coefficients.fit_to(framework, encoder.files.sha256):
        adapted = _adapted(encoder, coefficients)
        if adapted.reads_both:
            read_both(passages, adapted, cache=cache, track=track)


def _adapted(encoder: SentenceEncoder, coefficients: Coefficients) -> AdaptedEncoder:
    on_workers = getattr(encoder, "adapted", None)  # an encoder on a cluster has the adapters read there too
    return on_workers(coefficients) if on_workers else AdaptedEncoder(encoder, coefficients)


def words_say(texts: pd.Series, coefficients: Coefficients) -> np.ndarray:
    """Log-odds (n, codes) from words and word pairs; 0 on dimensions on which they were not trained."""
    out = np.zeros((len(texts), len(coefficients.names)), dtype=np.float32)
    terms, tensors = coefficients.record["words"], coefficients.tensors
    if terms and len(texts):
        features = word_features(word_counts(texts, terms), tensors["words.rarity"])
        out[:, np.array(coefficients.main())] = features @ tensors["words.weight"].T + tensors["words.bias"]
    return out


def term_contributions(text: str, code: str, coefficients: Coefficients | None) -> pd.DataFrame:
    """What each known word or word pair of a text adds to the calibrated log-odds of a code: ``term, weight``, the strongest first.

    Exact for the regression on words: its weights, its intercept left out, sum to what the words say. Empty without trained words.
    """
    empty = pd.DataFrame({"term": pd.Series(dtype="str"), "weight": pd.Series(dtype=float)})
    terms = coefficients.record["words"] if coefficients else []
    place = next((i for i, (_, name) in enumerate(coefficients.names) if name == code), None) if terms else None
    if place is None or not coefficients.main()[place]:
        return empty
    row = sum(coefficients.main()[:place])  # words were trained on the main dimensions only
    features = word_features(word_counts([text], terms), coefficients.tensors["words.rarity"]).tocoo()
    scale = coefficients.record["calibration"][place][0] * coefficients.settings.words_share
    weights = features.data * coefficients.tensors["words.weight"][row][features.col] * scale
    table = pd.DataFrame({"term": [terms[i] for i in features.col], "weight": weights.astype(float)})
    return table.sort_values("weight", key=lambda weight: -weight.abs(), kind="stable", ignore_index=True)


def blended(adapter: np.ndarray, words: np.ndarray, share: float) -> np.ndarray:
    """Log-odds of both, the words' weighted by ``share``."""
    return np.clip(adapter, -CERTAIN, CERTAIN) + share * np.clip(words, -CERTAIN, CERTAIN)


def pairs(framework: Framework, main: tuple[str, ...]) -> list[tuple[str, str]]:
    """(code, implied code) within the main dimensions, in which probabilities are kept consistent."""
    codes = framework.codes.loc[framework.codes["dimension"].isin(main), "code"].tolist()
    return [(code, other) for code in codes for other in codes if other in framework.implied_by(code)]
