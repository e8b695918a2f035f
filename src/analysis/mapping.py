"""Passages mapped to the framework: a probability per code, and a decision that may be none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from analysis import framework as frameworks
from analysis.framework import Framework
from analysis.parts import blocks
from analysis.review import Decisions, overrule

COLUMNS = ["contribution_id", "passage_id", "dimension", "code", "probability", "assigned", "decided_by", "decision"]
# How a thing is said is no reason to say that it speaks to the framework.
NOT_DECISIVE = ("stance",)
# Passages that are decided on at a time: what that takes in between is ten times what is left of it.
DECIDED_TOGETHER = 20_000
CONTRIBUTION_RULE = ("mapped if any passage is assigned a code other than a stance, else abstained if any passage is unsure, else outside; "
                     "its codes are those of its passages")


@dataclass(frozen=True)
class Rule:
    """When a probability is an assignment, and from where on the mapper abstains."""

    assign: float = 0.5
    abstain: float = 0.4


@dataclass(frozen=True)
class Mapping:
    """The mapping of passages to codes.

    ``table`` has one row per passage and code (``contribution_id, passage_id, dimension,
    code, probability, assigned, decided_by, decision``), ``outcomes`` one value per
    contribution_id (``mapped``, ``abstained`` or ``outside``), and ``settings`` say how
    the probabilities and decisions were made.
    """

    table: pd.DataFrame
    outcomes: pd.Series
    settings: dict = field(default_factory=dict)


def map_to_framework(vectors: np.ndarray, passages: pd.DataFrame, *, framework: Framework | None = None,
                     probabilities: Callable | None = None, decisions: Decisions | None = None) -> Mapping:
    """Map passages to the codes of a framework.

    ``vectors`` is (n, dimensions), rows aligned with ``passages``. ``probabilities`` is
    called with (vectors, passages, framework) and returns a table of n rows with a column
    of probabilities per code, and a dict of settings; by default they come from the packaged coefficients
    where these fit the framework, else from similarity, which needs no training. People's ``decisions`` stand
    in place of the model's.
    """
    framework = framework or frameworks.load()
    if probabilities is None:
        from analysis.embedding import load_encoder
        from analysis.prediction import scorer

        probabilities = scorer(framework, encoder=load_encoder())
    scores, settings = probabilities(vectors, passages, framework)
    rules = {code: Rule(**rule) for code, rule in settings.pop("rules", {}).items()}
    parts = zip(blocks(passages, DECIDED_TOGETHER), blocks(scores, DECIDED_TOGETHER), strict=True)
    table = pd.concat([_decided(part, of_part, framework, rules) for part, of_part in parts], ignore_index=True)
    if decisions is not None:
        table = overrule(table, passages, decisions, framework)
    return Mapping(table=table, outcomes=outcomes(table, passages), settings={
        **settings, "rules": {c: vars(rules.get(c, Rule())) for c in scores.columns},
        "decisions": _used(decisions, passages), "contribution_rule": CONTRIBUTION_RULE})


def _decided(passages: pd.DataFrame, scores: pd.DataFrame, framework: Framework, rules: dict[str, Rule]) -> pd.DataFrame:
    decided = decide(scores, framework, rules=rules)
    if "less_reliable" in passages:
        decided["decision"] = open_where(passages["less_reliable"].to_numpy(bool), decided["decision"])
    return _long(passages, scores, decided, framework)


def open_where(unread: np.ndarray, decision: pd.DataFrame) -> pd.DataFrame:
    """Nothing is ruled out for passages (n,) in a language that the encoder does not read: what is not assigned is left open."""
    return decision.mask(unread[:, None] & (decision == "outside"), "abstain")


def _used(decisions: Decisions | None, passages: pd.DataFrame) -> dict | None:
    """What a manifest says about people's decisions."""
    if decisions is None or not len(decisions.table):
        return None
    return {"sha256": decisions.sha256, "decisions": len(decisions.table), "passages": len(decisions.standing),
            "decided_in_more_than_one_way": int(decisions.disagreements["counts"].sum()), "on_no_passage_here": len(decisions.unknown_to(passages))}


def decide(scores: pd.DataFrame, framework: Framework, *, rules: dict[str, Rule]) -> dict[str, pd.DataFrame]:
    """Decisions per passage and code, consistent with what implies what.

    ``scores`` is (n passages, codes). Returns ``decision`` (``assign``, ``abstain``,
    ``outside``), ``by_rule`` (True where only an implication assigned the code) and
    ``probability``, raised to that of an assigned code which implies it. A code that lies under
    another, such as an aspect, is assigned only with it; without it the mapper abstains.
    """
    assign = pd.DataFrame({c: scores[c] >= rules.get(c, Rule()).assign for c in scores})
    unsure = pd.DataFrame({c: scores[c] >= rules.get(c, Rule()).abstain for c in scores}) & ~assign
    own, probability = assign.copy(), scores.copy()
    under = framework.codes.dropna(subset="under").set_index("code")["under"].to_dict()
    for code in scores.columns:
        # A code that lies under another one follows it below; it is too rare to carry it: raising the
        # questions of every aspect took their macro-F1 on the reference labels from 0.69 to 0.65.
        for implied in (framework.implied_by(code) & set(scores.columns)) if code not in under else ():
            assign[implied] |= own[code]
            raised = np.maximum(probability[implied], scores[code])
            probability[implied] = probability[implied].where(~own[code], raised)
    for code, parent in under.items():
        if code in assign and parent in assign and parent in framework.implied_by(code):
            unsure[code] |= assign[code] & ~assign[parent]
            assign[code] &= assign[parent]
    decision = pd.DataFrame(np.select([assign, unsure], ["assign", "abstain"], "outside"),
                            columns=scores.columns, index=scores.index)
    return {"decision": decision, "by_rule": assign & ~own, "probability": probability}


def outcomes(table: pd.DataFrame, passages: pd.DataFrame) -> pd.Series:
    """``mapped``, ``abstained`` or ``outside`` per contribution_id, by its passages' decisions."""
    ids = pd.Index(passages["contribution_id"].unique(), name="contribution_id")
    counts = ~table["dimension"].isin(NOT_DECISIVE)
    mapped, unsure = (ids.isin(table.loc[counts & (table["decision"] == decision), "contribution_id"].unique()) for decision in ("assign", "abstain"))
    return pd.Series(np.select([mapped, unsure], ["mapped", "abstained"], "outside"), index=ids, dtype="str")


def _long(passages: pd.DataFrame, scores: pd.DataFrame, decided: dict[str, pd.DataFrame], framework: Framework) -> pd.DataFrame:
    codes = framework.codes[framework.codes["code"].isin(scores.columns)]
    n, order = len(passages), codes["code"].tolist()
    by_rule = decided["by_rule"][order].to_numpy().ravel()
    decision = decided["decision"][order].to_numpy().ravel()
    table = pd.DataFrame({
        "contribution_id": np.repeat(passages["contribution_id"].to_numpy(), len(order)),
        "passage_id": np.repeat(passages["passage_id"].to_numpy(), len(order)),
        "dimension": np.tile(codes["dimension"].to_numpy(), n),
        "code": np.tile(codes["code"].to_numpy(), n),
        # Four places: finer differences are below what any rerun on other hardware would repeat.
        "probability": np.round(decided["probability"][order].to_numpy(dtype=float).ravel(), 4),
        "assigned": decision == "assign",
        "decided_by": np.where(by_rule, "rule", "model"),
        "decision": decision,
    })
    texts = ["contribution_id", "passage_id", "dimension", "code", "decided_by", "decision"]
    return table.astype({name: "str" for name in texts})[COLUMNS]
