"""Every contribution accounted for: counts that must add up."""

from __future__ import annotations

from collections import Counter

import pandas as pd

from analysis.errors import ReckonsError
from analysis.languages import UNKNOWN
from analysis.parts import Each, blocks, here
from analysis.unplaced import RESEMBLES_NONE


# Rows of which the combinations of values are counted at a time: a tenth of a second of work.
COUNTED_TOGETHER = 200_000


def account(contributions, passages: pd.DataFrame, *, membership: pd.DataFrame, decisions: pd.Series, mapping: pd.DataFrame | None = None,
            each: Each = here) -> dict:
    """Counts of a run as a dict, checked before it is returned.

    ``contributions`` is the result of ``read``; ``decisions`` holds ``mapped``,
    ``abstained`` or ``outside`` per contribution_id, and ``mapping`` the decision per passage and code. ``each`` has blocks of rows counted,
    elsewhere if need be; their counts are added up here. Raises ``ReckonsError`` naming every
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
        "passages": {"total": len(passages), "in_a_theme": themed, "in_none": len(membership) - themed, "in_none_by_reason": _by_reason(membership, each)},
        "languages": _by_language(passages, each),
        "contributors": sum(who is not None for who, in _counted(kept[["contributor"]], each)),
        "distinct_messages": int(kept["duplicate_of"].isna().sum()),
        "redacted": contributions.settings.get("redacted"),
        "by_source": _by_source(kept, aside, each),
    }
    if mapping is not None:
        ledger["codes"] = _by_code(mapping, each)
    _check(ledger)
    return ledger


def _counted(table: pd.DataFrame, each: Each) -> Counter:
    """How many rows have each combination of values, in the order in which these first occur; missing values are None."""
    counts: Counter = Counter()
    for found in each(_count, blocks(table, COUNTED_TOGETHER)):
        counts.update(found)
    return counts


def _count(rows: pd.DataFrame) -> dict[tuple, int]:
    sizes = rows.groupby(list(rows.columns), sort=False, dropna=False).size().reset_index(name="rows")
    return {tuple(None if pd.isna(value) else value for value in key): int(size) for *key, size in sizes.itertuples(index=False, name=None)}


def _by_language(passages: pd.DataFrame, each: Each) -> dict:
    """Passages by language, the most frequent first, and how many the encoder places less reliably."""
    # A run of an earlier version, out of which something is withdrawn, has neither column.
    passages = passages if "less_reliable" in passages else passages.assign(lang=None, less_reliable=False)
    by: Counter = Counter()
    less = 0
    for (lang, unread), count in _counted(passages[["lang", "less_reliable"]], each).items():
        by[lang or UNKNOWN] += count
        less += count if unread else 0
    return {"passages": dict(sorted(by.items(), key=lambda pair: (-pair[1], pair[0]))), "less_reliably_placed": less}


def _by_reason(membership: pd.DataFrame, each: Each) -> dict:
    """Why passages are in no theme, and how many for each reason; a run of an earlier version knows one reason only."""
    none = membership[membership["theme_id"].isna()]
    why = none[["reason"]] if "reason" in none else pd.DataFrame({"reason": RESEMBLES_NONE}, index=none.index)
    return {reason: count for (reason,), count in sorted(_counted(why.dropna(), each).items())}


def _by_code(mapping: pd.DataFrame, each: Each) -> dict:
    """Per code, how many passages were assigned it, left undecided, or lie outside, and how many of these a person decided."""
    codes: dict[str, dict[str, int]] = {}
    for (code, decision, by), count in _counted(mapping[["code", "decision", "decided_by"]], each).items():
        own = codes.setdefault(code, dict.fromkeys(("assign", "abstain", "outside", "by_a_person"), 0))
        own[decision] += count
        own["by_a_person"] += count if by == "person" else 0
    return codes


def _by_source(kept: pd.DataFrame, aside: pd.DataFrame, each: Each) -> dict:
    kept_by, aside_by = _counted(kept[["source_file"]], each), _counted(aside[["source_file"]], each)
    return {file: {"read": kept_by[key] + aside_by[key], "kept": kept_by[key], "set_aside": aside_by[key]}
            for key in sorted(set(kept_by) | set(aside_by)) for file in key}


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
