"""The mapping put to the test on a file of labels: mapped, compared, saved and said in words."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from analysis import framework as frameworks
from analysis import runs
from analysis.embedding import embed, load_encoder
from analysis.agreement import agreement
from analysis.evaluation import Evaluation, evaluate
from analysis.labels import read_labels
from analysis.mapping import map_to_framework
from analysis.prediction import scorer


def assess(labels: Path, out: Path, *, second: Path | None = None, framework: Path | None = None, **chosen) -> Evaluation:
    """Map the passages of a labels file, compare, and save the tables in ``out``.

    ``chosen`` may hold ``model`` and ``coefficients``, as for a run. A ``second`` labels file is compared with the first,
    coder beside coder. Raises ``InputError`` for labels that cannot be used.
    """
    codes, encoder = frameworks.load(framework), load_encoder(chosen.get("model"))
    given = read_labels(labels, codes)
    other = read_labels(second, codes) if second else None
    passages = pd.DataFrame({"passage_id": given.table["id"] + "#1", "contribution_id": given.table["id"], "text": given.table["text"]})
    score = scorer(codes, encoder=encoder, folder=chosen.get("coefficients"))
    mapping = map_to_framework(embed(passages, encoder=encoder), passages, framework=codes, probabilities=score)
    evaluation = evaluate(mapping.table, given, rules=mapping.settings["rules"])
    out.mkdir(parents=True, exist_ok=True)
    for name in ("codes", "dimensions", "coverage", "groups"):
        runs.write_table(getattr(evaluation, name), out / f"{name}.csv")
    if other is not None:
        runs.write_table(agreement(given, other), out / "agreement.csv")
    runs.write_json({**evaluation.settings, "mapping": mapping.settings, "warnings": evaluation.warnings}, out / "evaluation.json")
    return evaluation


def in_words(evaluation: Evaluation) -> list[str]:
    """The scores, a line each; a code with fewer than ten labelled passages is not measured."""
    lines = [f"{row.dimension}: macro-F1 {row.macro_f1:.2f} ({row.low:.2f} to {row.high:.2f}) over {row.codes} codes"
             for row in evaluation.dimensions.itertuples()]
    for row in evaluation.codes.itertuples():
        said = (f"F1 {row.f1:.2f} ({row.f1_low:.2f} to {row.f1_high:.2f}), precision {row.precision:.2f}, recall {row.recall:.2f}, "
                f"kappa {row.kappa:.2f}, alpha {row.alpha:.2f}, calibration error {row.calibration_error:.3f}") if row.measured else "not measured"
        lines.append(f"  {row.dimension} {row.code} ({row.positives}): {said}")
    return lines + [f"Warning: {warning}" for warning in evaluation.warnings]
