"""A discussion is fetched to its end, survives a bad network, and keeps out who asked to be kept out."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
import time

import pytest
from bluesky_server import BlueskyServer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis.contributions import read
from analysis.errors import InputError, ReckonsError
from analysis.fetching import preferences
from analysis.fetching.addresses import author_and_key
from analysis.fetching.client import Client, FetchError
from analysis.fetching.collection import Choices, fetch
from analysis.fetching.discussion import collect
from analysis.fetching import refresh as refreshing
from analysis.fetching.refresh import find_gone, refresh
from analysis.fetching.saving import document, reduced
from analysis.sources import bluesky


@pytest.fixture
def server(monkeypatch):
    server = BlueskyServer()
    monkeypatch.setenv("RECKONS_BLUESKY_HOST", server.url)
    monkeypatch.setenv("RECKONS_PLC_DIRECTORY", server.url)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def waits() -> list[float]:
    return []


def fetched(address, folder, waits, **choices):
    return json.loads(fetch(address, folder, choices=Choices(sleep=waits.append, **choices)).read_text(encoding="utf-8"))


def keys(saved: dict) -> list[str]:
    return [entry["uri"].rpartition("/")[2] for entry in saved["posts"]]


# ------------------------------------------------------------------ addresses


@pytest.mark.parametrize(("address", "found"), [
    ("https://bsky.app/profile/jenitennison.com/post/3l5h63ljjvr2y", ("jenitennison.com", "3l5h63ljjvr2y")),
    (" https://bsky.app/profile/did:plc:abc/post/3l5h?ref=x#y ", ("did:plc:abc", "3l5h")),
    ("bsky.app/profile/ada.example/post/3l5h/", ("ada.example", "3l5h")),
    ("at://did:plc:abc/app.bsky.feed.post/3l5h", ("did:plc:abc", "3l5h")),
])
def test_the_address_of_a_post(address, found):
    assert author_and_key(address) == found


@pytest.mark.parametrize("address", [
    "", "https://bsky.app/profile/ada.example", "https://example.com/profile/ada.example/post/3l5h", "at://did:plc:abc/app.bsky.feed.like/3l5h",
    "https://bsky.app/profile/ada.example/post/..%2f..%2fetc", "at://did:plc:abc/app.bsky.feed.post/../../x", "https://bsky.app/profile/a b/post/x", "https://[",
])
def test_what_names_no_post_is_refused_with_an_example(address):
    with pytest.raises(InputError, match="does not name a post: an address such as https://bsky.app/profile/NAME/post/KEY"):
        author_and_key(address)


# ------------------------------------------------------------------ the whole discussion


def test_three_thousand_posts_beyond_the_depth_of_one_answer(server, tmp_path, waits):
    server.depth = 100
    top = server.add("top", "What first?")
    server.chain(top, 1_200)
    for n in range(1_799):
        server.add(f"wide{n}", f"answer {n}", to=top)
    saved = fetched(top, tmp_path, waits)
    assert saved["collected"]["counts"]["posts"] == 3_000 == len(set(keys(saved)))
    assert keys(saved)[:3] == ["top", "chain0", "chain1"] and keys(saved)[1_200] == "chain1199"
    assert sum("getPostThread" in path for path in server.asked) <= 15
    result = read(tmp_path)
    assert len(result.kept) == 3_000 and result.set_aside.empty
    assert result.kept.set_index("contribution_id")["parent_id"].notna().sum() == 2_999


def test_a_discussion_is_fetched_from_its_first_post_whichever_is_named(server, tmp_path, waits):
    server.handles["ada.example"] = "did:plc:ada"
    top = server.add("top")
    server.add("other", to=top)
    last = server.chain(top, 4)
    assert last.endswith("chain3")
    saved = fetched("https://bsky.app/profile/ada.example/post/chain3", tmp_path, waits)
    assert keys(saved) == ["top", "other", "chain0", "chain1", "chain2", "chain3"]
    assert (tmp_path / "top.json").exists() and saved["collected"]["first_post"] == top


def test_quotes_are_followed_page_by_page_with_the_replies_below_them(server, tmp_path, waits):
    top = server.add("top", "the question")
    reply = server.add("reply", to=top)
    quotes = [server.add(f"quote{n}", f"quoting {n}", by="did:plc:bea", quote=top) for n in range(5)]
    server.add("below", "under a quote", to=quotes[4])
    server.add("of-reply", quote=reply)
    server.add("of-quote", quote=quotes[0])
    saved = fetched(top, tmp_path, waits)
    assert keys(saved) == ["top", "reply", "quote0", "quote1", "quote2", "quote3", "quote4", "below", "of-reply"]
    assert saved["collected"]["counts"] | {"quote_posts": 6, "quotes_of_quotes_not_followed": 1} == saved["collected"]["counts"]
    assert "the question" not in json.dumps(saved["posts"][2:])
    assert keys(fetched(top, tmp_path / "without", waits, quotes=False)) == ["top", "reply"]
    assert set(read(tmp_path).kept["text"]) >= {"quoting 4", "under a quote"}


def test_deleted_blocked_and_hidden_replies_are_counted(server, tmp_path, waits):
    top = server.add("top")
    gone, wall = server.add("gone", "taken back", to=top), server.add("wall", "not for you", to=top)
    server.add("under", "still there", to=gone)
    server.gone.add(gone)
    server.blocked.add(wall)
    server.uncounted[top] = 2
    saved = fetched(top, tmp_path, waits)
    assert saved["collected"]["counts"] | {"posts": 1, "deleted": 1, "blocked": 1, "missing_replies": 2} == saved["collected"]["counts"]
    assert sorted(read(tmp_path).set_aside["reason"]) == ["blocked", "deleted"]


def test_a_first_post_that_was_deleted_leaves_what_is_below_it(server, tmp_path, waits):
    top = server.add("top")
    first = server.add("first", to=top)
    server.add("second", to=first)
    server.gone.add(top)
    assert keys(fetched(f"{first}", tmp_path, waits)) == ["top", "first", "second"]
    with pytest.raises(InputError, match="is not there"):
        fetch(top, tmp_path, choices=Choices(sleep=waits.append))


def test_an_unknown_handle_is_told_as_such(server, tmp_path, waits):
    with pytest.raises(InputError, match="Nobody has this handle"):
        fetch("https://bsky.app/profile/nobody.example/post/3l5h", tmp_path, choices=Choices(sleep=waits.append))
    assert not list(tmp_path.glob("*.json"))


# ------------------------------------------------------------------ what is kept of a post


def test_names_and_pictures_are_left_behind_and_context_is_kept(server, tmp_path, waits):
    text = "🧵🏴󠁧󠁢󠁷󠁬󠁳󠁿 read this: gov.uk/blueprint… now"
    start = len(text[:text.index("gov.uk")].encode())
    facet = {"index": {"byteStart": start, "byteEnd": start + len("gov.uk/blueprint…".encode())},
             "features": [{"$type": "app.bsky.richtext.facet#link", "uri": "https://www.gov.uk/blueprint-for-modern-digital-government"}]}
    server.add("top", text, langs=["cy"], facets=[facet, {"index": {"byteStart": 9_000, "byteEnd": 9_001}, "features": []}],
               embed={"$type": "app.bsky.embed.images#view", "images": [{"thumb": "https://cdn.example/t", "fullsize": "https://cdn.example/f", "alt": "a queue outside an office"}]})
    saved = fetched("at://did:plc:ada/app.bsky.feed.post/top", tmp_path, waits)
    assert not {"ada.example", "A Name To Keep Out", "cdn.example"} & {part for part in json.dumps(saved).replace("/", '"').split('"')}
    kept = read(tmp_path).kept.iloc[0]
    assert kept["text"] == text and kept["lang"] == "cy"
    assert kept["context"] == "a queue outside an office | gov.uk/blueprint…: https://www.gov.uk/blueprint-for-modern-digital-government"


@pytest.mark.parametrize(("created", "indexed", "kept"), [
    ("2024-10-01T08:00:00Z", "2024-10-01T09:00:00Z", "2024-10-01 08:00"), ("2031-01-01T00:00:00Z", "2024-10-01T09:00:00Z", "2024-10-01 09:00"),
    ("0001-01-01T00:00:00Z", "2024-10-01T09:00:00Z", "2024-10-01 09:00"), ("yesterday", "2024-10-01T09:00:00Z", "2024-10-01 09:00"),
    ("2024-10-01T08:00:00Z", "", "2024-10-01 08:00"),
])
def test_the_authors_clock_is_checked_against_the_networks(server, tmp_path, waits, created, indexed, kept):
    server.add("top", created=created, indexed=indexed)
    fetched("at://did:plc:ada/app.bsky.feed.post/top", tmp_path, waits)
    assert f"{read(tmp_path).kept['created_at'][0]:%Y-%m-%d %H:%M}" == kept


def test_words_of_those_who_asked_to_be_left_out_are_written_nowhere(server, tmp_path, waits):
    top = server.add("top")
    server.add("label", "only for the signed-in", by="did:plc:bea", to=top, author_labels=["!no-unauthenticated"])
    server.add("ai", "do not embed me", by="did:plc:cai", to=top)
    server.add("bulk", "do not pass me on", by="did:plc:dot", to=top)
    kept = server.add("yes", "as you like", by="did:plc:eve", to=top)
    server.add("quoting", "look at this", by="did:plc:eve", quote=kept)
    everywhere = {"$type": "community.lexicon.preference.ai#globalScope"}
    server.records["did:plc:cai", preferences.AI] = [{"$type": preferences.AI, "scope": everywhere, "preferences": {"embedding": {"allow": False}}}]
    server.records["did:plc:dot", "org.user-intents.declaration"] = [{"$type": "org.user-intents.declaration", "bulkDataset": {"allow": False}}]
    server.records["did:plc:eve", preferences.AI] = [{"$type": preferences.AI, "scope": everywhere, "preferences": {"syntheticContent": {"allow": False}}}]
    saved = fetched(top, tmp_path, waits)
    everything = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert not any(words in everything for words in (b"only for the signed-in", b"do not embed me", b"do not pass me on"))
    assert saved["collected"]["counts"] | {"posts": 3, "signed_in_only": 1, "refused": 2, "preferences_unknown": 0} == saved["collected"]["counts"]
    assert sorted(read(tmp_path).set_aside["reason"]) == sorted([bluesky.REFUSED] * 2 + [bluesky.SIGNED_IN_ONLY])


def test_a_preference_for_posts_goes_before_the_accounts():
    def said(scope, **uses):
        return {"$type": preferences.AI, "scope": {"$type": f"{preferences.AI}#{scope}", "collection": "app.bsky.feed.post"},
                "preferences": {use: {"allow": allow} for use, allow in uses.items()}}
    assert preferences.refuses([said("globalScope", training=False)])
    assert not preferences.refuses([said("globalScope", training=False), said("collectionScope", training=True)])
    assert preferences.refuses([said("collectionScope", inference=False), said("globalScope", inference=True)])
    assert not preferences.refuses([said("entityScope", embedding=False), {}, {"$type": preferences.AI, "scope": 3, "preferences": []}])


@pytest.mark.parametrize(("address", "may"), [
    ("https://pds.example.org", True), ("http://pds.example.org", False), ("https://127.0.0.1", False), ("https://[::1]", False), ("https://localhost", False),
    ("https://printer.local", False), ("https://a:b@pds.example.org", False), ("https://pds.example.org:8443", False), ("https://[", False), ("http://own.test:81/x", True),
])
def test_a_server_that_a_stranger_names_is_asked_only_on_the_open_web(address, may):
    assert preferences._may_ask(address, "http://own.test:81") is may


# ------------------------------------------------------------------ a bad network


def test_limits_on_the_rate_are_waited_for_as_long_as_the_server_asks(server, tmp_path, waits):
    top = server.add("top")
    server.faults.extend(["429 Retry-After=7", f"429 RateLimit-Reset={time.time() + 20:.0f}"])
    assert keys(fetched(top, tmp_path, waits)) == ["top"]
    assert waits[0] == 7 and 15 < waits[1] <= 21


@pytest.mark.parametrize("fault", ["cut", "broken", "500", "503"])
def test_a_passing_fault_is_tried_again_with_back_off(server, tmp_path, waits, fault):
    top = server.add("top")
    server.faults.extend([fault, fault])
    assert keys(fetched(top, tmp_path, waits)) == ["top"]
    assert len(waits) == 2 and all(0 <= wait <= 60 for wait in waits)


def test_a_fetch_that_fails_saves_nothing_and_goes_on_where_it_was(server, tmp_path, waits):
    server.depth = 2
    top = server.add("top")
    server.chain(top, 6)
    server.faults.extend([""] * 2 + ["500"] * 8)
    with pytest.raises(FetchError, match="8 times in a row; the last time it answered 500. Nothing was saved"):
        fetch(top, tmp_path, choices=Choices(sleep=waits.append))
    assert not list(tmp_path.glob("*.json"))
    had = list(server.asked[:2])
    assert [path.name for path in tmp_path.iterdir()] == [".partial"]
    server.asked.clear()
    assert len(keys(fetched(top, tmp_path, waits))) == 7
    assert not set(had) & set(server.asked)
    assert [path.name for path in tmp_path.iterdir()] == ["top.json"]


def test_a_server_of_declarations_that_is_down_is_counted_not_waited_for(server, tmp_path, waits):
    top = server.add("top")
    for n in range(3):
        server.add(f"r{n}", by=f"did:plc:p{n}", to=top)
    server.faults.extend([""] + ["500"] * 100)
    saved = fetched(top, tmp_path, waits)
    assert saved["collected"]["counts"]["preferences_unknown"] == 4 and saved["collected"]["counts"]["posts"] == 4
    assert len(server.asked) == 1 + 4 * 2


def test_a_host_that_is_none_is_refused(tmp_path):
    with pytest.raises(InputError, match="not the address of a server"):
        fetch("at://did:plc:a/app.bsky.feed.post/x", tmp_path, choices=Choices(host="file:///etc/passwd"))


def test_the_command_tells_what_was_not_saved(server, tmp_path):
    top = server.add("top")
    server.add("label", "hidden words", by="did:plc:bea", to=top, author_labels=["!no-unauthenticated"])
    ended = subprocess.run([sys.executable, "-m", "analysis.cli", "fetch", "bluesky", top, "--out", str(tmp_path / "raw")],
                           capture_output=True, text=True, env=os.environ.copy(), cwd=tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert "1 post saved" in ended.stderr and "not saved: 1 by people who asked not to be shown" in ended.stderr
    assert f"reckons run {tmp_path / 'raw'}" in ended.stderr


KEYS = ["thread", "post", "uri", "replies", "parent", "record", "author", "did", "labels", "replyCount", "quoteCount", "embed", "images", "external", "value", "notFound", "facets"]
VALUES = st.recursive(st.none() | st.integers(-2, 3) | st.sampled_from(["at://a", "at://b", "did:plc:a", ""]),
                      lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=6), max_leaves=25)


POSTS = st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=5).flatmap(lambda post: st.sampled_from("abcd").map(lambda key: post | {"uri": f"at://{key}"}))
NODES = st.recursive(POSTS.map(lambda post: {"post": post}) | POSTS, lambda inner: st.tuples(POSTS, st.lists(inner | VALUES, max_size=3)).map(
    lambda pair: {"post": pair[0], "replies": pair[1]}), max_leaves=8)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(NODES, VALUES, VALUES).map(lambda parts: dict(zip(["thread", "posts", "cursor"], parts, strict=True))), min_size=1, max_size=4))
def test_any_answer_of_a_server_is_taken_or_refused_in_words(answers):
    given_answers = itertools.cycle(answers)

    class Strange:
        def ask(self, method, **_):
            return next(given_answers)
    try:
        found = collect(Strange(), "at://a")
    except ReckonsError:
        return
    entries = [reduced(entry, refused={"did:plc:a"}) for entry in found.in_order()]
    assert len(entries) == len(found.entries) and bluesky._tops(json.loads(document(entries, {}))) == entries


def test_replies_that_answer_each_other_in_a_circle_are_each_kept_once():
    def node(uri, *below):
        return {"post": {"uri": uri, "record": {}, "author": {}}, "replies": list(below)}

    class Circle:
        def ask(self, method, **_):
            return {"thread": node("at://a", node("at://b", node("at://a")), node("at://c", node("at://b")))}
    assert [entry["uri"] for entry in collect(Circle(), "at://a").in_order()] == ["at://a", "at://b", "at://c"]


# ------------------------------------------------------------------ what is gone since


def test_posts_that_are_gone_or_hidden_since_are_found_in_batches(server, tmp_path, waits):
    top = server.add("top")
    uris = [server.add(f"r{n:02}", to=top) for n in range(60)]
    fetched(top, tmp_path, waits)
    server.gone |= {uris[3], uris[59]}
    server.posts[uris[5]]["author"]["labels"] = [{"val": "!no-unauthenticated"}]
    server.asked.clear()
    with Client(sleep=waits.append) as client:
        gone = find_gone(tmp_path, client=client)
    assert (gone.asked, gone.deleted, gone.not_shown, gone.refused) == (61, (uris[3], uris[59]), (uris[5],), ())
    assert sum("getPosts" in path for path in server.asked) == 3


def test_who_declared_since_not_to_wish_such_use_is_withdrawn_and_a_server_that_is_down_withdraws_nobody(server, tmp_path, waits):
    top = server.add("top")
    mine, other = server.add("mine", by="did:plc:bea", to=top), server.add("other", by="did:plc:cai", to=top)
    fetched(top, tmp_path, waits)
    server.records["did:plc:bea", preferences.AI] = [{"$type": preferences.AI, "scope": {"$type": f"{preferences.AI}#globalScope"}, "preferences": {"training": {"allow": False}}}]
    with Client(sleep=waits.append) as client:
        assert find_gone(tmp_path, client=client).refused == (mine,)
        assert find_gone(tmp_path, client=client, choices=refreshing.Choices(preferences=False)).refused == ()
        server.faults.extend([""] + ["500"] * 100)
        down = find_gone(tmp_path, client=client)
        assert (down.refused, down.deleted, down.unknown) == ((), (), 3) and "of 3 people could not be asked; their posts stay" in down.in_words()[-1]
        server.faults.clear()
        said = " ".join(refresh(tmp_path, tmp_path / "out", client=client))
    assert "1 by people who since declared not to wish such use" in said
    assert read(tmp_path).kept["contribution_id"].tolist() == sorted([top, other])


def test_a_server_that_knows_none_of_the_posts_is_not_believed(server, tmp_path, waits):
    top = server.add("top")
    for n in range(30):
        server.add(f"r{n}", to=top)
    fetched(top, tmp_path, waits)
    server.gone |= set(server.posts)
    with Client(sleep=waits.append) as client:
        with pytest.raises(ReckonsError, match="31 of 31 posts would be gone"):
            find_gone(tmp_path, client=client)
        assert len(find_gone(tmp_path, client=client, choices=refreshing.Choices(believe=True)).deleted) == 31


def test_what_is_gone_is_withdrawn_and_its_words_leave_the_saved_file(server, tmp_path, waits):
    raw, out = tmp_path / "raw", tmp_path / "out"
    top = server.add("top", "the call")
    gone, stays = server.add("gone", "I take this back", to=top), server.add("stays", "this stands", to=top)
    fetched(top, raw, waits)
    (raw / "saved-by-hand.json").write_text(json.dumps({"posts": [server.view(gone)]}))
    server.gone.add(gone)
    with Client(sleep=waits.append) as client:
        said = " ".join(refresh(raw, out, client=client))
        assert "Of 3 posts 1 are gone" in said and "saved-by-hand.json (row 1)" in said and "top.json" not in said
        assert b"I take this back" not in (raw / "top.json").read_bytes()
        (raw / "saved-by-hand.json").unlink()
        assert refresh(raw, out, client=client) == ["All 2 posts are still there."]
    result = read(raw)
    assert result.kept["contribution_id"].tolist() == sorted([top, stays]) and result.set_aside["reason"].tolist() == ["withdrawn"]
    server.gone.clear()  # back again at a later fetch, or withdrawn by hand while it is still there
    fetched(top, raw, waits)
    assert b"I take this back" not in (raw / "top.json").read_bytes() and read(raw).set_aside["reason"].tolist() == ["withdrawn"]
