"""What of a post is written to disk: its words and what places them, nothing else about its author."""

from __future__ import annotations

import json
from collections.abc import Iterable, Set
from pathlib import Path

from analysis.fetching.journal import write_whole
from analysis.provenance import text_sha256
from analysis.register import WITHDRAWN
from analysis.sources import bluesky
from analysis.sources.json_files import loads
from analysis.sources.source_file import UnreadableFile
from analysis.sources.text_files import read_text

_MARKS = ("$type", "uri", "notFound", "blocked")
_RECORD = ("$type", "text", "createdAt", "langs", "reply", "facets")


def reduced(entry: dict, *, refused: Set[str] = frozenset(), withdrawn: Set[str] = frozenset()) -> dict:
    """An entry as it is saved: without names, pictures and counts; without words where they may not be used.

    ``refused`` are the DIDs of authors who declared that they do not wish such use,
    ``withdrawn`` the SHA-256 of addresses that were withdrawn before.
    """
    if "record" not in entry:
        return {key: entry[key] for key in _MARKS if key in entry}
    author, record = _dict(entry.get("author")), _dict(entry.get("record"))
    kept_author = {key: author[key] for key in ("did", "labels") if author.get(key)}
    base = {"uri": entry.get("uri"), "author": kept_author, "indexedAt": entry.get("indexedAt")}
    if bluesky.is_signed_in_only(author):
        return base | {"record": {"$type": record.get("$type")}}
    if author.get("did") in refused:
        return base | {"record": {"$type": record.get("$type")}, bluesky.LEFT_OUT: bluesky.REFUSED}
    if text_sha256(str(entry.get("uri"))) in withdrawn:
        return base | {"record": {"$type": record.get("$type")}, bluesky.LEFT_OUT: WITHDRAWN}
    kept = {"cid": entry.get("cid"), "record": {key: record[key] for key in _RECORD if key in record}}
    embed = _embed(_dict(entry.get("embed")))
    return base | kept | ({"embed": embed} if embed else {})


def document(entries: list[dict], collected: dict) -> bytes:
    """The file's content: how it came about, then the entries from top to bottom."""
    return (json.dumps({"collected": collected, "posts": entries}, ensure_ascii=False, indent=1) + "\n").encode("utf-8", "replace")


def take_out_words(path: Path, uris: Iterable[str]) -> bool:
    """Take the words of posts out of a file that `reckons fetch` saved; False, and nothing done, for any other file."""
    gone = set(uris)
    try:
        found = loads(read_text(path)[0])
    except (UnreadableFile, OSError):
        return False
    if not isinstance(found, dict) or "collected" not in found or not isinstance(found.get("posts"), list):
        return False
    entries = [_empty(entry["uri"]) if isinstance(entry, dict) and entry.get("uri") in gone else entry for entry in found["posts"]]
    if entries != found["posts"]:
        write_whole(path, document(entries, found["collected"]))
    return True


def _empty(uri: str) -> dict:
    return {"$type": "app.bsky.feed.defs#notFoundPost", "uri": uri, "notFound": True}


def _embed(embed: dict) -> dict:
    """Alt texts, titles of linked pages, and which post is quoted; the quoted words stay with their author."""
    media = _dict(embed.get("media")) or embed
    found = {"$type": embed.get("$type")} if isinstance(embed.get("$type"), str) else {}
    images = [{"alt": _dict(image).get("alt")} for image in _list(media.get("images")) if _dict(image).get("alt")]
    external = {key: value for key, value in _dict(media.get("external")).items() if key in ("uri", "title", "description")}
    kept = {"images": images, "alt": media.get("alt") if isinstance(media.get("alt"), str) else None, "external": external}
    kept = {key: value for key, value in kept.items() if value}
    inner = _dict(embed.get("record"))
    inner = inner if "uri" in inner else _dict(inner.get("record"))
    if inner.get("uri"):
        author = _dict(inner.get("author"))
        view = {"uri": inner["uri"], "author": {key: author[key] for key in ("did", "labels") if author.get(key)},
                "value": {"$type": _dict(inner.get("value")).get("$type", "app.bsky.feed.post")}}
        kept["record"] = view
    return found | kept if kept else {}


def _dict(value: object) -> dict:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list:
    return value if isinstance(value, list) else []
