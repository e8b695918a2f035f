"""Method, limits, versions: what every page says at its end."""

from __future__ import annotations

import pandas as pd

from analysis import words

NOT_A_VOTE = ("This is not a vote. People chose to speak, on channels where some are more at home than others; a large share means that "
              "many of those who spoke said it, not that many people think it, and a good argument made once is still a good argument.")
INTERVAL = ("A 95% interval says how far a share could move by chance alone if as many messages had been drawn again from the same people. It says "
            "nothing of those who were not reached, nor of contributions that were read wrongly.")


def not_a_vote() -> words.Words:
    """The reminder where a reader could take shares for votes."""
    return words.Words(f"<p class='reminder'>{words.escaped(NOT_A_VOTE)}</p>")


def limits() -> words.Words:
    """How the shares are to be read."""
    return words.say(INTERVAL)


def versions(run) -> words.Words:
    """Settings, model, files and package versions from the manifest."""
    manifest = run.manifest
    model = manifest.get("model") or {}
    rows = [("Made", manifest.get("created_at")), ("Seed", manifest.get("seed")), ("Model", model.get("name")),
            ("Model revision", model.get("revision")), ("Model SHA-256", model.get("sha256")), ("Precision", model.get("precision")),
            ("Framework SHA-256", (manifest.get("framework") or {}).get("sha256"))]
    rows += [(f"Setting: {_plain(name)}", value) for name, value in _flat(manifest.get("settings") or {})]
    rows += [(f"Package: {name}", value) for name, value in (manifest.get("packages") or {}).items()]
    table = pd.DataFrame([(str(name), "" if words.is_missing(value) else str(value)) for name, value in rows], columns=["What", "Value"])
    return words.table(table, caption="Settings and versions of this run")


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
    return words.table(pd.DataFrame(rows, columns=["File", "Bytes", "SHA-256"]), caption="Files that were read")


def made(run) -> words.Words:
    """One line: when, with what model, from which seed."""
    manifest = run.manifest
    model = manifest.get("model") or {}
    return words.say(f"Made {str(manifest.get('created_at', ''))[:10]} with the model {model.get('name', 'unknown')} and seed {manifest.get('seed')}. "
                     "Files, settings and versions stand at the end of “How sure are we?”.")
