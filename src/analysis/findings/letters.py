"""Messages that many people sent in the same or nearly the same words: counted once, and said so wherever they stand."""

from __future__ import annotations

import pandas as pd

from analysis.findings.counts import SMALLEST_CELL, message_of, speakers


def senders(contributions: pd.DataFrame) -> pd.Series:
    """How many people sent a message, by the id of the contribution that stands for it; only those of five people or more."""
    by = speakers(contributions).groupby(message_of(contributions).to_numpy()).nunique()
    return by[by >= SMALLEST_CELL].rename("senders")


def of_whom(said: pd.DataFrame) -> str:
    """A clause on the largest such message among contributions; nothing where there is none: "30 of whom sent the same letter"."""
    most = int(senders(said).max()) if len(senders(said)) else 0
    return f"{most:,} of whom sent the same message" if most else ""
