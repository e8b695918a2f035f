"""Counting: contributions, people, distinct messages; shares with intervals; what is too small to say."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from analysis import words

SMALLEST_CELL = 5        # people; a smaller cell could point at one of them
SMALLEST_BASE = 30       # contributions; under it a percentage pretends to a precision that is not there
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Finding:
    """A table, the sentence it is there for, and the same for somebody who cannot see the figure."""

    table: pd.DataFrame
    finding: str
    alt: str

    @property
    def empty(self) -> bool:
        """Whether there is nothing to draw."""
        return self.table.empty

    def draw(self, figure, **options):
        """The figure, or a sentence where there is nothing to draw."""
        if self.empty:
            return words.say(self.finding)
        return figure(self.table, finding=self.finding, alt=self.alt, **options)


def speakers(contributions: pd.DataFrame) -> pd.Series:
    """Who spoke, for each contribution; one without a name counts as a person of its own."""
    return contributions["contributor"].astype("object").where(contributions["contributor"].notna(),
                                                               "unnamed " + contributions["contribution_id"].astype("object"))


def message_of(contributions: pd.DataFrame) -> pd.Series:
    """For each contribution the id of the one that stands for its message: its own, or of the one that it copies."""
    return contributions["duplicate_of"].where(contributions["duplicate_of"].notna(), contributions["contribution_id"])


def people(contributions: pd.DataFrame) -> int:
    """How many people spoke."""
    return int(speakers(contributions).nunique())


def messages(contributions: pd.DataFrame) -> int:
    """How many distinct messages there are: copies of a message count once."""
    return int(contributions["duplicate_of"].isna().sum())


def busiest(counts: pd.Series, places: int) -> int:
    """How many of the people with these ``counts`` (falling) spoke most: ``places``, or those who share the last of them too.

    Where more than twice as many would share it, only those who spoke more often than they did; so it can be nobody.
    """
    last = counts.iloc[min(places, len(counts)) - 1] if len(counts) else 0
    tied = int((counts >= last).sum())
    return tied if tied <= 2 * places else int((counts > last).sum())


def counted(count: int, one: str, many: str | None = None) -> str:
    """A number with its noun: "1 person", "1,204 people", "no contributions"."""
    many = many or one + "s"
    return f"no {many}" if count == 0 else f"1 {one}" if count == 1 else f"{count:,} {many}"


def people_in_words(count: int) -> str:
    """A number of people, not given where it is under five."""
    return f"fewer than {SMALLEST_CELL} people" if 0 < count < SMALLEST_CELL else counted(count, "person", "people")


def linked(shown: object, said: pd.DataFrame, *, label: str) -> words.Words:
    """A number that leads to the contributions behind it; plain where fewer than five people stand behind it."""
    if people(said) < SMALLEST_CELL:
        return words.Words(words.escaped(shown))
    return words.behind_these(shown, said["contribution_id"], label=label)


def interval(count: int, of: int) -> tuple[float, float, float]:
    """Share and its Wilson 95 % interval, each 0 to 1 (Wilson 1927; scipy's implementation)."""
    if of == 0:
        return float("nan"), float("nan"), float("nan")
    from scipy.stats import binomtest

    limits = binomtest(count, of).proportion_ci(confidence_level=CONFIDENCE, method="wilson")
    return count / of, float(limits.low), float(limits.high)


def share_in_words(count: int, of: int) -> str:
    """A share as it may be said: with denominator and interval, or as a plain count on a small base."""
    if of < SMALLEST_BASE:
        return f"{count:,} of {of:,}"
    share, low, high = interval(count, of)
    return f"{percent(share)} ({count:,} of {of:,}; 95% interval {percent(low)} to {percent(high)})"


def short_share(count: int, of: int) -> str:
    """A share in a few characters, for a chart."""
    if count == 0:
        return "none found"
    return f"{count:,} of {of:,}" if of < SMALLEST_BASE else f"{percent(count / of)} ({count:,})"


def percent(share: float) -> str:
    """A share as whole per cent; a small one is not rounded to nothing."""
    shown = round(share * 100)
    return "under 1%" if shown == 0 and share > 0 else f"{shown}%"


def told(parts: list[str], most: int = 5) -> str:
    """The first few parts of a description; the rest is in the table."""
    return "; ".join(parts[:most]) + (f"; and {len(parts) - most} more, in the table." if len(parts) > most else ".")


def joined(parts: list[str], last: str = "and") -> str:
    """Parts as a list in a sentence."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} {last} {parts[-1]}" if parts else ""
