"""What a person pastes to name a post, and the address the protocol has for it."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from analysis.errors import InputError
from analysis.sources.source_file import quoted

# What the protocol's own specification allows (at:// URIs, DIDs, handles, record keys), less what no file name should hold.
_DID = re.compile(r"did:(?:plc|web):[A-Za-z0-9._:%-]{1,200}")
_HANDLE = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
_KEY = re.compile(r"[A-Za-z0-9_~-][A-Za-z0-9_~.-]{0,63}")
_POSTS = "app.bsky.feed.post"
_PAGES = ("bsky.app", "www.bsky.app", "staging.bsky.app", "main.bsky.dev")
EXPECTED = "an address such as https://bsky.app/profile/NAME/post/KEY or at://DID/app.bsky.feed.post/KEY is expected"


def author_and_key(address: str) -> tuple[str, str]:
    """The handle or DID and the record key of a post's address; raises ``InputError``."""
    address = address.strip()
    parts = _of_uri(address) if address.startswith("at://") else _of_page(address)
    if parts is None:
        raise InputError(quoted(address), [f"It does not name a post: {EXPECTED}."], not_done="Nothing was fetched.")
    return parts


def post_uri(did: str, key: str) -> str:
    """The at:// address of a post."""
    return f"at://{did}/{_POSTS}/{key}"


def is_did(author: str) -> bool:
    """Whether an author is named by a DID rather than a handle."""
    return author.startswith("did:")


def _of_uri(address: str) -> tuple[str, str] | None:
    author, _, rest = address.removeprefix("at://").partition("/")
    collection, _, key = rest.partition("/")
    return _checked(author, key) if collection == _POSTS else None


def _of_page(address: str) -> tuple[str, str] | None:
    try:
        parts = urlsplit(address if "//" in address else f"https://{address}")
    except ValueError:
        return None
    path = [unquote(part) for part in parts.path.split("/") if part]
    if parts.hostname not in _PAGES or len(path) != 4 or (path[0], path[2]) != ("profile", "post"):
        return None
    return _checked(path[1], path[3])


def _checked(author: str, key: str) -> tuple[str, str] | None:
    known = _DID.fullmatch(author) or _HANDLE.fullmatch(author)
    return (author, key) if known and _KEY.fullmatch(key) else None
