"""Questions to public servers of the AT Protocol: asked again with patience, answered as JSON or refused in words."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from urllib.parse import urlencode, urlsplit

from analysis import __version__
from analysis.errors import InputError, ReckonsError
from analysis.fetching.journal import Journal
from analysis.sources.json_files import loads
from analysis.sources.source_file import UnreadableFile, quoted

# The public view of the network, which needs no login.
HOST = "https://public.api.bsky.app"
HOST_VARIABLE = "RECKONS_BLUESKY_HOST"
# Eight tries with waits of up to a minute outlast a restart of the server; limits on the rate last five minutes at most.
ATTEMPTS = 8
LONGEST_BACK_OFF = 60.0
LONGEST_WAIT = 330.0
TIMEOUT_SECONDS = 60.0
# A thousand posts are about five megabytes; forty times that is no discussion.
MAX_ANSWER = 200_000_000
_PASSING = (408, 425, 429)


class FetchError(ReckonsError):
    """The network or a server failed for good; the message says what and what was not done."""


class NotThere(FetchError):
    """The server answered that there is no such thing, or will not show it."""


class _Passing(Exception):
    """What may go better at the next try; ``after`` is the wait that the server asks for, in seconds."""

    def __init__(self, what: str, after: float | None = None):
        super().__init__(what)
        self.after = after


class Client:
    """Asks one server; ``journal`` keeps answers, ``sleep`` waits between tries, ``say`` tells of long waits."""

    def __init__(self, host: str | None = None, *, journal: Journal | None = None, sleep: Callable[[float], None] = time.sleep,
                 say: Callable[[str], None] = lambda line: None):
        import httpx

        self.host = _base(host or os.environ.get(HOST_VARIABLE) or HOST)
        self.journal, self.sleep, self.say = journal, sleep, say
        self.requests = 0
        self._http = httpx.Client(timeout=TIMEOUT_SECONDS, headers={"User-Agent": f"reckons/{__version__}"})

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_) -> None:
        self._http.close()

    def ask(self, method: str, **parameters) -> dict:
        """What a method (`app.bsky.feed.getPosts`) answers; raises ``NotThere`` and ``FetchError``."""
        query = urlencode(sorted(parameters.items()), doseq=True)
        return self.get(f"{self.host}/xrpc/{method}" + (f"?{query}" if query else ""))

    def get(self, url: str, *, attempts: int = ATTEMPTS) -> dict:
        """The JSON object at an address, from the journal if it was had before."""
        had = self.journal.find(url) if self.journal else None
        if had is not None:
            return loads(had.decode("utf-8"))
        found, content = self._patiently(url, attempts)
        if self.journal:
            self.journal.keep(url, content)
        return found

    def _patiently(self, url: str, attempts: int) -> tuple[dict, bytes]:
        from tenacity import Retrying, retry_if_exception_type, stop_after_attempt

        tries = Retrying(retry=retry_if_exception_type(_Passing), stop=stop_after_attempt(attempts), wait=_wait,
                         sleep=self.sleep, before_sleep=self._tell, reraise=True)
        try:
            return tries(self._once, url)
        except _Passing as error:
            raise FetchError(f"{urlsplit(url).netloc} did not answer as it should, {attempts} times in a row; the last time {error}. Nothing was "
                             "saved; what was fetched so far is kept for a day, so run the same command again later.") from None

    def _once(self, url: str) -> tuple[dict, bytes]:
        import httpx

        self.requests += 1
        try:
            with self._http.stream("GET", url) as answer:
                content = _content(answer)
        except httpx.TimeoutException:
            raise _Passing(f"it took longer than {TIMEOUT_SECONDS:.0f} seconds") from None
        except (httpx.TransportError, httpx.DecodingError) as error:
            raise _Passing(f"the connection failed ({type(error).__name__})") from None
        if answer.status_code in _PASSING or answer.status_code >= 500:
            raise _Passing(f"it answered {answer.status_code}", _asked_wait(answer.headers))
        try:
            found = loads(content.decode("utf-8"))
        except (UnreadableFile, UnicodeDecodeError):
            found = None
        if answer.status_code >= 400:
            raise _refusal(url, answer.status_code, found)
        if not isinstance(found, dict) or answer.status_code != 200:
            raise _Passing("what it sent was broken")
        return found, content

    def _tell(self, state) -> None:
        wait = state.next_action.sleep
        if wait >= 5:
            self.say(f"  {state.outcome.exception()}; waiting {wait:.0f} s")


def _base(host: str) -> str:
    parts = urlsplit(host)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
        raise InputError(quoted(host), ["It is not the address of a server: one such as https://public.api.bsky.app is expected."],
                         not_done="Nothing was fetched.")
    return host.rstrip("/")


def _content(answer) -> bytes:
    parts, size = [], 0
    for part in answer.iter_bytes():
        size += len(part)
        if size > MAX_ANSWER:
            raise FetchError(f"{answer.url.host} sent more than {MAX_ANSWER // 1_000_000} MB in one answer. Nothing was saved.")
        parts.append(part)
    return b"".join(parts)


def _asked_wait(headers) -> float | None:
    """Seconds from Retry-After, else until the moment in RateLimit-Reset (seconds since 1970)."""
    for name, begin in (("retry-after", 0.0), ("ratelimit-reset", time.time())):
        try:
            return min(max(float(headers[name]) - begin, 1.0), LONGEST_WAIT)
        except (KeyError, ValueError):
            continue
    return None


def _wait(state) -> float:
    from tenacity import wait_random_exponential

    asked = state.outcome.exception().after
    return asked if asked is not None else wait_random_exponential(multiplier=1, max=LONGEST_BACK_OFF)(state)


def _refusal(url: str, status: int, found: object) -> FetchError:
    name = str(found.get("error", "")) if isinstance(found, dict) else ""
    if status == 404 or name in ("NotFound", "RecordNotFound", "RepoNotFound", "RepoTakendown", "RepoDeactivated", "RepoSuspended"):
        return NotThere(f"{urlsplit(url).netloc} has nothing at this address ({name or status}). Nothing was saved.")
    said = f": {quoted(found['message'])}" if isinstance(found, dict) and found.get("message") else ""
    return FetchError(f"{urlsplit(url).netloc} refused the question ({name or status}){said}. Nothing was saved.")
