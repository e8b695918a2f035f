"""Method, limits, versions: what every page says at its end."""

from __future__ import annotations

import re

import pandas as pd

from analysis import words

NOT_A_VOTE = ("This is not a vote. People chose to speak, on channels where some are more at home than others; a large share means that "
              "many of those who spoke said it, not that many people think it, and a good argument made once is still a good argument.")
NOT_A_VOTE_IN_BRIEF = "This is not a vote. People chose to speak, and a good argument made once is still a good argument."
ESSAY = ("The essay is “Digital Centre of Government: first reflections” by Jeni Tennison, of 7 October 2024. She had been appointed to "
         "<a href='{panel}' rel='noreferrer'>an external advisory panel on the design of the “digital centre” in DSIT</a>, the Department for Science, Innovation and "
         "Technology, and had <a href='{call}' rel='noreferrer'>asked on Bluesky for “reckons and pointers”</a>. The three questions, the four barriers and the groups of users "
         "on this page are those of the essay.")
PANEL = "https://www.gov.uk/government/news/tech-experts-to-shape-government-digital-vision-to-drive-innovation-and-boost-public-services"
CALL = "https://bsky.app/profile/jenitennison.com/post/3l5h63ljjvr2y"
SCORES = "mapping.tested"   # how well each code is read stands with the code, not among the settings
INTERVAL = ("A 95% interval says how far a share could move by chance alone if as many messages had been drawn again from the same people. It says "
            "nothing of those who were not reached, nor of contributions that were read wrongly.")


def not_a_vote(*, brief: bool = False) -> words.Words:
    """The reminder where a reader could take shares for votes."""
    return words.Words(f"<p class='reminder'>{words.escaped(NOT_A_VOTE_IN_BRIEF if brief else NOT_A_VOTE)}</p>")


def essay(*, brief: bool = False) -> words.Words:
    """Who wrote the essay that the questions come from, when, and where it can be followed; ``brief`` says only where that stands."""
    if brief:
        return words.say(words.behind("Whose questions these are, what DSIT is, and which essay is meant", "section/01-contributions/Who is missing"))
    return words.Words(f"<p>{ESSAY.format(panel=PANEL, call=CALL)}</p>")


def notices(run) -> list[str]:
    """What was said about the data for every reader to see, such as that they are invented."""
    reading = (run.manifest.get("settings") or {}).get("reading") or {}
    return [str(one["text"]) for one in reading.get("notices") or []]


def notice_in_brief(run) -> list[str]:
    """The first sentence of each notice."""
    return [re.match(r".*?[.!?…](?=\s|$)|.*", text, re.DOTALL)[0] for text in notices(run)]


def limits(*, brief: bool = False) -> words.Words:
    """How the shares are to be read; ``brief`` says only where that stands."""
    return words.say(words.behind("What a 95% interval says, and what it does not", "section/03-three-questions/How sure this is, and its limits")) if brief else words.say(INTERVAL)


def versions(run) -> words.Words:
    """Settings, model, files and package versions from the manifest."""
    manifest = run.manifest
    model = manifest.get("model") or {}
    rows = [("Made", manifest.get("created_at")), ("Seed", manifest.get("seed")), ("Model", model.get("name")),
            ("Model revision", model.get("revision")), ("Model SHA-256", model.get("sha256")), ("Precision", model.get("precision")),
            ("Framework SHA-256", (manifest.get("framework") or {}).get("sha256"))]
    rows += [(f"Setting: {_plain(name)}", value) for name, value in _flat(manifest.get("settings") or {}) if not name.startswith(SCORES)]
    rows += [(f"Package: {name}", value) for name, value in (manifest.get("packages") or {}).items()]
    table = pd.DataFrame([(str(name), _shown(value)) for name, value in rows], columns=["What", "Value"])
    caption = "Settings and versions of this run"
    return words.folded(f"{caption}: {len(table):,} lines", words.table(table, caption=caption))


def _shown(value: object) -> str:
    return "" if words.is_missing(value) else f"{value:.3g}" if isinstance(value, float) else str(value)


def _plain(name: str) -> str:
    """The name of a setting in the words of these pages."""
    for trade, plain in {"cluster": "theme", "noise": "in no theme", "_": " ", ".": ", "}.items():
        name = name.replace(trade, plain)
    return name


def _flat(settings: dict, prefix: str = "") -> list[tuple[str, object]]:
    """Nested settings as one list of dotted names."""
    pairs = []
    for name, value in settings.items():
        pairs += _flat(value, f"{prefix}{name}.") if isinstance(value, dict) else [(prefix + name, value)]
    return pairs


def inputs(run) -> words.Words:
    """The files that were read, with their hashes."""
    rows = [(str(one.get("file")), str(one.get("bytes")), str(one.get("sha256"))) for one in run.manifest.get("inputs") or []]
    return words.folded(f"Files that were read: {len(rows):,}", words.table(pd.DataFrame(rows, columns=["File", "Bytes", "SHA-256"]), caption="Files that were read"))


def made(run) -> words.Words:
    """One line: when, and where the files, settings and versions are."""
    return words.Words("<p class='made'>" + words.escaped(" ".join([*notice_in_brief(run), f"Made on {day(run)}; "]))
                       + words.behind("files, settings, model and versions", "section/07-how-sure").html + " stand at the end of “How sure are we?”.</p>")


def day(run) -> str:
    """The day on which a run was made, as it is said."""
    made_at = pd.to_datetime(run.manifest.get("created_at"), utc=True, errors="coerce")
    return "an unknown day" if made_at is pd.NaT else f"{made_at.day} {made_at:%B %Y}"
