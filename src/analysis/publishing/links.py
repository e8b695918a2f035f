"""Turns marks in the sections into links inside the file: to the contributions behind a number, to a whole contribution."""

from __future__ import annotations

import html
import json
import re

from analysis.publishing.exporter import harmless_json, heading_id
from analysis.publishing.reader import Reader

BEHIND = re.compile(r"<span data-behind=\"([^\"]*)\">(.*?)</span>", re.DOTALL)
CHART = re.compile(r"(<script type='application/json' class='chart-data'[^>]*>)([^<]*)(</script>)")
QUOTED = re.compile(r"<(figcaption|cite) data-contribution=\"([^\"]*)\">(.*?)</\1>", re.DOTALL)
IDS = re.compile(r"<h[2-6] id='([^']+)'")
THESE = "these:"


def headings(sections: list[str]) -> set[str]:
    """The ids of all headings: where a link to a section or a part of one may lead."""
    return {name for section in sections for name in IDS.findall(section)}


def linked(section: str, reader: Reader, headings: set[str]) -> str:
    """The section with a link wherever the pack carries what the mark stands for; elsewhere the plain words."""
    section = BEHIND.sub(lambda found: _behind(found, reader, headings), section)
    section = CHART.sub(lambda found: found[1] + _pointed(found[2], reader) + found[3], section)
    return QUOTED.sub(lambda found: _quoted(found, reader), section)


def _behind(found: re.Match, reader: Reader, headings: set[str]) -> str:
    group = html.unescape(found[1])
    if group.startswith("section/"):
        slug, _, part = group.removeprefix("section/").partition("/")
        places = [place for place in ([heading_id(part, f"s{slug}")] if part else []) + [f"s{slug}"] if place in headings]
        return f"<a href='#{places[0]}'>{found[2]}</a>" if places else found[2]
    if group.startswith(THESE):
        these = json.loads(group.removeprefix(THESE))
        place = reader.place_of_these(these["label"], these["ids"])
    else:
        place = reader.place_of_group(group)
    return f"<a class='number' href='#{place}'>{found[2]}</a>" if place else found[2]


def _quoted(found: re.Match, reader: Reader) -> str:
    place = reader.place_of_contribution(html.unescape(found[2]))
    text = f"no.&nbsp;{place.removeprefix('k')}" if place else ""   # a number alone on the next line reads like a figure of its own
    between = " · " if found[3] else ""
    link = f"{between}<a href='#{place}'>{text if found[1] == 'cite' else 'in full, ' + text}</a>" if place else ""
    return f"<{found[1]}>{found[3]}{link}</{found[1]}>"


def _pointed(text: str, reader: Reader) -> str:
    """Points that stand for passages take their words from the contributions in the page rather than repeat them."""
    spec = json.loads(text)
    for trace in spec["data"]:
        places = [reader.place_of_contribution(str(one).rsplit("#", 1)[0]) for one in trace.pop("ids", None) or []]
        if places and all(places):
            trace["customdata"] = [int(place[1:]) for place in places]
            trace.pop("text", None)
    return harmless_json(spec)
