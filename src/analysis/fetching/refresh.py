"""`reckons refresh`: which of the saved posts are gone from Bluesky since."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from analysis.errors import InputError, ReckonsError
from analysis.fetching import preferences
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
class Choices:
    """Whether the ``preferences`` that people declared are asked again, and whether a server is believed that most posts are gone."""

    preferences: bool = True
    believe: bool = False


@dataclass(frozen=True)
class Gone:
    """Addresses asked about, and those to be withdrawn: ``deleted``, or by authors who since asked ``not_shown`` or ``refused`` such use.

    ``unknown`` counts the people whose declared preferences could not be asked; their posts stay.
    """

    asked: int
    deleted: tuple[str, ...]
    not_shown: tuple[str, ...]
    refused: tuple[str, ...] = ()
    unknown: int = 0

    @property
    def all(self) -> tuple[str, ...]:
        return (*self.deleted, *self.not_shown, *self.refused)

    def in_words(self) -> list[str]:
        """What was found, in sentences."""
        said = [f"Of {self.asked:,} posts {len(self.deleted):,} are gone, {len(self.not_shown):,} are by people who since asked not to be shown to anybody "
                f"not signed in, and {len(self.refused):,} by people who since declared not to wish such use."]
        if not self.all:
            said = [f"All {self.asked:,} posts are still there." if self.asked > 1 else "The one post is still there."]
        return said + ([f"The declared preferences of {self.unknown:,} people could not be asked; their posts stay."] if self.unknown else [])


def refresh(raw: Path, out: Path, *, client: Client, choices: Choices | None = None, report: Report | None = None) -> list[str]:
    """Withdraw what is gone from Bluesky, as `reckons forget` does; what to tell the person who asked.

    The words also leave the files that `reckons fetch` saved; other raw files are named,
    not changed. Raises as ``find_gone`` and ``withdraw`` do.
    """
    gone = find_gone(raw, client=client, choices=choices, report=report)
    if not gone.all:
        return gone.in_words()
    done = withdraw(gone.all, raw=raw, out=out, report=report)
    ours = [name for name in done.raw_places["source_file"].unique() if take_out_words(raw if raw.is_file() else raw / name, gone.all)]
    done = replace(done, raw_places=done.raw_places[~done.raw_places["source_file"].isin(ours)])
    return [*gone.in_words(), *done.in_words()]


def find_gone(raw: Path, *, client: Client, choices: Choices | None = None, report: Report | None = None) -> Gone:
    """Ask Bluesky about every post under ``raw``, 25 at a time, and then each author's own server what they declared.

    Raises ``InputError`` when there is no post, ``ReckonsError`` when more than half are
    gone (a wrong server looks like that) unless ``choices`` say to believe it.
    """
    choices, report = choices or Choices(), report or Report(verbosity=0)
    uris = saved_posts(raw)
    batches = [uris[n:n + BATCH] for n in range(0, len(uris), BATCH)]
    there: dict[str, str] = {}
    hidden: set[str] = set()
    for batch in report.track(batches, "asking which posts are still there", len(batches)):
        posts = client.ask("app.bsky.feed.getPosts", uris=batch).get("posts")
        if not isinstance(posts, list):
            raise ReckonsError(f"{client.host} did not answer with posts. Nothing was withdrawn.")
        for post in posts:
            author = post.get("author") if isinstance(post, dict) else None
            if isinstance(author, dict) and post.get("uri") in batch:
                if bluesky.is_signed_in_only(author):
                    hidden.add(post["uri"])
                else:
                    there[post["uri"]] = str(author.get("did") or "")
    deleted = tuple(uri for uri in uris if uri not in there and uri not in hidden)
    if len(deleted) > FEW and len(deleted) > MOST_GONE_SHARE * len(uris) and not choices.believe:
        raise ReckonsError(f"{len(deleted):,} of {len(uris):,} posts would be gone, which a wrong or faulty server ({client.host}) would also look like. "
                           "Look at the discussion; if it is so, repeat with --even-if-most. Nothing was withdrawn.")
    authors = sorted(set(there.values()) - {""}) if choices.preferences else []
    said = preferences.ask_authors(client, authors, track=report.track)
    refused = tuple(uri for uri in uris if said.get(there.get(uri, "")) == preferences.REFUSED)
    return Gone(len(uris), deleted, tuple(uri for uri in uris if uri in hidden), refused, sum(one == preferences.UNKNOWN for one in said.values()))


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
