"""The mapping put to the test on a file of labels: mapped, compared, saved and said in words."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from analysis import framework as frameworks
from analysis import runs
from analysis.agreement import agreement
from analysis.coefficients import PACKAGED, load
from analysis.embedding import embed, load_encoder
from analysis.errors import InputError
from analysis.evaluation import MIN_POSITIVES, Evaluation, evaluate
from analysis.labels import Labels, read_labels
from analysis.mapping import Mapping, map_to_framework
from analysis.passages import split
from analysis.prediction import scorer
from analysis.provenance import file_sha256

TABLES = ("codes", "dimensions", "coverage", "groups", "abstentions")
TRAINED_ON = ("Warning: the mapping was trained on this very file. The figures say how well it remembers, not how well it reads what it has not seen; "
              "evaluate it on other labels.")
NOT_DONE = "Nothing was measured and nothing was written."


@dataclass(frozen=True)
class Assessment:
    """An evaluation, with the agreement of two coders beside it where a second one was given."""

    evaluation: Evaluation
    agreement: pd.DataFrame | None = None


def assess(labels: Path, out: Path, *, second: Path | None = None, framework: Path | None = None, **chosen) -> Assessment:
    """Map the passages of a labels file, compare, and save the tables in ``out``.

    ``chosen`` may hold ``model`` and ``coefficients``, as for a run. A ``second`` labels file is compared with the first,
    coder beside coder and beside the mapping. Raises ``InputError`` for labels that cannot be used.
    """
    codes = frameworks.load(framework)
    given = read_labels(labels, codes)
    other = read_labels(second, codes) if second else None
    _check(labels, given, second, other)
    encoder = load_encoder(chosen.get("model"))
    passages = split(given.table.rename(columns={"id": "contribution_id"}), count_tokens=encoder.count_tokens)
    score = scorer(codes, encoder=encoder, folder=chosen.get("coefficients"))
    mapping = map_to_framework(embed(passages, encoder=encoder), passages, framework=codes, probabilities=score)
    evaluation = evaluate(mapping.table, given, rules=mapping.settings["rules"])
    own = load(chosen.get("coefficients") or PACKAGED) if "tensors_sha256" in mapping.settings else None
    trained_on = own is not None and file_sha256(labels) in {file["sha256"] for file in own.record["files"]}
    evaluation.settings["trained_on"] = trained_on
    found = Assessment(evaluation, None if other is None else agreement(given, other, tool=_assigned(mapping, given)))
    _save(found, out, {"labels_file": labels.name, "labels_sha256": file_sha256(labels), "mapping": mapping.settings})
    return found


def _check(labels: Path, given: Labels, second: Path | None, other: Labels | None) -> None:
    """Ids are there once, and an id stands for the same words in both files."""
    problems = []
    for path, one in ((labels, given), (second, other)):
        if one is not None and (twice := one.table["id"][one.table["id"].duplicated()].unique().tolist()):
            problems.append(f"{path.name}: these ids occur more than once: {', '.join(twice[:5])}; one row per passage is expected.")
    if not len(given.table):
        problems.append(f"{labels.name}: no labelled passage.")
    if other is not None and not problems:
        texts, others = given.table.set_index("id")["text"], other.table.set_index("id")["text"]
        shared = texts.index.intersection(others.index)
        if shared.empty:
            problems.append(f"{second.name} has none of the passages of {labels.name}: no id is in both.")
        differ = [i for i in shared if texts[i].strip() != others[i].strip()]
        if differ:
            problems.append(f"{second.name}: these ids stand for other words than in {labels.name}: {', '.join(differ[:5])}.")
    if problems:
        raise InputError("labels", problems, not_done=NOT_DONE)


def _assigned(mapping: Mapping, given: Labels) -> pd.DataFrame:
    wide = mapping.table.pivot_table(index="contribution_id", columns="code", values="assigned", aggfunc="max")
    return wide.reindex(given.table["id"]).fillna(False).astype(bool)


def _save(found: Assessment, out: Path, record: dict) -> None:
    out.mkdir(parents=True, exist_ok=True)
    (out / "evaluation.json").unlink(missing_ok=True)  # written last: while it is missing, the tables may be of two evaluations
    for name in TABLES:
        runs.write_table(getattr(found.evaluation, name), out / f"{name}.csv")
    (out / "agreement.csv").unlink(missing_ok=True)
    if found.agreement is not None:
        runs.write_table(found.agreement, out / "agreement.csv")
    evaluation = found.evaluation
    runs.write_json({**record, **evaluation.settings, "warnings": evaluation.warnings, "scores": evaluation.as_record(),
                     "agreement": None if found.agreement is None else found.agreement.to_dict("records")}, out / "evaluation.json")


def in_words(found: Assessment) -> list[str]:
    """The scores, a line each; a code with fewer than ten labelled passages is not measured."""
    evaluation = found.evaluation
    lines = [TRAINED_ON] if evaluation.settings.get("trained_on") else []
    lines += [f"{row.dimension}: macro-F1 {row.macro_f1:.2f} ({row.low:.2f} to {row.high:.2f}) over {row.codes} codes, calibration error {row.calibration_error:.3f}"
             for row in evaluation.dimensions.itertuples()]
    if evaluation.dimensions.empty:
        lines += [f"Nothing could be measured: no code has {MIN_POSITIVES} labelled passages or more."]
    for row in evaluation.codes.itertuples():
        said = (f"F1 {row.f1:.2f} ({row.f1_low:.2f} to {row.f1_high:.2f}), precision {row.precision:.2f}, recall {row.recall:.2f}, "
                f"kappa {row.kappa:.2f}, alpha {row.alpha:.2f}, calibration error {row.calibration_error:.3f}") if row.measured else "not measured"
        lines.append(f"  {row.dimension} {row.code} ({row.positives}): {said}")
    lines += [f"{row.dimension}: wrong {row.error:.3f} of decisions, {row.error_at_80:.3f} once the least certain fifth is set aside; "
              f"of passages {row.passage_error:.3f}, {row.passage_error_at_80:.3f}" for row in evaluation.dimensions.itertuples()]
    lines += [f"{row.dimension}: left open {row.abstained_share:.3f} of decisions; wrong {row.error_share:.3f} of all, {row.error_share_decided:.3f} of the others"
              for row in evaluation.abstentions.itertuples()]
    if found.agreement is not None:
        lines.append(f"Agreement on {found.agreement['passages'].max()} passages that both have read, coder with coder and first coder with the mapping:")
        lines += [f"  {row.code}: kappa {row.kappa:.2f} and {row.tool_kappa:.2f}, alpha {row.alpha:.2f} and {row.tool_alpha:.2f}, F1 {row.f1:.2f} and {row.tool_f1:.2f}"
                  for row in found.agreement.itertuples() if max(row.positives_one, row.positives_other) >= MIN_POSITIVES]
    return lines + [f"Warning: {warning}" for warning in evaluation.warnings]
