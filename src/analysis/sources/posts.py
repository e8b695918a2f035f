"""Blog posts: Markdown with front matter, and saved web pages; one contribution per file."""

from __future__ import annotations

import re
from pathlib import Path

from analysis.sources.source_file import ColumnMap, SourceFile, frame, reasons
from analysis.sources.text_files import decode, is_bracket_heap, read_text

NAMES = ["id", "title", "author", "created_at", "url", "lang", "licence", "text"]
COLUMNS = ColumnMap(text={"text": None}, id="id", author="author", created_at="created_at", url="url", lang="lang", title="title",
                    licence="licence")
# Front matter is a dozen lines; YAML of any size would be parsed at a crawl.
MAX_FRONT_MATTER = 64_000
# What trafilatura itself takes. A longer page carries its pictures inside.
MAX_PAGE = 20_000_000
_KEYS = {
    "id": ("id", "slug"), "title": ("title",), "author": ("author", "authors", "by"),
    "created_at": ("date", "created_at", "published"), "url": ("url", "canonical_url", "permalink", "link"),
    "lang": ("lang", "language"), "licence": ("licence", "license"),
}
_CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?([\w-]{1,40})""", re.IGNORECASE)


def read_markdown(path: Path, *, name: str) -> SourceFile:
    """Read a Markdown post; ``text`` is what stands under the front matter, as it is in the file.

    A post whose front matter cannot be read is set aside: its author, date and address
    would be lost, and the lines might be taken for the author's words.
    """
    text, encoding = read_text(path)
    found, reason = _front_matter(text.replace("\r\n", "\n"))
    return _one("post", name, found, reason=reason, encoding=encoding)


def _front_matter(text: str) -> tuple[dict, str | None]:
    import yaml
    from frontmatter.default_handlers import YAMLHandler

    if text.startswith("+++"):
        return {}, "front matter cannot be read: it is TOML (+++); YAML between two lines of --- is expected"
    handler = YAMLHandler()
    if not handler.detect(text):
        return {"text": text.strip()}, None
    try:
        matter, body = handler.split(text)
        if len(matter) > MAX_FRONT_MATTER:
            return {}, "front matter cannot be read: it is longer than a post's own"
        if is_bracket_heap(matter):
            return {}, "front matter cannot be read: it is nested too deeply"
        # BaseLoader leaves every value as it is written: 007 stays 007, and dates have their own checks.
        said = handler.load(matter, Loader=yaml.BaseLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}, " if mark else ""
        return {}, f"front matter cannot be read: {where}{getattr(error, 'problem', None) or 'not valid YAML'}"
    except (ValueError, RecursionError):
        return {}, "front matter cannot be read: no closing line of --- was found, or it is nested too deeply"
    if said not in (None, "") and not isinstance(said, dict):
        return {}, 'front matter cannot be read: lines such as "title: A heading" are expected'
    return {key: _first(said or {}, names) for key, names in _KEYS.items()} | {"text": body.strip()}, None


def _first(said: dict, names: tuple[str, ...]) -> str:
    value = next((said[name] for name in names if said.get(name)), "")
    values = value if isinstance(value, list) else [value]
    return "; ".join(part for part in values if isinstance(part, str))


def read_page(path: Path, *, name: str) -> SourceFile:
    """Read a saved web page: main text, title, author, date and address, found by trafilatura."""
    data = path.read_bytes()
    if len(data) > MAX_PAGE:
        return _one("page", name, {}, reason=f"page of more than {MAX_PAGE // 1_000_000} MB; save it without its pictures")
    html, encoding = _page_text(data)
    found = _main_text(html)
    return _one("page", name, found, reason=None if found.get("text") else "no main text was found in the page", encoding=encoding)


def _page_text(data: bytes) -> tuple[str, str]:
    declared = _CHARSET.search(data[:4_000])
    if declared and not data.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        try:
            return data.decode(declared[1].decode("ascii")), declared[1].decode("ascii").lower()
        except (LookupError, ValueError):
            pass
    return decode(data)


def _main_text(html: str) -> dict:
    import logging

    from trafilatura import bare_extraction

    logging.getLogger("trafilatura").addHandler(logging.NullHandler())  # a page without text is told as a reason
    try:
        page = bare_extraction(html, with_metadata=True, include_comments=False, include_tables=False)
    except Exception:  # whatever the HTML parser lets through; the page is then set aside
        return {}
    if page is None:
        return {}
    return {"title": page.title or "", "author": page.author or "", "created_at": page.date or "", "url": page.url or "",
            "lang": page.language or "", "licence": page.license or "", "text": page.text or ""}


def _one(source: str, name: str, found: dict, *, reason: str | None, encoding: str = "") -> SourceFile:
    notes = {"encoding": encoding} if encoding else {}
    return SourceFile(source, name, frame([found], [1], names=NAMES), reasons([reason], [1]), COLUMNS, notes=notes)
