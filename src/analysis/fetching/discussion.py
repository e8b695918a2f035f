"""A whole discussion, flat: every reply to the end, what quotes it, and what could not be had."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from analysis.errors import InputError
from analysis.fetching.client import Client, FetchError, NotThere
from analysis.sources.source_file import quoted

# The most levels that getPostThread gives in one answer, down and up (the published lexicon's maximum). Its successor,
# app.bsky.unspecced.getPostThreadV2, gives 100, leaves replies out by a branching factor, and may change without notice.
DEPTH = 1_000
QUOTES_A_PAGE = 100
# What one discussion may grow to; the largest threads known have some tens of thousands of replies.
MAX_POSTS = 200_000
# Parents of parents: a thread starts somewhere.
MAX_CLIMBS = 50


@dataclass
class Discussion:
    """Entries by address, parents before their replies, in the server's order.

    ``missing_replies`` were counted by the server but never shown (hidden, removed or
    behind a block); ``quotes_of_quotes`` were seen to exist and not followed.
    """

    top: str = ""
    entries: dict[str, dict] = field(default_factory=dict)
    children: dict[str, list[str]] = field(default_factory=dict)
    asked: set[str] = field(default_factory=set)
    missing_replies: int = 0
    quotes: int = 0
    quotes_of_quotes: int = 0

    def in_order(self) -> list[dict]:
        """Every entry, each post followed by its replies; the posts that quote come after the thread."""
        replies = {uri for several in self.children.values() for uri in several}
        tops = [uri for uri in self.entries if uri not in replies]
        # Tops first; below them in the pile the rest, for replies that answer each other in a circle.
        waiting, ordered = [*reversed(self.entries), *reversed(tops)], {}
        while waiting:
            uri = waiting.pop()
            if uri not in ordered:
                ordered[uri] = self.entries[uri]
                waiting.extend(reversed(self.children.get(uri, [])))
        return list(ordered.values())


def collect(client: Client, uri: str, *, quotes: bool = True, say: Callable[[str], None] = lambda line: None) -> Discussion:
    """Fetch the discussion that a post belongs to, from its first post on.

    With ``quotes``, posts that quote any post of the thread are fetched too, with the
    replies below them. Raises ``InputError`` when the post is not there, ``FetchError``
    when the server fails for good.
    """
    found = Discussion()
    first = _first_post(client, uri, found)
    found.top = _address(first)
    _take(found, first, parent=None)
    _complete(client, found, say=say)
    if quotes:
        of_thread = [uri for uri, entry in found.entries.items() if _count(entry, "quoteCount")]
        for n, quoted_uri in enumerate(of_thread, start=1):
            for post in _quotes(client, quoted_uri):
                found.quotes += _take(found, {"post": post}, parent=None)
            say(f"  quotes of {n:,} of {len(of_thread):,} posts")
        before = set(of_thread)
        _complete(client, found, say=say)
        found.quotes_of_quotes = sum(_count(entry, "quoteCount") for uri, entry in found.entries.items() if uri not in before)
    found.missing_replies = sum(_short_by(found, uri) for uri in found.entries)
    return found


def _first_post(client: Client, uri: str, found: Discussion) -> dict:
    """The node of the first post above ``uri`` that can be seen; what cannot be seen above it is kept as an entry."""
    node = _thread(client, uri, parents=DEPTH)
    if not _is_post(node):
        kind = "cannot be shown without signing in" if node and node.get("blocked") else "is not there (any more)"
        raise InputError(quoted(uri), [f"This post {kind}."], not_done="Nothing was saved.")
    for _ in range(MAX_CLIMBS):
        top = node
        while _is_post(top.get("parent")):
            top = top["parent"]
        above = top.get("parent")
        if isinstance(above, dict):  # deleted or blocked: what is above that stays unknown
            _take(found, above, parent=None)
        if top is node:
            return node
        node = _thread(client, _address(top), parents=DEPTH) or top
        if not _is_post(node):
            return top
    return node


def _thread(client: Client, uri: str, *, parents: int = 0) -> dict | None:
    try:
        node = client.ask("app.bsky.feed.getPostThread", uri=uri, depth=DEPTH, parentHeight=parents).get("thread")
    except NotThere:
        return None
    return node if isinstance(node, dict) else None


def _complete(client: Client, found: Discussion, *, say: Callable[[str], None]) -> None:
    """Ask once more for every post that has more replies than were shown, until nothing new comes."""
    while waiting := [uri for uri in found.entries if uri not in found.asked and _short_by(found, uri)]:
        for uri in waiting:
            if uri in found.asked or not _short_by(found, uri):
                continue
            found.asked.add(uri)
            node = _thread(client, uri)
            if _is_post(node):
                _take(found, node, parent=None)
            say(f"  {len(found.entries):,} posts")


def _take(found: Discussion, node: dict, *, parent: str | None) -> int:
    """Add a node and all below it, without recursion; how many entries were new."""
    waiting, new = [(node, parent)], 0
    while waiting:
        node, parent = waiting.pop()
        uri = _address(node)
        if not uri:
            continue
        if uri not in found.entries:
            found.entries[uri] = node["post"] if _is_post(node) else node
            new += 1
            if len(found.entries) > MAX_POSTS:
                raise FetchError(f"The discussion has more than {MAX_POSTS:,} posts, which is more than is fetched. Nothing was saved.")
        if parent is not None and uri not in (below := found.children.setdefault(parent, [])):
            below.append(uri)
        replies = node.get("replies")
        waiting.extend((reply, uri) for reply in reversed(replies if isinstance(replies, list) else []) if isinstance(reply, dict))
    return new


def _quotes(client: Client, uri: str) -> Iterator[dict]:
    cursor, seen = "", set()
    while cursor not in seen:
        seen.add(cursor)
        try:
            page = client.ask("app.bsky.feed.getQuotes", uri=uri, limit=QUOTES_A_PAGE, **({"cursor": cursor} if cursor else {}))
        except NotThere:
            return
        posts = page.get("posts")
        yield from (post for post in (posts if isinstance(posts, list) else []) if isinstance(post, dict))
        cursor = page.get("cursor") if isinstance(page.get("cursor"), str) else ""
        if not cursor:
            return


def _is_post(node: object) -> bool:
    return isinstance(node, dict) and isinstance(node.get("post"), dict)


def _address(node: dict) -> str:
    holder = node["post"] if _is_post(node) else node
    return holder["uri"] if isinstance(holder.get("uri"), str) else ""


def _count(entry: dict, name: str) -> int:
    value = entry.get(name)
    return value if isinstance(value, int) and value > 0 else 0


def _short_by(found: Discussion, uri: str) -> int:
    """How many replies the server counted beyond those it has shown."""
    return max(0, _count(found.entries[uri], "replyCount") - len(found.children.get(uri, [])))
