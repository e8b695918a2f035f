"""Probabilities without training: how close a passage is to a code's definition and examples."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from analysis.embedding import Encoder, embed, load_encoder
from analysis.framework import Framework

# On the reference labels, the best single threshold lay at 0.24 for the questions
# and 0.30 for the barriers; one in between carries over to other frameworks.
THRESHOLD = 0.26
# A cosine this far above the threshold counts as odds of about 2.7 to 1.
SCALE = 0.05
SKIPPED = ("stance",)  # how a thing is said is not a matter of its subject


def probabilities(vectors: np.ndarray, passages: pd.DataFrame, framework: Framework, *,
                  encoder: Encoder | None = None, cache: Path | None = None) -> tuple[pd.DataFrame, dict]:
    """Logistic in the mean of two cosines: to the definition, and to the nearest worked example.

    ``vectors`` is (n, dimensions) of unit length. Returns a table (n, codes) and the settings.
    These are no calibrated probabilities: nothing was learned from labels.
    """
    texts, codes = _texts(framework)
    cosines = vectors @ embed(texts, encoder=encoder or load_encoder(), cache=cache).T
    columns = {}
    for code in codes:
        of_code = (texts["code"] == code).to_numpy()
        definition = cosines[:, of_code & (texts["kind"] == "definition").to_numpy()].max(axis=1, initial=-1.0)
        examples = cosines[:, of_code & (texts["kind"] == "example").to_numpy()]
        closest = examples.max(axis=1) if examples.shape[1] else definition
        columns[code] = 1 / (1 + np.exp(-((definition + closest) / 2 - THRESHOLD) / SCALE))
    settings = {"method": "cosine to definitions and worked examples", "threshold": THRESHOLD, "scale": SCALE}
    return pd.DataFrame(columns, index=passages.index), settings


def _texts(framework: Framework) -> tuple[pd.DataFrame, list[str]]:
    codes = framework.codes[~framework.codes["dimension"].isin(SKIPPED)]
    definitions = codes.assign(text=codes["label"] + ". " + codes["definition"], kind="definition")
    examples = framework.examples[framework.examples["kind"] == "example"]
    texts = pd.concat([definitions[["code", "text", "kind"]], examples[["code", "text", "kind"]]])
    return texts[texts["code"].isin(codes["code"])].reset_index(drop=True), codes["code"].tolist()
