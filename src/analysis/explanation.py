"""Why a passage was or was not given a code: what in it speaks for the code, what against, and which examples it is like."""

from __future__ import annotations

import re
from collections.abc import Mapping as Row
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from analysis import framework as frameworks
from analysis import similarity, words
from analysis.coefficients import PACKAGED, load
from analysis.embedding import SentenceEncoder, embed, load_encoder
from analysis.errors import InputError, ReckonsError
from analysis.framework import Framework
from analysis.mapping import map_to_framework
from analysis.prediction import scorer, term_contributions
from analysis.quotes import sentences

WORD = re.compile(r"\w+(?:['’-]\w+)*")
# A passage has at most about 120 words; of a longer text only these are left out one by one.
MOST_WORDS = 150
SHOWN = 6
# Words of a passage that is shown as an example: enough to argue about, and read at a glance.
READABLE = (12, 60)
NO_EXAMPLE = "No example can be shown here: that needs a passage which was given a code, and the model that this run was made with."
NOT_EXACT = 1e-3  # changes of log-odds below this are rounding


@dataclass(frozen=True, repr=False)
class Explanation:
    """The evidence on one passage and one code.

    ``parts`` has a row per sentence and per word of ``text`` (``kind, start, end, text, weight``): by how much the
    log-odds of the whole mapping fall when only that part is left out, so a positive weight speaks for the code.
    ``terms`` has a row per known word or word pair (``term, weight``): its exact share in the log-odds, as far as these
    come from the regression on words. ``examples`` has the framework's worked examples and near misses
    of the code (``speaks, text, similarity``), the most alike first. ``settings`` say what mapped it.
    """

    text: str
    dimension: str
    code: str
    label: str
    probability: float
    threshold: float
    abstain: float
    decision: str
    decided_by: str
    parts: pd.DataFrame
    terms: pd.DataFrame
    examples: pd.DataFrame
    because: str = ""
    settings: dict = field(default_factory=dict)

    def strongest(self, kind: str = "word", *, speaks: str = "for", count: int = SHOWN) -> pd.DataFrame:
        """The words or sentences that speak most ``for`` or ``against``, the strongest first."""
        rows = self.parts[(self.parts["kind"] == kind) & (self.parts["weight"] * (1 if speaks == "for" else -1) > NOT_EXACT)]
        return rows.sort_values("weight", key=lambda weight: -weight.abs(), kind="stable").head(count).reset_index(drop=True)

    def _repr_html_(self) -> str:
        return str(in_words(self))

    def __str__(self) -> str:
        return in_lines(self)

    __repr__ = __str__


def explain(passage: str | Row, code: str, *, framework: Framework | None = None, encoder: SentenceEncoder | None = None,
            coefficients: Path | None = None) -> Explanation:
    """Explain how ``code`` was decided on for a passage: a text, or a row of a run's passages.

    ``coefficients`` is a folder of your own, as for a run. Sentences and words are left out one at a time (occlusion,
    Zeiler and Fergus 2014) and the passage is mapped again: a second or two. Raises ``InputError`` for an
    unknown code or an empty text.
    """
    framework, encoder = framework or frameworks.load(), encoder or _packaged_encoder()
    text = passage if isinstance(passage, str) else str(passage["text"])
    known = framework.codes.set_index("code")
    if code not in known.index or not text.strip():
        raise InputError("explain", [f'"{code}" is no code of the framework; codes are {", ".join(known.index)}.' if text.strip() else "The passage is empty."],
                         not_done="Nothing was explained.")
    score = scorer(framework, encoder=encoder, folder=coefficients)
    parts = _parts(text)
    passages = pd.DataFrame({"text": [text, *_without(text, parts)]})
    passages["passage_id"] = passages["contribution_id"] = [f"{n}" for n in range(len(passages))]
    vectors = embed(passages, encoder=encoder) if score.func is similarity.probabilities else None
    scores, settings = score(vectors, passages, framework)
    if code not in scores:
        raise InputError("explain", [f'"{code}" is in the framework, but it is not mapped: {settings["method"]} gave it no probability.'],
                         not_done="Nothing was explained.")
    odds = _odds(scores[code].to_numpy(dtype=float))
    mapped = map_to_framework(None, passages.head(1), framework=framework, probabilities=lambda *_: (scores.head(1), dict(settings)))
    decided = mapped.table.set_index("code")
    rule, row = mapped.settings["rules"][code], decided.loc[code]
    own = load(coefficients or PACKAGED) if "rules" in settings else None
    return Explanation(
        text=text, dimension=row["dimension"], code=code, label=str(known.loc[code, "label"]), probability=float(row["probability"]),
        threshold=rule["assign"], abstain=rule["abstain"], decision=row["decision"], decided_by=row["decided_by"],
        parts=parts.assign(weight=np.round(odds[0] - odds[1:], 4)), terms=term_contributions(text, code, own),
        examples=_examples(text, code, framework, encoder), because=_because(code, decided, framework),
        settings={"method": settings["method"], "trained": own is not None})


def explain_in(run, passage: Row, code: str, *, coefficients: Path | None = None) -> Explanation:
    """Explain a code of a passage of a run, by the model and the framework of that run.

    A run with coefficients of its own needs their folder. Raises ``InputError`` when these are not the ones that mapped the run.
    """
    chosen = run.manifest.get("settings", {}).get("options") or {}
    own = load(coefficients) if coefficients else None
    if chosen.get("coefficients") and (own is None or own.record["tensors_sha256"] != chosen["coefficients"]):
        raise InputError("explain", ["The run was mapped with coefficients of its own; name their folder: explain_in(run, passage, code, coefficients=FOLDER)."],
                         not_done="Nothing was explained.")
    return explain(passage, code, framework=run.framework, encoder=load_encoder(chosen["model"]) if chosen.get("model") else None, coefficients=coefficients)


def example(run) -> words.Words:
    """One passage of a run with what speaks for and against a code that it was given; a sentence where that cannot be shown.

    Of the passages of a readable length, the one of whose code the mapping is surest; barriers go before other codes.
    """
    given = run.mapping[run.mapping["assigned"] & (run.mapping["decided_by"] == "model")]
    length = run.passages.set_index("passage_id")["text"].str.split().str.len()
    given = given[given["passage_id"].map(length).between(*READABLE)].assign(later=given["dimension"] != "barriers")
    first = given.sort_values(["later", "probability", "passage_id", "code"], ascending=[True, False, True, True]).head(1)
    try:
        if first.empty or load_encoder((run.manifest.get("settings", {}).get("options") or {}).get("model")).files.sha256 != run.manifest["model"]["sha256"]:
            return words.say(NO_EXAMPLE)
        row = run.passages.set_index("passage_id").loc[first["passage_id"].iloc[0]]
        found = explain_in(run, row, first["code"].iloc[0])
    except ReckonsError:
        return words.say(NO_EXAMPLE)
    said = run.contributions.set_index("contribution_id").loc[row["contribution_id"]]
    quoted = pd.DataFrame([{**said.to_dict(), "contribution_id": row["contribution_id"], "text": row["text"]}])
    return words.quotes(quoted, heading="A passage, as an example") + in_words(found, quoted=False)


@cache
def _packaged_encoder() -> SentenceEncoder:
    return load_encoder()


def _odds(probability: np.ndarray) -> np.ndarray:
    clipped = np.clip(probability, 1e-6, 1 - 1e-6)
    return np.log(clipped / (1 - clipped))


def _parts(text: str) -> pd.DataFrame:
    """Sentences (where there are several) and words with their offsets."""
    found = sentences(text)
    rows = [("sentence", start, end) for start, end in found] if len(found) > 1 else []
    rows += [("word", *match.span()) for match in list(WORD.finditer(text))[:MOST_WORDS]]
    return pd.DataFrame([(kind, start, end, text[start:end]) for kind, start, end in rows], columns=["kind", "start", "end", "text"])


def _without(text: str, parts: pd.DataFrame) -> list[str]:
    return [" ".join((text[:start] + " " + text[end:]).split()) for start, end in zip(parts["start"], parts["end"], strict=True)]


def _examples(text: str, code: str, framework: Framework, encoder: SentenceEncoder) -> pd.DataFrame:
    """The code's worked examples speak for it, its near misses against it; nearness is the cosine of the encoder's vectors."""
    own = framework.examples[framework.examples["code"] == code].reset_index(drop=True)
    vectors = embed(pd.DataFrame({"text": [text, *own["text"]]}), encoder=encoder)
    table = pd.DataFrame({"speaks": own["kind"].map({"example": "for", "near_miss": "against"}), "text": own["text"],
                          "similarity": np.round(vectors[1:] @ vectors[0], 3)})
    return table.sort_values("similarity", ascending=False, kind="stable", ignore_index=True)


def _because(code: str, decided: pd.DataFrame, framework: Framework) -> str:
    """A rule of the framework that decided, in a sentence; empty where the probability alone did."""
    label = framework.codes.set_index("code")["label"]
    row, under = decided.loc[code], framework.codes.set_index("code")["under"].get(code)
    if row["decided_by"] == "rule":
        causes = [label[other] for other in decided.index[decided["assigned"]] if code in framework.implied_by(other)]
        return f"It was given because {words_joined(causes)} implies it."
    if isinstance(under, str) and row["decision"] == "abstain" and under in decided.index and not decided.loc[under, "assigned"]:
        return f"It is given only together with “{label[under]}”, which this passage was not given."
    return ""


def words_joined(names: list[str]) -> str:
    """Names in quotation marks, one after the other."""
    return ", ".join(f"“{name}”" for name in names)


DECISIONS = {"assign": "given", "abstain": "not sure enough to say", "outside": "sure enough that it does not apply"}


def in_lines(found: Explanation) -> str:
    """The explanation as plain text, for a terminal."""
    lines = [f"{found.label}: {DECISIONS[found.decision]} (probability {found.probability:.2f}; given from {found.threshold:.2f} on, left open from {found.abstain:.2f} on)"]
    lines += [found.because] if found.because else []
    for side in ("for", "against"):
        parts = ", ".join(f"{row.text} {row.weight:+.2f}" for row in found.strongest("word", speaks=side).itertuples())
        lines.append(f"Words {side} it: {parts or 'none'}")
        like = found.examples[found.examples["speaks"] == side].head(1)
        lines += [f"Most like, {side} it: “{words.shortened(row.text, 100)}” ({row.similarity:.2f})" for row in like.itertuples()]
    return "\n".join(words.printable(line) for line in lines)


def in_words(found: Explanation, *, quoted: bool = True) -> words.Words:
    """The explanation as paragraphs and tables, the passage escaped; without the passage where it stands beside it already."""
    shown = words.say(f"“{found.label}”: {DECISIONS[found.decision]}. Its probability is put at {found.probability:.2f}; "
                      f"from {found.threshold:.2f} on it is given, and between {found.abstain:.2f} and that it is left open.", found.because)
    if quoted:
        shown = shown + words.Words(f"<blockquote dir='auto'>{words.escaped(found.text)}</blockquote>")
    for kind in ("sentence", "word"):
        rows = [(row.text, f"{row.weight:+.2f}", side) for side in ("for", "against") for row in found.strongest(kind, speaks=side).itertuples()]
        if rows:
            shown = shown + words.table(pd.DataFrame(rows, columns=[kind.capitalize(), "Weight", "Speaks"]),
                                        caption=f"What each {kind} adds, by how much less likely the heading is without it (as log-odds: 0.7 halves the odds)")
    if len(found.terms):
        strongest = found.terms.head(SHOWN * 2)
        shown = shown + words.table(pd.DataFrame({"Word or pair": strongest["term"], "Weight": [f"{w:+.2f}" for w in strongest["weight"]]}),
                                    caption="What the word list adds, exactly")
    if len(found.examples):
        shown = shown + words.table(pd.DataFrame({"Example": found.examples["text"], "Speaks": found.examples["speaks"],
                                                  "Likeness": [f"{s:.2f}" for s in found.examples["similarity"]]}),
                                    caption="The framework's worked examples (for) and near misses (against), the most alike first")
    return shown
