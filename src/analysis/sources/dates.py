"""Dates as people's tools write them, to UTC."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

import pandas as pd

# Before the web nobody answered a call of this kind; earlier dates are what programs write for "no date".
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
# Clocks differ, and time zones are left off; a day covers both.
AHEAD = timedelta(days=1)
# Epoch numbers by their count of digits: seconds, milliseconds, microseconds.
_EPOCHS = {10: 1, 13: 1_000, 16: 1_000_000}
# Abbreviations of one meaning only, in hours; any other is read as UTC.
_ZONES = {"BST": 1, "CET": 1, "CEST": 2, "WIB": 7, "EST": -5, "EDT": -4, "PST": -8, "PDT": -7}
_MONTHS = {name: n for n, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), start=1)}
_TIME = r"(?:[T,\s]+(?P<hour>\d{1,2})[:.](?P<minute>\d\d)(?:[:.](?P<second>\d\d)(?:[.,](?P<part>\d{1,9}))?)?\s*(?P<half>[ap]\.?m\.?)?)?"
_ZONE = r"\s*(?P<zone>Z|[A-Z]{2,5}|(?:UTC|GMT)?\s?[+-]\d\d:?(?:\d\d)?)?(?:\s*\(.*\))?"
_DAY = r"(?:[a-z]{3,9},?\s+)?"
_MONTH = r"(?P<name>[a-z]{3,9})\.?"
_FORMS = [re.compile(form, re.IGNORECASE) for form in (
    rf"(?P<year>\d{{4}})(?:[-/](?P<month>\d\d?)(?:[-/](?P<day>\d\d?){_TIME}{_ZONE})?)?",
    rf"(?P<year>\d{{4}})(?P<month>\d\d)(?P<day>\d\d)(?:T(?P<hour>\d\d)(?P<minute>\d\d)(?P<second>\d\d))?{_ZONE}",
    rf"(?P<day>\d\d?)[/.-](?P<month>\d\d?)[/.-](?P<year>\d{{4}}|\d\d){_TIME}{_ZONE}",
    rf"{_DAY}(?P<day>\d\d?)(?:st|nd|rd|th)?[\s-]+{_MONTH}[\s,-]+(?P<year>\d{{4}}){_TIME}{_ZONE}",
    rf"{_DAY}{_MONTH}\s+(?P<day>\d\d?)(?:st|nd|rd|th)?,?\s+(?P<year>\d{{4}}){_TIME}{_ZONE}",
    rf"{_DAY}{_MONTH}\s+(?P<day>\d\d?){_TIME}{_ZONE}\s+(?P<year>\d{{4}})",
)]
# "Thu Dec 29" as a tool cut it off: a date whose year nobody can tell. It is no fault of what was said.
_CUT_OFF = re.compile(rf"(?:{_DAY}{_MONTH}\s+\d\d?|{_DAY}\d\d?\s+{_MONTH.replace('name', 'other')})", re.IGNORECASE)


def read_dates(values: pd.Series, *, now: datetime | None = None) -> tuple[pd.Series, pd.Series]:
    """Dates in UTC and, for each value that is none, what is wrong with it ("is not a date").

    Reads ISO 8601, epoch seconds to microseconds, day/month/year (the British order), and
    dates with the month's name. Blank values give NaT and no fault. Dates without a zone
    are taken as UTC, a month or year alone as its first day; one without a year gives NaT.
    """
    latest = (now or datetime.now(UTC)) + AHEAD
    texts = values.fillna("").astype(object)
    known = {text: _judge(text, latest) for text in texts.unique()}
    dates = pd.Series([known[text][0] for text in texts], index=values.index, dtype="datetime64[us, UTC]")
    return dates, pd.Series([known[text][1] for text in texts], index=values.index, dtype=object)


def _judge(text: str, latest: datetime) -> tuple[datetime | None, str | None]:
    text = text.strip()
    if not text or _is_cut_off(text):
        return None, None
    try:
        found = _parse(text)
    except (ValueError, OverflowError):
        found = None
    if found is None:
        return None, "is not a date"
    if found < EARLIEST:
        return None, f"is before {EARLIEST.year}"
    return (None, "is in the future") if found > latest else (found, None)


def _is_cut_off(text: str) -> bool:
    match = _CUT_OFF.fullmatch(text) if len(text) < 30 else None
    return bool(match) and (match["name"] or match["other"]).lower()[:3] in _MONTHS


def _parse(text: str) -> datetime | None:
    if len(text) > 100:
        return None
    if text.isascii() and text.isdigit() and len(text) in _EPOCHS:
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(text) * (1_000_000 // _EPOCHS[len(text)]))
    for form in _FORMS:
        if match := form.fullmatch(text):
            return _build(match.groupdict())
    return None


def _build(parts: dict[str, str | None]) -> datetime:
    year, name = int(parts["year"]), parts.get("name")
    month = _month(name) if name else int(parts.get("month") or 1)
    hour = int(parts.get("hour") or 0)
    if half := parts.get("half"):
        if not 1 <= hour <= 12:
            raise ValueError("no such hour")
        hour = hour % 12 + (12 if half[0] in "pP" else 0)
    midnight_after = hour == 24 and not int(parts.get("minute") or 0)
    moment = datetime(year + 2_000 if year < 100 and len(parts["year"]) == 2 else year, month, int(parts.get("day") or 1),
                      0 if midnight_after else hour, int(parts.get("minute") or 0), int(parts.get("second") or 0),
                      int((parts.get("part") or "0").ljust(6, "0")[:6]), tzinfo=_zone(parts.get("zone")))
    return (moment + timedelta(days=int(midnight_after))).astimezone(UTC)


def _month(name: str) -> int:
    full = "january february march april may june july august september october november december".split()
    low = name.lower()
    if low == "sept" or low in _MONTHS or low in full:
        return _MONTHS[low[:3]]
    raise ValueError("no such month")


def _zone(zone: str | None) -> timezone:
    offset = re.search(r"([+-])(\d\d):?(\d\d)?$", zone or "")
    if offset:
        minutes = int(offset[2]) * 60 + int(offset[3] or 0)
        return timezone(timedelta(minutes=minutes if offset[1] == "+" else -minutes))
    return timezone(timedelta(hours=_ZONES.get((zone or "").upper(), 0)))
