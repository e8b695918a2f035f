"""Bluesky discussions, as `app.bsky.feed.getPostThread` and its relatives return them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from analysis.sources.json_files import loads
from analysis.sources.source_file import ColumnMap, SourceFile, UnreadableFile, frame, listed, quoted, reasons
from analysis.sources.text_files import read_text

NAMES = ["id", "author", "created_at", "url", "lang", "parent_id", "text", "context"]
COLUMNS = ColumnMap(text={"text": None}, id="id", author="author", created_at="created_at", url="url", lang="lang",
                    parent_id="parent_id", context="context")
DELETED = "deleted"
BLOCKED = "blocked"
SIGNED_IN_ONLY = "the author asked not to be shown to people who are not signed in"
# Its author answered somebody else, often before this discussion began.
ONLY_QUOTED = "only quoted in the discussion, not part of it"
REFUSED = "the author declared not to wish such use"
WITHDRAWN = "withdrawn"
# The key under which `reckons fetch` says why it saved no words of a post.
LEFT_OUT = "reckonsLeftOut"
_SIGNED_IN_LABEL = "!no-unauthenticated"
# Before the web nobody posted; earlier dates are what programs write for "no date".
_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)


def read(path: Path, *, name: str) -> SourceFile:
    """Read a saved discussion; the row number is the place in the thread, read from top to bottom.

    Accepts what getPostThread returns, a list of posts, or an object with ``posts`` or ``feed``.
    Alt texts, titles of linked pages and links that the text shows in short go to
    ``context``, which is not analysed. Handles and display names are left behind. Raises
    ``UnreadableFile``.
    """
    text, encoding = read_text(path)
    entries = list(_entries(loads(text)))
    records = [_record(kind, entry) for kind, entry in entries]
    seen = {record["id"] for record, _ in records}
    for quoted_post in _quoted_posts(entries):
        record, reason = _post(quoted_post)
        if record["id"] not in seen:
            seen.add(record["id"])
            records.append(({"id": record["id"]}, SIGNED_IN_ONLY if reason == SIGNED_IN_ONLY else ONLY_QUOTED))
    places = list(range(1, len(records) + 1))
    return SourceFile("bluesky", name, frame([r for r, _ in records], places, names=NAMES),
                      reasons([reason for _, reason in records], places), COLUMNS, notes={"encoding": encoding})


def _entries(document: object) -> Iterator[tuple[str, dict]]:
    """Every entry with its kind, parents before children, without recursion: threads are deep."""
    waiting = _tops(document)[::-1]
    while waiting:
        node = _item(waiting.pop())
        kind = _kind(node)
        if kind == "thread":
            parent, replies = node.get("parent"), node.get("replies")
            if isinstance(parent, dict):
                waiting.append({key: value for key, value in node.items() if key != "parent"})
                waiting.append(parent)
                continue
            yield "post", node["post"]
            waiting.extend(reversed(replies if isinstance(replies, list) else []))
        else:
            yield kind, node if isinstance(node, dict) else {}


def _tops(document: object) -> list:
    if isinstance(document, dict):
        tops = [top for key in ("thread", "posts", "feed") if key in document
                for top in (document[key] if isinstance(document[key], list) else [document[key]])]
        if tops or any(key in document for key in ("thread", "posts", "feed")):
            return tops
        if _kind(document) != "unknown":
            return [document]
        raise UnreadableFile(f'It is JSON, but no Bluesky discussion: "thread" or "posts" is expected; found: {listed(document)}.')
    if isinstance(document, list):
        tops = [top for item in document for top in (_tops(item) if isinstance(item, dict) and "thread" in item else [item])]
        if not tops or any(_kind(top) != "unknown" for top in tops):
            return tops
    raise UnreadableFile("It is JSON, but no Bluesky discussion: what getPostThread returns is expected, or a list of posts. "
                         "A table can be read as CSV, XLSX or JSONL (one object per line).")


def _item(node: object) -> object:
    """What an item of a flat thread (getPostThreadV2) holds, with its address; any other node as it is."""
    held = node.get("value") if isinstance(node, dict) and "depth" in node else None
    return {"uri": node.get("uri"), **held} if isinstance(held, dict) else node


def _kind(node: object) -> str:
    node = _item(node)
    if not isinstance(node, dict):
        return "unknown"
    named = str(node.get("$type", "")).rpartition("#")[2]
    if named == "threadItemNoUnauthenticated":
        return "hidden"
    if named in ("notFoundPost", "threadItemNotFound") or node.get("notFound") is True:
        return "deleted"
    if named in ("blockedPost", "threadItemBlocked") or node.get("blocked") is True:
        return "blocked"
    if isinstance(node.get("post"), dict) and named in ("", "threadViewPost", "feedViewPost", "threadItemPost"):
        return "thread"
    return "post" if isinstance(node.get("record"), dict) and named in ("", "postView") else "unknown"


def _record(kind: str, entry: dict) -> tuple[dict, str | None]:
    if kind == "post":
        return _post(entry)
    reason = {"deleted": DELETED, "blocked": BLOCKED, "hidden": SIGNED_IN_ONLY}.get(kind) or f"unknown kind of entry {quoted(entry.get('$type', 'without a type'))}"
    return {"id": _text(entry.get("uri"))}, reason


def _post(post: dict) -> tuple[dict, str | None]:
    uri, author = _text(post.get("uri")), _dict(post.get("author"))
    content = _dict(post.get("record") or post.get("value"))
    if is_signed_in_only(author):
        return {"id": uri}, SIGNED_IN_ONLY
    if isinstance(why := post.get(LEFT_OUT), str) and why:
        return {"id": uri}, why if why in (REFUSED, WITHDRAWN) else REFUSED
    if content.get("$type", "app.bsky.feed.post") != "app.bsky.feed.post":
        return {"id": uri}, f"unknown kind of entry {quoted(content['$type'])}"
    did, _, key = uri.removeprefix("at://").partition("/app.bsky.feed.post/")
    return {
        "id": uri, "author": _text(author.get("did")) or did, "text": _text(content.get("text")),
        "created_at": _when(_text(content.get("createdAt")), _text(post.get("indexedAt"))),
        "url": f"https://bsky.app/profile/{did}/post/{key}" if key else "",
        "lang": next((_text(lang) for lang in _list(content.get("langs"))), ""),
        "parent_id": _text(_dict(_dict(content.get("reply")).get("parent")).get("uri")),
        "context": " | ".join([*_context(_dict(post.get("embed"))), *links(_text(content.get("text")), content.get("facets"))]),
    }, None


def is_signed_in_only(author: dict) -> bool:
    """Whether an author asked not to be shown to people who are not signed in."""
    return any(_dict(label).get("val") == _SIGNED_IN_LABEL and not _dict(label).get("neg") for label in _list(author.get("labels")))


def _when(created: str, indexed: str) -> str:
    """The author's clock, unless it makes no sense or runs ahead of the network's: then the time of indexing."""
    said, seen = _moment(created), _moment(indexed)
    if seen is None:
        return created
    return indexed if said is None or said > seen or said < _EARLIEST else created


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _context(embed: dict) -> list[str]:
    media = _dict(embed.get("media")) or embed
    external = _dict(media.get("external"))
    found = [_text(_dict(image).get("alt")) for image in _list(media.get("images"))]
    return [part for part in [*found, _text(media.get("alt")), _text(external.get("title"))] if part]


def links(text: str, facets: object) -> list[str]:
    """The full addresses of links that a text shows in short; facets count the bytes of UTF-8."""
    data, found = text.encode("utf-8", "replace"), []
    for facet in _list(facets):
        index = _dict(_dict(facet).get("index"))
        start, end = index.get("byteStart"), index.get("byteEnd")
        if not isinstance(start, int) or not isinstance(end, int) or not 0 <= start < end <= len(data):
            continue
        shown = data[start:end].decode("utf-8", "replace")
        uris = [_text(_dict(feature).get("uri")) for feature in _list(_dict(facet).get("features"))]
        found += [f"{shown}: {uri}" for uri in uris if uri and uri not in text]
    return found


def _quoted_posts(entries: list[tuple[str, dict]]) -> Iterator[dict]:
    for kind, entry in entries:
        record = _dict(_dict(entry.get("embed")).get("record")) if kind == "post" else {}
        record = record if "uri" in record else _dict(record.get("record"))
        if isinstance(record.get("value"), dict) and record["value"].get("$type", "app.bsky.feed.post") == "app.bsky.feed.post":
            yield record


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _dict(value: object) -> dict:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list:
    return value if isinstance(value, list) else []
