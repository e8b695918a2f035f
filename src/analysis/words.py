"""What a notebook shows in words: sentences, tables and quotations, escaped.

Everything that people wrote goes through :func:`escaped`. What comes out is a
:class:`Words`, which Jupyter shows as HTML and which the pack takes over as it is.
Two attributes are left for the pack to turn into links inside the file:
``data-behind`` on a number (the contributions behind it) and ``data-contribution``
on who said a quotation. In JupyterLab they do nothing.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

import pandas as pd

from analysis import markup

# Characters that would break a page, or reverse the reading order of what follows them.
UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff]")
LANGUAGES = frozenset(  # ISO 639-1: a screen reader is told nothing rather than something wrong
    "ar bg bn ca cs cy da de el en es et eu fa fi fr ga gd gu he hi hr hu id is it ja ko lt lv mk ml mr ms mt nb nl nn no "
    "pa pl ps pt ro ru sk sl so sq sr sv sw ta te th tr uk ur vi yi zh".split())
SOURCES = {"bluesky": "Bluesky", "survey": "Survey", "post": "Blog post", "page": "Web page", "feed": "Feed", "table": "Table"}
LICENCE_LENGTH = 60  # characters of what a source states as its licence
QUOTE_LENGTH = 600  # characters; a longer passage is cut at a word, marked, and linked to the whole


@dataclass(frozen=True)
class Words:
    """A piece of safe HTML; ``str()`` gives the HTML itself."""

    html: str

    def __str__(self) -> str:
        return self.html

    def __add__(self, other: Words) -> Words:
        return Words(self.html + other.html)

    def _repr_html_(self) -> str:
        return self.html


def is_missing(value: object) -> bool:
    """Whether a cell of a table holds nothing."""
    return value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and value != value)


def escaped(value: object) -> str:
    """The HTML of a value: a :class:`Words` as it is, anything else with its markup made harmless."""
    if isinstance(value, Words):
        return value.html
    return "" if is_missing(value) else html.escape(printable(str(value)), quote=True)


def printable(text: str) -> str:
    """Text without control characters and without marks that reverse what follows."""
    return UNPRINTABLE.sub(" ", text)


def as_read(row: dict) -> str:
    """The text of a row as it is shown: verbatim, without marks of Markdown where its file is written in it."""
    text = printable(str(row["text"]))
    return markup.as_read(text) if markup.is_markdown(row.get("source_file")) else text


def shortened(text: str, length: int) -> str:
    """Text cut at a word, with an ellipsis where something was left out."""
    text = " ".join(printable(str(text)).split())
    if len(text) <= length:
        return text
    cut = text[:length].rsplit(" ", 1)[0]
    return (cut if len(cut) > length // 2 else text[:length]) + "…"


def beginning(text: str, length: int) -> str:
    """As many whole sentences as fit, where that is a third of the room or more; else cut at a word. What follows is marked."""
    text = " ".join(printable(str(text)).split())
    ends = [found.end() for found in re.finditer(r"[.!?][\"'”’)]*(?=\s)", text) if length / 3 <= found.end() <= length]
    return text if len(text) <= length else f"{text[:ends[-1]]} …" if ends else shortened(text, length)


def say(*sentences: object) -> Words:
    """One paragraph made of sentences."""
    return Words("<p>" + " ".join(escaped(sentence) for sentence in sentences if not is_missing(sentence)) + "</p>")


def answer(*sentences: object) -> Words:
    """The answer to the question in the title: set larger than the rest."""
    return Words("<p class='answer'>" + " ".join(escaped(sentence) for sentence in sentences) + "</p>")


def behind(shown: object, group: str) -> Words:
    """A number that leads to the contributions behind it, such as ``behind(31, "barriers/procurement")``."""
    return Words(f"<span data-behind='{escaped(group)}'>{escaped(shown)}</span>")


def behind_these(shown: object, contributions: Iterable[str], *, label: str) -> Words:
    """A number that leads to these contributions (their ids), listed in the pack under ``label``."""
    return behind(shown, "these:" + json.dumps({"label": label, "ids": sorted(set(map(str, contributions)))}))


def cards(items: Iterable[Words]) -> Words:
    """Short pieces beside each other where the screen is wide, under each other where it is not."""
    return Words("<ul class='cards'>" + "".join(f"<li>{item.html}</li>" for item in items) + "</ul>")


def lines(items: Iterable[tuple[Words, Words]]) -> Words:
    """A line for each item: what it is, and what is said of it, beside each other where the screen is wide."""
    return Words("<ul class='lines'>" + "".join(f"<li><div class='numbered'>{left.html}</div><div>{right.html}</div></li>" for left, right in items) + "</ul>")


def folded(summary: object, inside: Words) -> Words:
    """Something for those who look for it, behind a line that opens."""
    return Words(f"<details><summary>{escaped(summary)}</summary>{inside.html}</details>")


def voice(row: dict, *, length: int = 200, by: bool = True) -> Words:
    """One quotation in a line or two, of ``length`` characters at most, with who said it (or only where it stands in full)."""
    return Words(f"<p class='voice'{language(row.get('lang'))} dir='auto'>“{escaped(beginning(as_read(row), length))}” "
                 f"<cite data-contribution='{escaped(row['contribution_id'])}'>{said_by(row, brief=True) if by else ''}</cite></p>")


def table(rows: pd.DataFrame, *, caption: str, first_is_name: bool = True) -> Words:
    """A table with a caption and header cells; numbers are set to the right."""
    if rows.empty:
        return say(f"{caption}: nothing to show.")
    numeric = [len(rows) > 0 and all(_is_number(value) for value in rows.iloc[:, place]) for place in range(rows.shape[1])]
    head = "".join("<th scope='col'" + (" class='number'>" if right else ">") + escaped(name) + "</th>" for name, right in zip(rows.columns, numeric))
    body = "".join(_row(values, first_is_name) for values in rows.itertuples(index=False, name=None))
    return Words(f"<div class='wide' role='group' tabindex='0' aria-label='{escaped(caption)}'><p class='sideways'>This table goes on to the side.</p><table>"
                 f"<caption>{escaped(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>")


def _row(values: tuple, first_is_name: bool) -> str:
    cells = []
    for place, value in enumerate(values):
        number = _is_number(value)
        shown = f"{value:,}" if isinstance(value, int) else escaped(value)
        if place == 0 and first_is_name:
            cells.append(f"<th scope='row'>{shown}</th>")
        else:
            cells.append(f"<td class='number'>{shown}</td>" if number else f"<td>{shown}</td>")
    return "<tr>" + "".join(cells) + "</tr>"


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and not is_missing(value)


def quotes(rows: pd.DataFrame, *, heading: str = "In people's words") -> Words:
    """Quotations, verbatim: one block for each row.

    ``rows`` has ``text`` and ``contribution_id``, and may have ``contributor, source,
    source_file, url, lang, less_reliable, licence, permission, senders``.
    """
    if rows.empty:
        return Words("")
    return quoted(heading, [Words(quote(row)) for row in rows.to_dict("records")])


def quoted(heading: str, blocks: Iterable[Words]) -> Words:
    """Blocks of quotations under a heading."""
    return Words(f"<div class='quotes'><p class='quotes-heading'>{escaped(heading)}</p>{''.join(block.html for block in blocks)}</div>")


def exchange(said: dict, answer: dict, *, length: int) -> Words:
    """Two quotations of which the second answers the first."""
    return Words(f"<div class='exchange'>{quote(said, length=length)}{quote(answer, length=length, lead='In answer to that:')}</div>")


def quote(row: dict, *, length: int = QUOTE_LENGTH, lead: str = "") -> str:
    """The HTML of one quotation with who said it, where, and whether it may be repeated; ``lead`` stands before it."""
    text = as_read(row)
    shown = text if len(text) <= length else shortened(text, length)
    before = f"<p class='lead'>{escaped(lead)}</p>" if lead else ""
    return (f"<figure class='quote'>{before}<blockquote dir='auto'{language(row.get('lang'))}><p>{escaped(shown)}</p></blockquote>"
            f"<figcaption data-contribution='{escaped(row['contribution_id'])}'>{said_by(row)}</figcaption></figure>")


def said_by(row: dict, *, brief: bool = False) -> str:
    """Pseudonym, kind of source with a link where there is one, and the permission; ``brief`` for a single line."""
    who = escaped(row.get("contributor")) or "unnamed"
    source = SOURCES.get(row.get("source"), "Source")
    url = safe_address(row.get("url"))
    where = f"<a href='{escaped(url)}' rel='noreferrer'>{source}{'' if brief else ', at its source'}</a>" if url else f"{source}"
    sent = f"{int(row['senders']):,} people sent this message" if not is_missing(row.get("senders")) else ""
    less = "in a language that is placed less reliably" if row.get("less_reliable", False) in (True,) else ""
    return " · ".join(part for part in (who, where, permission(row), sent, less) if part)


def permission(row: dict) -> str:
    """Whether the words may be repeated: by the licence of the row (or a ``permission``), else as far as the source tells."""
    stated = row.get("permission") if not is_missing(row.get("permission")) else row.get("licence")
    if not is_missing(stated) and str(stated).strip():
        return escaped(_licence(shortened(str(stated), LICENCE_LENGTH)))
    return "published openly, no licence stated" if safe_address(row.get("url")) else "not published: ask before you quote it elsewhere"


def _licence(stated: str) -> str:
    """A Creative Commons address as the name that people know; anything else as it is written."""
    found = re.match(r"https?://creativecommons\.org/(?:licenses/([a-z-]+)/([\d.]+)|publicdomain/zero/([\d.]+))", stated)
    if found:
        return f"licence CC0 {found[3]}" if found[3] else f"licence CC {found[1].upper()} {found[2]}"
    return stated if re.search("licen[cs]e|permi", stated, re.IGNORECASE) else f"licence {stated}"


def language(lang: object) -> str:
    """The ``lang`` attribute, for a language that is known by its two letters."""
    short = "" if is_missing(lang) else str(lang).lower().split("-")[0]
    return f" lang='{short}'" if short in LANGUAGES else ""


def safe_address(url: object) -> str | None:
    """The address if it is one of the web, else None: no script, no file, no other scheme."""
    if is_missing(url) or UNPRINTABLE.search(str(url)) or any(c.isspace() for c in str(url)):
        return None
    try:
        parts = urlsplit(str(url))
    except ValueError:
        return None
    return str(url) if parts.scheme in ("http", "https") and parts.hostname else None
