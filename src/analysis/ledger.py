"""Every contribution accounted for: counts that must add up."""

from __future__ import annotations

import pandas as pd

from analysis.errors import ReckonsError
from analysis.languages import UNKNOWN
from analysis.unplaced import RESEMBLES_NONE


def account(contributions, passages: pd.DataFrame, *, membership: pd.DataFrame, decisions: pd.Series, mapping: pd.DataFrame | None = None) -> dict:
    """Counts of a run as a dict, checked before it is returned.

    ``contributions`` is the result of ``read``; ``decisions`` holds ``mapped``,
    ``abstained`` or ``outside`` per contribution_id, and ``mapping`` the decision per passage and code. Raises ``ReckonsError`` naming every
    sum that does not come out. ``redacted`` counts personal details taken out of what was
    kept, by kind; it is None where redaction was turned off.
    """
    kept, aside = contributions.kept, contributions.set_aside
    reasons = aside["reason"].str.replace(r'"[^"]*"', '"…"', regex=True).value_counts()
    outcome = decisions.value_counts()
    themed = int(membership["theme_id"].notna().sum())
    ledger = {
        "contributions": {
            "read": int(contributions.records_read), "kept": len(kept), "set_aside": len(aside),
            "set_aside_by_reason": {str(k): int(v) for k, v in sorted(reasons.items())},
            "mapped": int(outcome.get("mapped", 0)), "abstained": int(outcome.get("abstained", 0)),
            "outside": int(outcome.get("outside", 0)),
        },
        "passages": {"total": len(passages), "in_a_theme": themed, "in_none": len(membership) - themed, "in_none_by_reason": _by_reason(membership)},
        "languages": _by_language(passages),
        "contributors": int(kept["contributor"].nunique()),
        "distinct_messages": int(kept["duplicate_of"].isna().sum()),
        "redacted": contributions.settings.get("redacted"),
        "by_source": _by_source(kept, aside),
    }
    if mapping is not None:
        ledger["codes"] = _by_code(mapping)
    _check(ledger)
    return ledger


def _by_language(passages: pd.DataFrame) -> dict:
    """Passages by language, the most frequent first, and how many the encoder places less reliably."""
    # A run of an earlier version, out of which something is withdrawn, has neither column.
    passages = passages if "less_reliable" in passages else passages.assign(lang=None, less_reliable=False)
    by = passages["lang"].astype("object").fillna(UNKNOWN).value_counts()
    ordered = sorted(by.items(), key=lambda pair: (-pair[1], pair[0]))
    return {"passages": {str(lang): int(count) for lang, count in ordered}, "less_reliably_placed": int(passages["less_reliable"].sum())}


def _by_reason(membership: pd.DataFrame) -> dict:
    """Why passages are in no theme, and how many for each reason; a run of an earlier version knows one reason only."""
    none = membership[membership["theme_id"].isna()]
    why = none["reason"] if "reason" in none else pd.Series(RESEMBLES_NONE, index=none.index)
    return {str(reason): int(count) for reason, count in why.value_counts().sort_index().items()}


def _by_code(mapping: pd.DataFrame) -> dict:
    """Per code, how many passages were assigned it, left undecided, or lie outside, and how many of these a person decided."""
    counts = mapping.groupby(["code", "decision"], sort=False).size().unstack(fill_value=0)
    person = (mapping["decided_by"] == "person").groupby(mapping["code"]).sum()
    return {code: {**{decision: int(row.get(decision, 0)) for decision in ("assign", "abstain", "outside")}, "by_a_person": int(person[code])}
            for code, row in counts.iterrows()}


def _by_source(kept: pd.DataFrame, aside: pd.DataFrame) -> dict:
    kept_by, aside_by = kept["source_file"].value_counts(), aside["source_file"].value_counts()
    files = sorted(set(kept_by.index) | set(aside_by.index))
    return {file: {"read": int(kept_by.get(file, 0) + aside_by.get(file, 0)), "kept": int(kept_by.get(file, 0)),
                   "set_aside": int(aside_by.get(file, 0))} for file in files}


def _check(ledger: dict) -> None:
    c, p = ledger["contributions"], ledger["passages"]
    sums = [
        ("read = kept + set aside", c["read"], c["kept"] + c["set_aside"]),
        ("set aside = its reasons", c["set_aside"], sum(c["set_aside_by_reason"].values())),
        ("kept = mapped + abstained + outside", c["kept"], c["mapped"] + c["abstained"] + c["outside"]),
        ("passages = passages of each language", p["total"], sum(ledger["languages"]["passages"].values())),
        ("passages = in a theme + in none", p["total"], p["in_a_theme"] + p["in_none"]),
        ("passages in none = their reasons", p["in_none"], sum(p["in_none_by_reason"].values())),
        ("read = read from each file", c["read"], sum(s["read"] for s in ledger["by_source"].values())),
    ]
    sums += [(f"passages = assigned + abstained + outside for {code}", p["total"], sum(n[d] for d in ("assign", "abstain", "outside")))
             for code, n in ledger.get("codes", {}).items()]
    wrong = [f"{name}: {left} is not {right}." for name, left, right in sums if left != right]
    if wrong:
        raise ReckonsError("The ledger does not add up. " + " ".join(wrong) + " Nothing was written; please report this.")
