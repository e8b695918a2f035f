"""RSS and Atom files, saved from a site: one contribution per entry."""

from __future__ import annotations

import io
import re
import time
from html.parser import HTMLParser
from pathlib import Path

from analysis.sources.source_file import ColumnMap, SourceFile, UnreadableFile, frame, reasons
from analysis.sources.text_files import decode

NAMES = ["id", "title", "author", "created_at", "url", "lang", "licence", "text"]
COLUMNS = ColumnMap(text={"text": None}, id="id", author="author", created_at="created_at", url="url", lang="lang", title="title", licence="licence")
# A site's whole archive in one feed is a few megabytes and a few thousand entries.
MAX_FEED = 20_000_000
MAX_ENTRIES = 20_000
# Entities of one's own are what documents that swell up and documents that read other files are made of; no feed needs them.
_ENTITY = re.compile(r"<!ENTITY", re.IGNORECASE)
_BEGIN = re.compile(r"<(?:\w+:)?(?:rss|feed|RDF)\b", re.IGNORECASE)
_ENTRY = re.compile(r"<(?:\w+:)?(?:item|entry)\b", re.IGNORECASE)
_END = re.compile(r"</(?:\w+:)?(?:rss|feed|RDF)\s*>\s*(?:<!--.*?-->\s*)*$", re.IGNORECASE | re.DOTALL)
_BLOCKS = {"p", "div", "br", "li", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "tr", "table", "section", "article", "hr", "figure", "dd", "dt"}
_SILENT = {"script", "style", "iframe", "template", "noscript"}


def read(path: Path, *, name: str) -> SourceFile:
    """Read a saved feed; the row number is the entry's place. Raises ``UnreadableFile``.

    An entry's text is its content, or its summary where the feed has no more; markup is
    taken out, paragraphs stay.
    """
    if path.stat().st_size > MAX_FEED:
        raise UnreadableFile(f"It is longer than {MAX_FEED // 1_000_000} MB, which no feed is.")
    text, encoding = decode(path.read_bytes())
    if _ENTITY.search(text):
        raise UnreadableFile("It defines entities of its own, which can swell up or name other files, and which no feed needs; it was not opened.")
    if not _BEGIN.search(text[:5_000]):
        raise UnreadableFile("It is no RSS or Atom feed.")
    if not _END.search(text[-5_000:]):
        raise UnreadableFile("It breaks off before the feed's end, as if it had not been saved or downloaded completely.")
    if len(_ENTRY.findall(text)) > MAX_ENTRIES:
        raise UnreadableFile(f"It has more than {MAX_ENTRIES:,} entries, which no feed has.")
    found = _parse(text)
    records = [_record(entry, found.feed) for entry in found.entries]
    places = list(range(1, len(records) + 1))
    return SourceFile("feed", name, frame(records, places, names=NAMES), reasons([None] * len(records), places), COLUMNS, notes={"encoding": encoding})


def _parse(text: str):
    import feedparser

    declared = re.sub(r"^\s*<\?xml[^>]*\?>", '<?xml version="1.0" encoding="utf-8"?>', text, count=1)
    try:
        # As an open file: feedparser takes a text that looks like an address or a file name for one, and opens it.
        found = feedparser.parse(io.BytesIO(declared.encode("utf-8", "replace")), sanitize_html=False, resolve_relative_uris=False)
    except Exception:  # whatever its parsers let through
        raise UnreadableFile("It cannot be read as a feed.") from None
    if not found.version:
        raise UnreadableFile("It is no RSS or Atom feed.")
    if not found.entries:
        raise UnreadableFile("It is a feed without entries.")
    return found


def _record(entry, feed) -> dict[str, str]:
    contents = [_said(part, "value") for part in entry.get("content", []) if part.get("type", "text/html") != "text/plain"]
    plain = [_said(part, "value") for part in entry.get("content", []) if part.get("type") == "text/plain"]
    text = in_words(max(contents, key=len)) if contents else max(plain, key=len) if plain else in_words(_said(entry, "summary"))
    link = _said(entry, "link")
    moment = entry.get("published_parsed") or entry.get("updated_parsed")
    licences = [_said(one, "href") for one in [*entry.get("links", []), *feed.get("links", [])] if one.get("rel") == "license"]
    return {"id": _said(entry, "id") or link, "title": in_words(_said(entry, "title")), "author": _said(entry, "author") or _said(feed, "author"),
            "created_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", moment) if moment else _said(entry, "published") or _said(entry, "updated"),
            "url": link if link.startswith(("http://", "https://")) else "", "lang": _said(entry, "language") or _said(feed, "language"),
            "licence": next(iter(licences), "") or next((found for place in (entry, feed) for name in ("license", "rights") if (found := _said(place, name))), ""),
            "text": text.strip()}


def _said(place, name: str) -> str:
    """A value of a feed as text; feedparser gives None where an element breaks off."""
    value = place.get(name)
    return value if isinstance(value, str) else ""


class _Words(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag, attrs):
        self.silent += tag in _SILENT
        if tag in _BLOCKS:
            self.parts.append("\n")

    def handle_endtag(self, tag):
        self.silent = max(0, self.silent - (tag in _SILENT))
        if tag in _BLOCKS:
            self.parts.append("\n")

    def handle_data(self, data):
        if not self.silent:
            self.parts.append(re.sub(r"\s+", " ", data))


def in_words(markup: str) -> str:
    """The words of a piece of HTML, with an empty line between paragraphs."""
    reader = _Words()
    reader.feed(markup)
    reader.close()
    lines = [line.strip() for line in "".join(reader.parts).split("\n")]
    return "\n\n".join(line for line in lines if line)
