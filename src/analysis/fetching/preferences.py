"""What people declared about the use of their posts, asked of the servers where they declared it.

Three declarations are known today and honoured:

- the label `!no-unauthenticated` on the author (told with every post; `analysis.sources.bluesky`);
- the record `community.lexicon.preference.ai`: `embedding`, `inference` or `training` not allowed, account-wide
  or for posts (https://lexicon.garden, proposed 2026);
- the record `org.user-intents.declaration` of Bluesky's proposal 0008: `bulkDataset` not allowed, because words are
  passed on by the page and by `reckons export`. By the proposal's own definition `syntheticContentGeneration` does not
  concern embeddings or classification; nothing is generated here.

Who may reply or quote (threadgate, postgate) says nothing about such use.
"""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Callable, Iterable
from urllib.parse import urlencode, urlsplit

from analysis.fetching.client import Client, FetchError, NotThere

DIRECTORY = "https://plc.directory"
DIRECTORY_VARIABLE = "RECKONS_PLC_DIRECTORY"
AI = "community.lexicon.preference.ai"
INTENTS = ("org.user-intents.declaration", "org.user-intents.demo.declaration")
# What is done here with a text: it is embedded, read by a model, and may be trained on where somebody labels it.
USES = ("embedding", "inference", "training")
_POSTS = "app.bsky.feed.post"
ALLOWED, REFUSED, UNKNOWN = "allowed", "refused", "unknown"
# There are thousands of small servers, and some are always down: they are not waited for.
ATTEMPTS = 2


def ask_authors(client: Client, authors: Iterable[str], *, track: Callable = lambda items, *_: items) -> dict[str, str]:
    """``allowed``, ``refused`` or ``unknown`` (the server could not be asked) for each DID."""
    authors, down = list(authors), set()
    return {did: _ask(client, did, down=down) for did in track(authors, "declared preferences", len(authors))}


def _ask(client: Client, did: str, *, down: set[str]) -> str:
    """What one author declared; a server that failed once is added to ``down`` and not asked again."""
    server = ""
    try:
        server = _server_of(client, did)
        if server is None or server in down:
            return UNKNOWN
        declared = _get(client, server, "describeRepo", repo=did).get("collections") or []
        records = [record for name in (AI, *INTENTS) if name in declared
                   for record in _list(_get(client, server, "listRecords", repo=did, collection=name, limit=100).get("records"))]
    except NotThere:
        return ALLOWED  # no repository, so no declaration
    except FetchError:
        down.add(server)
        return UNKNOWN
    return REFUSED if refuses([_dict(_dict(record).get("value")) for record in records]) else ALLOWED


def _get(client: Client, server: str, method: str, **parameters) -> dict:
    return client.get(f"{server}/xrpc/com.atproto.repo.{method}?{urlencode(parameters)}", attempts=ATTEMPTS)


def refuses(records: list[dict]) -> bool:
    """Whether declarations refuse what is done here; a preference for posts goes before the account's."""
    account, posts = {}, {}
    for record in records:
        if record.get("$type") in INTENTS and _denied(record.get("bulkDataset")):
            return True
        scope, said = _dict(record.get("scope")), _dict(record.get("preferences"))
        if record.get("$type") == AI:
            kind = str(scope.get("$type", "")).rpartition("#")[2]
            if kind == "globalScope":
                account |= said
            elif kind == "collectionScope" and scope.get("collection") == _POSTS:
                posts |= said
    return any(_denied((account | posts).get(use)) for use in USES)


def _denied(preference: object) -> bool:
    return _dict(preference).get("allow") is False


def _dict(value: object) -> dict:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list:
    return value if isinstance(value, list) else []


def _server_of(client: Client, did: str) -> str | None:
    """Where an account's records are kept, by its public identity document."""
    if did.startswith("did:web:"):
        where = f"https://{did.removeprefix('did:web:')}/.well-known/did.json"
        where = where if _may_ask(where, client.host) else None
    else:
        where = f"{(os.environ.get(DIRECTORY_VARIABLE) or DIRECTORY).rstrip('/')}/{did}"
    services = client.get(where, attempts=ATTEMPTS).get("service") if where else None
    for service in _list(services):
        address = _dict(service).get("serviceEndpoint")
        if str(_dict(service).get("id", "")).endswith("#atproto_pds") and isinstance(address, str) and _may_ask(address, client.host):
            return address.rstrip("/")
    return None


def _may_ask(address: str, host: str) -> bool:
    """Whether an address that a stranger wrote down may be asked: on the open web over TLS, or where we ask already."""
    try:
        parts, own = urlsplit(address), urlsplit(host)
        if (parts.scheme, parts.netloc) == (own.scheme, own.netloc):
            return True
        name = parts.hostname or ""
        port = parts.port
    except ValueError:
        return False
    try:
        ipaddress.ip_address(name)
        return False
    except ValueError:
        pass
    return parts.scheme == "https" and not parts.username and port in (None, 443) and "." in name and not name.endswith((".local", ".internal", ".localhost"))
