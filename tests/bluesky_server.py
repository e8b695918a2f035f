"""A server on this machine that speaks as Bluesky's public ones do, with the fields of the published lexicons.

It plays the public view of posts (app.bsky.feed.*), the directory of identities and one repository host, and can be
told to fail: `server.faults` holds what goes wrong with the next requests.
"""

from __future__ import annotations

import json
import threading
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

DEFS = "app.bsky.feed.defs"
AT = "2024-10-01T09:00:00.000Z"


class BlueskyServer(ThreadingHTTPServer):
    """Posts by address, replies and quotes between them; `depth` is the most levels in one answer."""

    daemon_threads = True

    def __init__(self, *, depth: int = 1_000):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.depth = depth
        self.posts: dict[str, dict] = {}
        self.replies: dict[str, list[str]] = {}
        self.quotes: dict[str, list[str]] = {}
        self.handles: dict[str, str] = {}
        self.gone: set[str] = set()
        self.blocked: set[str] = set()
        self.uncounted: dict[str, int] = {}  # replies that are counted and never shown
        self.records: dict[tuple[str, str], list[dict]] = {}  # (did, collection) -> declared
        self.faults: deque[str] = deque()
        self.asked: list[str] = []
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    def add(self, key: str, text: str = "words", *, by: str = "did:plc:ada", to: str | None = None, quote: str | None = None, **more) -> str:
        """A post, as a reply to another or as one that quotes it; its address."""
        uri = f"at://{by}/app.bsky.feed.post/{key}"
        record = {"$type": "app.bsky.feed.post", "text": text, "createdAt": more.pop("created", AT), "langs": more.pop("langs", ["en"])}
        if facets := more.pop("facets", None):
            record["facets"] = facets
        if to:
            root = self.posts.get(to, {}).get("record", {}).get("reply", {}).get("root", {"uri": to, "cid": "c"})
            record["reply"] = {"root": root, "parent": {"uri": to, "cid": "c"}}
            self.replies.setdefault(to, []).append(uri)
        embed = more.pop("embed", None)
        if quote:
            self.quotes.setdefault(quote, []).append(uri)
            original = self.posts[quote]
            embed = {"$type": "app.bsky.embed.record#view", "record": {
                "$type": "app.bsky.embed.record#viewRecord", "uri": quote, "cid": "c", "author": original["author"], "value": original["record"], "indexedAt": AT}}
        self.posts[uri] = {
            "uri": uri, "cid": f"cid-{key}", "record": record, "likeCount": 3, "repostCount": 1, "indexedAt": more.pop("indexed", AT),
            "author": {"did": by, "handle": f"{by.rpartition(':')[2]}.example", "displayName": "A Name To Keep Out", "avatar": "https://cdn.example/a.jpg",
                       "labels": [{"src": by, "uri": f"at://{by}", "val": val, "cts": AT} for val in more.pop("author_labels", [])], "createdAt": AT},
            "labels": [], **({"embed": embed} if embed else {}), **more}
        return uri

    def chain(self, first: str, length: int, *, by: str = "did:plc:ada", start: int = 0) -> str:
        """Replies one below the other; the address of the last."""
        for n in range(start, start + length):
            first = self.add(f"chain{n}", f"level {n}", by=by, to=first)
        return first

    def view(self, uri: str) -> dict:
        return self.posts[uri] | {"replyCount": len(self.replies.get(uri, [])) + self.uncounted.get(uri, 0), "quoteCount": len(self.quotes.get(uri, []))}

    def node(self, uri: str, depth: int) -> str:
        """A thread view as JSON, written without recursion: replies may be a thousand deep."""
        parts: list[str] = []
        waiting: list[tuple[str, int] | str] = [(uri, depth)]
        while waiting:
            item = waiting.pop()
            if isinstance(item, str):
                parts.append(item)
                continue
            uri, left = item
            if uri in self.gone:
                parts.append(json.dumps({"$type": f"{DEFS}#notFoundPost", "uri": uri, "notFound": True}))
            elif uri in self.blocked:
                parts.append(json.dumps({"$type": f"{DEFS}#blockedPost", "uri": uri, "blocked": True, "author": {"did": uri.split("/")[2]}}))
            else:
                parts.append(f'{{"$type": "{DEFS}#threadViewPost", "post": {json.dumps(self.view(uri))}, "replies": [')
                below = self.replies.get(uri, []) if left else []
                rest: list = ["]}"]
                for n, reply in enumerate(reversed(below)):
                    rest += [(reply, left - 1)] + ([","] if n < len(below) - 1 else [])
                waiting += rest
        return "".join(parts)

    def parents(self, uri: str, height: int) -> dict | None:
        above = []
        while height and (uri := self.posts[uri]["record"].get("reply", {}).get("parent", {}).get("uri")):
            above.append(uri)
            height -= 1
            if uri in self.gone or uri in self.blocked:
                break
        found = None
        for uri in reversed(above):
            found = json.loads(self.node(uri, 0)) | ({"parent": found} if found else {})
        return found


class _Handler(BaseHTTPRequestHandler):
    server: BlueskyServer
    protocol_version = "HTTP/1.1"

    def log_message(self, *_) -> None:
        pass

    def do_GET(self) -> None:
        server, parts = self.server, urlsplit(self.path)
        server.asked.append(self.path)
        fault = server.faults.popleft() if server.faults else ""
        if fault.isdigit() or fault.startswith("429"):
            status, _, header = fault.partition(" ")
            name, _, value = header.partition("=")
            return self._send({"error": "RateLimitExceeded" if status == "429" else "InternalServerError", "message": "later"}, status=int(status),
                              headers={name: value} if name else {})
        if fault == "broken":
            return self._raw(b'{"thread": {"post": ')
        body = self._answer(parts.path.removeprefix("/xrpc/"), {name: values for name, values in parse_qs(parts.query).items()}, parts.path)
        if fault == "cut":
            return self._raw(body[:len(body) // 2], length=len(body))
        return self._raw(body, status=400 if body.startswith(b'{"error"') else 200)

    def _answer(self, method: str, given: dict[str, list[str]], path: str) -> bytes:
        server, uri = self.server, given.get("uri", [""])[0]
        if method == "app.bsky.feed.getPostThread":
            if uri not in server.posts or uri in server.gone:
                return b'{"error": "NotFound", "message": "Post not found"}'
            node = server.node(uri, min(int(given["depth"][0]), server.depth))
            above = server.parents(uri, int(given["parentHeight"][0]))
            return (f'{{"thread": {node[:-1]}, "parent": {json.dumps(above)}}}}}' if above else f'{{"thread": {node}}}').encode()
        if method == "app.bsky.feed.getQuotes":
            quotes, begin, size = server.quotes.get(uri, []), int(given.get("cursor", ["0"])[0]), min(int(given["limit"][0]), 2)
            more = {"cursor": str(begin + size)} if begin + size < len(quotes) else {}
            return json.dumps({"uri": uri, "posts": [server.view(one) for one in quotes[begin:begin + size]], **more}).encode()
        if method == "app.bsky.feed.getPosts":
            assert len(given["uris"]) <= 25
            return json.dumps({"posts": [server.view(one) for one in given["uris"] if one in server.posts and one not in server.gone]}).encode()
        if method == "com.atproto.identity.resolveHandle":
            did = server.handles.get(given["handle"][0])
            return json.dumps({"did": did} if did else {"error": "InvalidRequest", "message": "Unable to resolve handle"}).encode()
        if method == "com.atproto.repo.describeRepo":
            did = given["repo"][0]
            return json.dumps({"did": did, "handle": "x", "collections": ["app.bsky.feed.post", *(name for who, name in server.records if who == did)]}).encode()
        if method == "com.atproto.repo.listRecords":
            key = (given["repo"][0], given["collection"][0])
            return json.dumps({"records": [{"uri": "at://x", "cid": "c", "value": value} for value in server.records.get(key, [])]}).encode()
        if path.startswith("/did:"):
            return json.dumps({"id": unquote(path[1:]), "service": [{"id": "#atproto_pds", "type": "AtprotoPersonalDataServer", "serviceEndpoint": server.url}]}).encode()
        return b'{"error": "MethodNotImplemented", "message": "no such method"}'

    def _send(self, answer: dict, *, status: int = 200, headers: dict[str, str] | None = None) -> None:
        self._raw(json.dumps(answer).encode(), status=status, headers=headers)

    def _raw(self, body: bytes, *, status: int = 200, length: int | None = None, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(body) if length is None else length))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = length is not None
