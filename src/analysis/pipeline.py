"""The stages in order, once, in one place: raw files to a whole run on disk."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd

from analysis import capacity, coefficients, embedding, erasure, languages, ledger, provenance, register, runs
from analysis import framework as frameworks
from analysis.campaigns import copied_contributions
from analysis.continuation import go_on
from analysis.contributions import Contributions, read
from analysis.disclosure import check_by_eye
from analysis.framework import Framework
from analysis.mapping import Mapping, map_to_framework
from analysis.parts import Each, here
from analysis.passages import split
from analysis.prediction import read_ahead, scorer
from analysis.progress import Report
from analysis.reference import by_code, load_reference, stated
from analysis.review import DEFAULT_DECISIONS, Decisions, read_decisions
from analysis.runs import Run
from analysis.themes import Themes, find_themes

DEFAULT_RAW = Path("data/raw/example")
DEFAULT_OUT = Path("data/processed")
DEFAULT_SEED = 7
DEFAULT_REFITS = 30


@dataclass(frozen=True)
class Options:
    """What an analyst chooses about a run; everything else follows from the input."""

    framework: Path | None = None
    model: str | None = None
    columns: tuple[str, ...] = ()
    seed: int = DEFAULT_SEED
    refits: int = DEFAULT_REFITS
    pages: bool = True
    scheduler: str | None = None
    coefficients: Path | None = None
    previous: Path | None = None
    reference: Path | None = None  # who was to be expected, by sector, nation, size, role
    decisions: Path | None = None  # data/review/decisions.csv, where it exists
    fresh: bool = False  # fit themes and refits again although little has changed
    sample: int | None = None  # so many contributions, drawn at random


@dataclass(frozen=True)
class _Inputs:
    """Everything that decides a run, read but not yet worked on."""

    contributions: Contributions
    framework: Framework
    encoder: embedding.SentenceEncoder
    decisions: Decisions
    each: Each = here
    recipes: dict[str, str] = field(default_factory=dict)
    expected: list[dict] = field(default_factory=list)


def run(raw: str | Path = DEFAULT_RAW, *, out: str | Path = DEFAULT_OUT, options: Options | None = None,
        report: Report | None = None) -> Run:
    """Run the whole pipeline on ``raw`` (a file or folder) and leave its outputs in ``out``.

    Outputs appear whole or not at all; with nothing changed since the last run, nothing
    is computed. Raises ``InputError`` for input that cannot be used, ``ReckonsError`` for
    anything else that a person can mend.
    """
    options, report = options or Options(), report or Report(verbosity=0)
    with _workers(options) as workers:
        return _run(Path(raw), Path(out), options=options, report=report, workers=workers)


def _workers(options: Options):
    """Who does what can be done part by part: the workers of a cluster, or None for this process."""
    if options.scheduler is None:
        return nullcontext(None)
    from analysis.distribution import workers_at

    return workers_at(options.scheduler)


def _run(raw: Path, out: Path, *, options: Options, report: Report, workers) -> Run:
    with report.stage("read") as stage:
        inputs = _read(raw, options, each=workers.each if workers else here)
        kept, aside = inputs.contributions.kept, inputs.contributions.set_aside
        stage.rows_in, stage.rows_out, stage.set_aside = inputs.contributions.records_read, len(kept), len(aside)
    for sentence in inputs.contributions.in_words():
        report.say(sentence)
    for folder in (out, options.previous):  # a run that is named is copied from, so it is cleaned too
        if folder is not None:
            _erase_withdrawn(inputs, raw, out=folder)
    earlier = _earlier(out)
    if earlier and not options.fresh and _unchanged(earlier, inputs, options):
        report.say(f"Nothing has changed since the last run; its outputs stand.\nLook at: {_where(earlier, options)}")
        return earlier
    capacity.must_fit(kept, refits=options.refits)
    with runs.writing(out) as staging:
        encoder = workers.encoder(inputs.encoder, model=options.model) if workers else inputs.encoder
        _make(replace(inputs, encoder=encoder), staging, out=out, options=options, report=report)
    finished = runs.open_run(out)
    chosen = {"model": finished.manifest["model"]["name"], "seed": options.seed, **finished.manifest["settings"]["themes"]}
    report.say("Settings: " + ", ".join(f"{name} {value}" for name, value in chosen.items()), at=2)
    report.say(f"Peak memory: {provenance.peak_memory_mb()} MB", at=2)
    report.say(f"Look at: {_where(finished, options)}")
    return finished


def _read(raw: Path, options: Options, *, each: Each) -> _Inputs:
    framework = frameworks.load(options.framework)
    encoder = embedding.load_encoder(options.model)
    contributions = capacity.sampled(read(raw, columns=list(options.columns) or None, each=each), options.sample, seed=options.seed)
    chosen = {key: value for key, value in asdict(options).items() if key not in ("pages", "scheduler", "framework", "coefficients", "decisions", "previous", "fresh")}
    own = options.coefficients and coefficients.load(options.coefficients)
    chosen["coefficients"] = own.record["tensors_sha256"] if own else None
    chosen["previous"] = runs.open_run(options.previous).manifest["outputs"] if options.previous else None
    decisions = read_decisions(options.decisions or DEFAULT_DECISIONS, framework, must_exist=options.decisions is not None)
    chosen["decisions"] = decisions.sha256
    expected = load_reference(options.reference) if options.reference else []
    chosen["reference"] = expected
    chosen["notices"] = contributions.settings["notices"]
    common = {"code": provenance.code_sha256(), "packages": provenance.package_versions()}
    tables = provenance.recipe(**common, options=chosen, framework=framework.sha256, encoder=encoder.recipe,
                               kept=provenance.table_sha256(contributions.kept),
                               set_aside=provenance.table_sha256(contributions.set_aside))
    themes = provenance.recipe(**common, encoder=encoder.recipe, seed=options.seed, refits=options.refits)
    return _Inputs(contributions, framework, encoder, decisions, each, {"tables": tables, "themes": themes, **common}, expected)


def _erase_withdrawn(inputs: _Inputs, raw: Path, *, out: Path) -> None:
    """What is in the register leaves the earlier outputs before anything is made from them."""
    withdrawn = register.load(raw)
    if not withdrawn:
        return
    known = inputs.contributions.records
    gone = known[known["withdrawn"]]
    texts = split(gone.assign(contribution_id=gone["contribution_id"].fillna("")), count_tokens=inputs.encoder.count_tokens)["text"]
    erasure.erase(out, withdrawn | {provenance.text_sha256(name) for name in gone["contribution_id"].dropna()}, texts=[*gone["text"], *texts])


def _make(inputs: _Inputs, staging: Path, *, out: Path, options: Options, report: Report) -> None:
    kept = inputs.contributions.kept
    with report.stage("split", len(kept)) as stage:
        reads = languages.read_by(inputs.encoder.files.name)
        on_workers = getattr(inputs.encoder, "split", None)
        passages = on_workers(kept, reads=reads) if on_workers else split(kept, count_tokens=inputs.encoder.count_tokens, reads=reads)
        stage.rows_out = len(passages)
    vectors = _embed(passages, inputs, cache=out / "vectors", folder=options.coefficients, report=report)
    before = _before(out, options)
    with report.stage("themes", len(passages)) as stage:
        themes = go_on(vectors, passages, before, encoder=inputs.encoder) if _may_go_on(before, inputs, options) else None
        if themes is None:
            themes = find_themes(vectors, passages, seed=options.seed, refits=options.refits, encoder=inputs.encoder,
                                 previous=_themes_of(before), track=report.track)
        stage.rows_out = int(themes.membership["theme_id"].notna().sum())
        stage.note = f"{len(themes.themes)} themes" if len(themes.themes) else str(themes.settings.get("reason", "no themes"))
    if "gone_on" in themes.settings:
        report.say(f"{themes.settings['gone_on']['in_words']} --fresh fits everything again.")
    inputs = _with_copies(inputs, copied_contributions(passages, themes.message_of))
    with report.stage("framework", len(passages)) as stage:
        score = scorer(inputs.framework, encoder=inputs.encoder, cache=out / "vectors", folder=options.coefficients)
        mapping = map_to_framework(vectors, passages, framework=inputs.framework, probabilities=score, decisions=inputs.decisions)
        stage.rows_out = len(mapping.table)
    inputs = _with_groups(inputs, mapping.table)
    for sentence in inputs.decisions.in_words(passages):
        report.say(sentence)
    with report.stage("tables", len(kept)) as stage:
        _write_tables(staging, inputs, passages, themes=themes, mapping=mapping, earlier=_earlier(out))
        _keep_previous(before, passages, staging)
        stage.rows_out = len(kept)
    _write_manifest(staging, inputs, options=options, report=report, found={"themes": themes.settings, "mapping": mapping.settings})
    if options.pages:
        from analysis.publishing import publish

        with report.stage("pages", len(kept)) as stage:
            publish(staging, staging / "html", track=report.track)
            stage.rows_out = 1
    _write_manifest(staging, inputs, options=options, report=report, found={"themes": themes.settings, "mapping": mapping.settings})


def _with_copies(inputs: _Inputs, copied: pd.Series) -> _Inputs:
    """``duplicate_of`` also for near-identical copies, which are known only once passages have been compared."""
    kept = inputs.contributions.kept
    near = kept["contribution_id"].map(copied).astype("str")
    kept = kept.assign(duplicate_of=near.where(near.notna(), kept["duplicate_of"]))
    return replace(inputs, contributions=replace(inputs.contributions, kept=kept))


def _with_groups(inputs: _Inputs, mapping: pd.DataFrame) -> _Inputs:
    """Beside how many people said what about themselves, how many of each group spoke to each code."""
    said = inputs.contributions
    crossed = by_code(said.answers, said.kept, mapping)
    in_all = {name: {**counted, "by_code": crossed.get(name, {})} for name, counted in stated(said.answers, said.kept).items()}  # of a sample: who is in it
    return replace(inputs, contributions=replace(said, settings={**said.settings, "stated": in_all}))


def _embed(passages: pd.DataFrame, inputs: _Inputs, *, cache: Path, folder: Path | None, report: Report) -> np.ndarray:
    encoder = inputs.encoder
    with report.stage("embed", len(passages)) as stage:
        new = embedding.missing_from(cache, passages, encoder=encoder)
        read_ahead(passages, inputs.framework, encoder=encoder, cache=cache, folder=folder, track=report.track)
        vectors = embedding.embed(passages, encoder=encoder, cache=cache, track=report.track)
        stage.rows_out, stage.note = len(vectors), f"{new:,} new texts, {encoder.precision}"
    return vectors


def _write_tables(staging: Path, inputs: _Inputs, passages: pd.DataFrame, *, themes: Themes, mapping: Mapping,
                  earlier: Run | None) -> None:
    contributions = inputs.contributions
    counts = ledger.account(contributions, passages, membership=themes.membership,
                            decisions=mapping.outcomes.reindex(contributions.kept["contribution_id"], fill_value="outside"),
                            mapping=mapping.table, each=inputs.each)
    counts["withdrawn_since_last_run"] = earlier.manifest.get("withdrawn_since", 0) if earlier else 0
    for name, table in {"contributions": contributions.kept, "passages": passages, "themes": themes.themes,
                        "membership": themes.membership, "mapping": mapping.table}.items():
        runs.write_table(table, staging / f"{name}.parquet")
    runs.write_table(mapping.table, staging / "mapping.csv")
    runs.write_table(contributions.set_aside, staging / "set_aside.csv")
    runs.write_table(check_by_eye(contributions.kept), staging / "check_by_eye.csv")
    runs.write_json(counts, staging / "ledger.json")


def _write_manifest(staging: Path, inputs: _Inputs, *, options: Options, report: Report, found: dict) -> None:
    encoder, contributions = inputs.encoder, inputs.contributions
    runs.write_json({
        "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "inputs": contributions.inputs.to_dict("records"),
        "not_read": contributions.not_read.to_dict("records"),
        "framework": frameworks.to_record(inputs.framework),
        "model": {"name": encoder.files.name, "revision": encoder.files.revision, "sha256": encoder.files.sha256,
                  "precision": encoder.precision, "dimensions": encoder.dimensions},
        "seed": options.seed,
        "reference": inputs.expected,
        "settings": {"options": asdict(options), "reading": contributions.settings, **found},
        "packages": provenance.package_versions(),
        "platform": provenance.machine(),
        "stages": [asdict(stage) for stage in report.stages],
        "peak_memory_mb": provenance.peak_memory_mb(),
        "recipes": inputs.recipes,
        "outputs": runs.outputs_of(staging),
    }, staging / runs.MANIFEST)


def _earlier(out: Path) -> Run | None:
    return runs.open_run(out) if (out / runs.MANIFEST).exists() or (out / ".commit.json").exists() else None


def _unchanged(earlier: Run, inputs: _Inputs, options: Options) -> bool:
    """Whether the outputs are those that this run would make, down to the bytes on disk."""
    if earlier.manifest.get("recipes", {}) != inputs.recipes:
        return False
    return options.pages == ("html/index.html" in earlier.manifest.get("outputs", {})) and runs.is_as_written(earlier)


def _before(out: Path, options: Options) -> Run | None:
    """The run before: the one that is named, or the one in ``out``.

    Damaged files of an earlier run in ``out`` are no reason to fail: the new run replaces them.
    """
    earlier = runs.open_run(options.previous) if options.previous else _earlier(out)
    return earlier if earlier is not None and runs.is_as_written(earlier) else None


def _may_go_on(before: Run | None, inputs: _Inputs, options: Options) -> bool:
    """Whether everything but the data that decides themes is as it was in the run before; a withdrawal leaves no recipe, so all is fitted anew."""
    return (before is not None and not options.fresh and options.previous is None
            and before.manifest.get("recipes", {}).get("themes") == inputs.recipes["themes"])


def _themes_of(before: Run | None) -> tuple[pd.DataFrame, pd.DataFrame] | None:
    """Its themes, whose names and ids are carried over where the same people say the same."""
    return (before.themes, before.membership) if before else None


def _keep_previous(before: Run | None, passages: pd.DataFrame, staging: Path) -> None:
    """The run before stays beside this one, to be compared with; made again from the same data, the one before that does."""
    said = ["passage_id", "text"]
    if before and before.passages[said].equals(passages[said].reset_index(drop=True)):
        before = runs.previous_of(before)
    if before:
        runs.keep_previous(before.folder, staging)


def _where(finished: Run, options: Options) -> Path:
    page = finished.folder / "html" / "index.html"
    return page if options.pages and page.exists() else finished.folder
