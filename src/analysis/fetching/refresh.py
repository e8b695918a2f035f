"""`reckons refresh`: which of the saved posts are gone from Bluesky since."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from analysis.errors import InputError, ReckonsError
from analysis.fetching.client import Client
from analysis.fetching.saving import take_out_words
from analysis.progress import Report
from analysis.sources import bluesky, read_files
from analysis.withdrawals import withdraw

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


def refresh(raw: Path, out: Path, *, client: Client, report: Report | None = None, believe: bool = False) -> list[str]:
    """Withdraw what is gone from Bluesky, as `reckons forget` does; what to tell the person who asked.

    The words also leave the files that `reckons fetch` saved; other raw files are named,
    not changed. Raises as ``find_gone`` and ``withdraw`` do.
    """
    gone = find_gone(raw, client=client, report=report, believe=believe)
    if not gone.all:
        return [f"All {gone.asked:,} posts are still there." if gone.asked > 1 else "The one post is still there."]
    done = withdraw(gone.all, raw=raw, out=out, report=report)
    ours = [name for name in done.raw_places["source_file"].unique() if take_out_words(raw if raw.is_file() else raw / name, gone.all)]
    done = replace(done, raw_places=done.raw_places[~done.raw_places["source_file"].isin(ours)])
    return [f"Of {gone.asked:,} posts {len(gone.deleted):,} are gone, and {len(gone.not_shown):,} are by people who since asked not to be shown "
            "to anybody not signed in.", *done.in_words()]


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
