"""What every page must pass before it is written: nothing from elsewhere, links that lead somewhere, one h1."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from analysis.errors import ReckonsError

LOADING = {("script", "src"), ("img", "src"), ("iframe", "src"), ("link", "href"), ("source", "src"), ("video", "src"), ("audio", "src"),
           ("embed", "src"), ("object", "data"), ("form", "action"), ("image", "href"), ("use", "href"), ("base", "href")}


class _Page(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.problems: list[str] = []
        self.ids: dict[str, int] = {}
        self.targets: set[str] = set()
        self.count: dict[str, int] = {}
        self.last_heading = 0

    def handle_starttag(self, tag, attrs):
        self.count[tag] = self.count.get(tag, 0) + 1
        for name, value in attrs:
            self._attribute(tag, name, value or "")
        if re.fullmatch(r"h[1-6]", tag):
            level = int(tag[1])
            if level > self.last_heading + 1:
                self.problems.append(f"A heading of level {level} follows one of level {self.last_heading}.")
            self.last_heading = level

    handle_startendtag = handle_starttag

    def _attribute(self, tag: str, name: str, value: str) -> None:
        if name == "id":
            self.ids[value] = self.ids.get(value, 0) + 1
        if name.startswith("on"):
            self.problems.append(f"<{tag}> has a handler: {name}.")
        if (tag, name) in LOADING:
            self.problems.append(f"<{tag} {name}> would load {value[:80]}.")
        if tag == "a" and name == "href":
            if value.startswith("#"):
                self.targets.add(value[1:])
            elif not re.match(r"https?://", value):
                self.problems.append(f"A link leads to {value[:80]}, which is not of the web.")


def check(page: str) -> None:
    """Raise ``ReckonsError`` that names every fault of a page; the page is HTML as text."""
    read = _Page()
    read.feed(page)
    problems = read.problems
    problems += [f"The id {name} occurs {n} times." for name, n in read.ids.items() if n > 1][:5]
    problems += [f"A link leads to #{name}, which is not in the page." for name in sorted(read.targets - set(read.ids))][:5]
    if read.count.get("h1", 0) != 1:
        problems.append(f"There are {read.count.get('h1', 0)} headings of level 1.")
    if read.count.get("table", 0) != read.count.get("caption", 0):
        problems.append("A table has no caption.")
    if problems:
        raise ReckonsError(f"The page has {len(problems)} {'fault' if len(problems) == 1 else 'faults'}: " + " ".join(problems[:12]) + " It was not written; an earlier one is as it was.")
