"""`reckons fetch bluesky`: one discussion, from an address to a file that a run can read, whole or not at all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from analysis import register
from analysis.errors import InputError
from analysis.fetching import preferences
from analysis.fetching.addresses import author_and_key, is_did, post_uri
from analysis.fetching.client import Client, FetchError, NotThere
from analysis.fetching.discussion import Discussion, collect
from analysis.fetching.journal import Journal, write_whole
from analysis.fetching.saving import document, reduced
from analysis.progress import Report
from analysis.sources import bluesky

DEFAULT_FOLDER = Path("data/raw/bluesky")
PARTIAL = ".partial"


@dataclass(frozen=True)
class Choices:
    """What a person chooses about a fetch; ``sleep`` is how waits between tries are waited."""

    host: str | None = None
    quotes: bool = True
    preferences: bool = True
    sleep: Callable[[float], None] | None = None


def fetch(address: str, folder: Path = DEFAULT_FOLDER, *, choices: Choices | None = None, report: Report | None = None) -> Path:
    """Save the discussion that a post belongs to in ``folder`` and return the file.

    ``address`` is a page of bsky.app or an at:// URI. A fetch that is stopped goes on
    where it was when it is started again within a day. Raises ``InputError`` for an
    address that names no post, ``FetchError`` when the network fails for good.
    """
    choices, report = choices or Choices(), report or Report(verbosity=0)
    author, key = author_and_key(address)
    journal = Journal(folder / PARTIAL / f"{author.replace(':', '_')}-{key}")
    own_sleep = {"sleep": choices.sleep} if choices.sleep else {}
    with Client(choices.host, journal=journal, say=report.say, **own_sleep) as client:
        did = author if is_did(author) else _did_of(client, author)
        found = collect(client, post_uri(did, key), quotes=choices.quotes, say=lambda line: report.say(line, at=2))
        stances = preferences.ask_authors(client, _authors(found), track=report.track) if choices.preferences else {}
        host, requests = client.host, client.requests
    refused, withdrawn = {did for did, stance in stances.items() if stance == preferences.REFUSED}, register.load(folder)
    entries = [reduced(entry, refused=refused, withdrawn=withdrawn) for entry in found.in_order()]
    counts = _counts(entries, found) | {"preferences_unknown": sum(stance == preferences.UNKNOWN for stance in stances.values())}
    path = folder / f"{found.top.rpartition('/')[2]}.json"
    write_whole(path, document(entries, {
        "asked_for": address.strip(), "first_post": found.top, "host": host, "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "quotes_followed": choices.quotes, "preferences_asked": choices.preferences, "counts": counts}))
    journal.finished()
    _remove_if_empty(folder / PARTIAL)
    _tell(report, path, counts, requests=requests)
    return path


def _did_of(client: Client, handle: str) -> str:
    try:
        did = client.ask("com.atproto.identity.resolveHandle", handle=handle).get("did")
    except FetchError as error:
        if isinstance(error, NotThere) or "InvalidRequest" in str(error):
            raise InputError(handle, ["Nobody has this handle (any more). Use the address with the author's DID, which never changes."],
                             not_done="Nothing was fetched.") from None
        raise
    if not isinstance(did, str) or not is_did(did):
        raise FetchError(f"The server gave no DID for {handle}. Nothing was saved.")
    return did


def _authors(found: Discussion) -> list[str]:
    """Everybody whose words would be kept, in a fixed order."""
    authors = [entry["author"] for entry in found.entries.values() if "record" in entry and isinstance(entry.get("author"), dict)]
    return sorted({author["did"] for author in authors if isinstance(author.get("did"), str) and not bluesky.is_signed_in_only(author)})


def _counts(entries: list[dict], found: Discussion) -> dict[str, int]:
    kinds = Counter(_kind(entry) for entry in entries)
    names = ("posts", "deleted", "blocked", "signed_in_only", "refused", register.WITHDRAWN)
    return {name: kinds[name] for name in names} | {
        "missing_replies": found.missing_replies, "quote_posts": found.quotes, "quotes_of_quotes_not_followed": found.quotes_of_quotes}


def _kind(entry: dict) -> str:
    if "record" not in entry:
        return "deleted" if entry.get("notFound") else "blocked"
    if bluesky.is_signed_in_only(entry["author"]):
        return "signed_in_only"
    return {None: "posts", bluesky.REFUSED: "refused"}.get(entry.get(bluesky.LEFT_OUT), register.WITHDRAWN)


def _remove_if_empty(folder: Path) -> None:
    try:
        folder.rmdir()
    except OSError:
        pass


_IN_WORDS = {
    "deleted": "deleted", "blocked": "behind a block", "signed_in_only": "by people who asked not to be shown to anybody not signed in",
    "refused": "by people who declared not to wish such use", register.WITHDRAWN: "withdrawn before", "missing_replies": "counted by the server but not shown",
}


def _tell(report: Report, path: Path, counts: dict[str, int], *, requests: int) -> None:
    posts = "1 post" if counts["posts"] == 1 else f"{counts['posts']:,} posts"
    report.say(f"{posts} saved in {path} ({requests:,} requests).")
    for name, words in _IN_WORDS.items():
        if counts[name]:
            report.say(f"  not saved: {counts[name]:,} {words}")
    if counts["quotes_of_quotes_not_followed"]:
        report.say(f"  not followed: {counts['quotes_of_quotes_not_followed']:,} posts that quote a post that quotes the discussion")
    if counts["preferences_unknown"]:
        report.say(f"  the declared preferences of {counts['preferences_unknown']:,} people could not be asked; their posts were saved")
    report.say(f"Next: reckons run {path.parent}")
