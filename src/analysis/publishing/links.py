"""Turns marks in the sections into links inside the file: to the contributions behind a number, to a whole contribution."""

from __future__ import annotations

import html
import json
import re

from analysis.publishing.exporter import harmless_json
from analysis.publishing.reader import Reader

BEHIND = re.compile(r"<span data-behind=\"([^\"]*)\">(.*?)</span>", re.DOTALL)
CHART = re.compile(r"(<script type='application/json' class='chart-data'[^>]*>)([^<]*)(</script>)")
QUOTED = re.compile(r"<figcaption data-contribution=\"([^\"]*)\">(.*?)</figcaption>", re.DOTALL)


def linked(section: str, reader: Reader, slugs: set[str]) -> str:
    """The section with a link wherever the pack carries what the mark stands for; elsewhere the plain words."""
    section = BEHIND.sub(lambda found: _behind(found, reader, slugs), section)
    section = CHART.sub(lambda found: found[1] + _pointed(found[2], reader) + found[3], section)
    return QUOTED.sub(lambda found: _quoted(found, reader), section)


def _behind(found: re.Match, reader: Reader, slugs: set[str]) -> str:
    group = html.unescape(found[1])
    if group.startswith("section/"):
        slug = group.removeprefix("section/")
        return f"<a href='#s{slug}'>{found[2]}</a>" if slug in slugs else found[2]
    place = reader.place_of_group(group)
    return f"<a class='number' href='#{place}'>{found[2]}</a>" if place else found[2]


def _quoted(found: re.Match, reader: Reader) -> str:
    place = reader.place_of_contribution(html.unescape(found[1]))
    link = f" · <a href='#{place}'>in full, no. {place.removeprefix('k')}</a>" if place else ""
    return f"<figcaption>{found[2]}{link}</figcaption>"


def _pointed(text: str, reader: Reader) -> str:
    """Points that stand for passages take their words from the contributions in the page rather than repeat them."""
    spec = json.loads(text)
    for trace in spec["data"]:
        places = [reader.place_of_contribution(str(one).rsplit("#", 1)[0]) for one in trace.pop("ids", None) or []]
        if places and all(places):
            trace["customdata"] = [int(place[1:]) for place in places]
            trace.pop("text", None)
    return harmless_json(spec)
