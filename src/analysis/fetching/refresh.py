"""`reckons refresh`: which of the saved posts are gone from Bluesky since."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from analysis.errors import InputError, ReckonsError
from analysis.fetching.client import Client
from analysis.progress import Report
from analysis.sources import bluesky, read_files

# What the server takes in one question (the published lexicon's maximum).
BATCH = 25
# A whole discussion hardly vanishes at once; a server that answers wrongly makes it look so.
MOST_GONE_SHARE = 0.5
FEW = 10


@dataclass(frozen=True)
class Gone:
    """Addresses asked about, and those to be withdrawn: ``deleted``, or by authors who since asked ``not_shown``."""

    asked: int
    deleted: tuple[str, ...]
    not_shown: tuple[str, ...]

    @property
    def all(self) -> tuple[str, ...]:
        return (*self.deleted, *self.not_shown)


def find_gone(raw: Path, *, client: Client, report: Report | None = None, believe: bool = False) -> Gone:
    """Ask Bluesky about every post under ``raw``, 25 at a time.

    Raises ``InputError`` when there is no post, ``ReckonsError`` when more than half are
    gone (a wrong server looks like that) unless ``believe``.
    """
    report = report or Report(verbosity=0)
    uris = saved_posts(raw)
    batches = [uris[n:n + BATCH] for n in range(0, len(uris), BATCH)]
    there: set[str] = set()
    hidden: set[str] = set()
    for batch in report.track(batches, "asking which posts are still there", len(batches)):
        posts = client.ask("app.bsky.feed.getPosts", uris=batch).get("posts")
        if not isinstance(posts, list):
            raise ReckonsError(f"{client.host} did not answer with posts. Nothing was withdrawn.")
        for post in posts:
            author = post.get("author") if isinstance(post, dict) else None
            if isinstance(author, dict) and post.get("uri") in batch:
                (hidden if bluesky.is_signed_in_only(author) else there).add(post["uri"])
    deleted = tuple(uri for uri in uris if uri not in there and uri not in hidden)
    if len(deleted) > FEW and len(deleted) > MOST_GONE_SHARE * len(uris) and not believe:
        raise ReckonsError(f"{len(deleted):,} of {len(uris):,} posts would be gone, which a wrong or faulty server ({client.host}) would also look like. "
                           "Look at the discussion; if it is so, repeat with --even-if-most. Nothing was withdrawn.")
    return Gone(len(uris), deleted, tuple(uri for uri in uris if uri in hidden))


def saved_posts(raw: Path) -> list[str]:
    """The at:// addresses of all posts under ``raw`` whose words are kept, each once, sorted."""
    found: set[str] = set()
    for file in read_files(raw).files:
        if file.source == "bluesky":
            found |= set(file.rows.loc[file.reasons.isna(), "id"])
    uris = sorted(uri for uri in found if uri.startswith("at://"))
    if not uris:
        raise InputError(str(raw), ["No Bluesky posts were found in it."], not_done="Nothing was asked.")
    return uris
