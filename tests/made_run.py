"""A small finished run, written by hand for the tests of figures, words and pages.

``write(folder)`` leaves the files of a run as the pipeline does, with hostile text among
the contributions. Sixty-four contributions by thirty-two people unless told otherwise.
"""

from __future__ import annotations

import atexit
import functools
import hashlib
import json
import shutil
import tempfile
from pathlib import Path

import pandas as pd

from analysis import framework

HOSTILE = [
    "<script>window.hostile = 1; alert('hostile')</script> and then nothing",
    "</script><script>alert('hostile')</script> closing what we never opened",
    "<img src=x onerror=\"alert('hostile')\"><svg onload=alert('hostile')>",
    "<a href=\"javascript:alert('hostile')\">press here</a> [or here](javascript:alert('hostile'))",
    "</textarea></details></article></main><h1 id=hostile>Taken over</h1>",
    "{{ 7 * 7 }} {% for x in y %} ${hostile} %{hovertext} <%= hostile %> $\\href{javascript:alert(1)}{x}$",
    "=HYPERLINK(\"http://hostile.example/\",\"press\") +cmd|' /C calc'!A0 @SUM(1+1)",
    "<b>bold</b> <a href=\"https://hostile.example/\">plotly link</a> <br> &lt;i&gt; &amp;amp;",
    "# A heading\n\n- a list\n- ![picture](https://hostile.example/x.png)\n\n```\ncode\n```",
    "W" * 400 + " one very long word",
    "Right to left: \u202eabc\u202c and \u0627\u0644\u062e\u062f\u0645\u0627\u062a \u200f and NUL \x01\x07\x1b[31m and emoji \U0001f9d1\u200d\U0001f4bb",
    "<!-- a comment that is --!> <![CDATA[ x ]]> <style>body{display:none}</style><meta http-equiv=refresh content=0;url=//hostile.example>",
]
PLAIN = [
    "Buying software takes eighteen months here and the same three suppliers win each time.",
    "Fund teams for years, not projects for months, and let them keep the thing running.",
    "Nobody owns the whole service: policy in one building, digital in another, the counter in a third.",
    "Let us publish what we are working on before it is finished. Press office still says no.",
    "Mum is 81 and was sent four letters about one overpayment. Treat people as if they were honest.",
    "Open the interfaces so that charities and advisers can help people on their behalf.",
    "The Design System saved us a year. More shared patterns like that, please.",
    "I liked the biscuits at the event. See you in the spring.",
]
CODED = [  # for each plain text: (dimension, code) pairs that hold
    [("questions", "centre"), ("barriers", "procurement"), ("aspects", "barriers"), ("stance", "problem")],
    [("questions", "centre"), ("barriers", "budgeting"), ("aspects", "barriers"), ("stance", "proposal")],
    [("questions", "centre"), ("barriers", "whole_service"), ("aspects", "barriers"), ("stance", "problem")],
    [("questions", "centre"), ("barriers", "comms"), ("aspects", "barriers"), ("stance", "proposal")],
    [("questions", "approach"), ("aspects", "treat"), ("stance", "problem")],
    [("questions", "technology"), ("aspects", "intermediaries"), ("stance", "proposal")],
    [("questions", "centre"), ("aspects", "commons"), ("stance", "example")],
    [],
]
DIMENSIONS = {
    "questions": ["approach", "technology", "centre"],
    "barriers": ["procurement", "budgeting", "whole_service", "comms"],
    "aspects": ["prioritise", "treat", "deliver", "public", "businesses_charities", "public_sector_workers",
                "intermediaries", "developers", "accountability", "attitude", "community_learning", "commons",
                "barriers", "engagement"],
    "stance": ["problem", "proposal", "example", "question"],
}


def write(folder: Path, *, contributions: int = 64, themes: bool = True, dates: bool = True,
          contributors: bool = True) -> Path:
    """Write a made run into ``folder`` and return it; every third text is a hostile one."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    made = _contributions(contributions, dates=dates, contributors=contributors)
    passages = _passages(made)
    mapping = _mapping(made)
    theme_table, membership = _themes(passages) if themes else _no_themes(passages)
    aside = pd.DataFrame(
        [(None, "survey.csv", 3, "blank"), (None, "survey.csv", 9, "blank"), ("b-gone", "thread.json", 5, "author asked not to be shown")],
        columns=["contribution_id", "source_file", "row", "reason"])
    made.to_parquet(folder / "contributions.parquet", index=False)
    passages.to_parquet(folder / "passages.parquet", index=False)
    theme_table.to_parquet(folder / "themes.parquet", index=False)
    membership.to_parquet(folder / "membership.parquet", index=False)
    mapping.to_parquet(folder / "mapping.parquet", index=False)
    mapping.to_csv(folder / "mapping.csv", index=False)
    aside.to_csv(folder / "set_aside.csv", index=False)
    (folder / "ledger.json").write_text(json.dumps(_ledger(made, passages, membership, aside, mapping)), encoding="utf-8")
    (folder / "manifest.json").write_text(json.dumps(_manifest()), encoding="utf-8")
    return folder


def _text_of(n: int) -> str:
    if n % 3 == 2:
        return HOSTILE[(n // 3) % len(HOSTILE)] + (f" ({n})" if n >= 36 else "")
    return PLAIN[n % len(PLAIN)] + (f" ({n})" if n >= 8 and n % 5 else "")


def _contributions(count: int, *, dates: bool, contributors: bool) -> pd.DataFrame:
    rows = []
    for n in range(count):
        source = ["bluesky", "survey", "post"][n % 3] if n % 7 else "bluesky"
        rows.append({
            "contribution_id": f"{source[0]}-{n:05d}", "source": source,
            "source_file": {"bluesky": "thread.json", "survey": "survey.csv", "post": "posts/a.md"}[source], "row": n + 1,
            "url": {"bluesky": f"https://bsky.app/profile/did/post/{n}", "survey": None,
                    "post": "javascript:alert('hostile')" if n % 2 else "https://blog.example/post"}[source],
            "contributor": f"person-{n % 32:03d}" if contributors and n % 16 != 15 else None,
            "created_at": pd.Timestamp("2024-10-01", tz="UTC") + pd.Timedelta(days=n % 20) if dates and n % 10 != 9 else pd.NaT,
            "lang": "cy" if n % 11 == 10 else "en", "parent_id": None, "duplicate_of": None,
            "question": "What <b>one</b> thing?" if source == "survey" else None, "title": None, "licence": None, "context": None, "text": _text_of(n),
        })
    columns = ["contribution_id", "source", "source_file", "row", "url", "contributor", "created_at", "lang",
               "parent_id", "duplicate_of", "question", "title", "licence", "context", "text"]
    table = pd.DataFrame(rows, columns=columns)
    first = table.groupby("text")["contribution_id"].transform("first") if count else table["contribution_id"]
    table["duplicate_of"] = first.where(first != table["contribution_id"])
    table["created_at"] = pd.to_datetime(table["created_at"], utc=True).astype("datetime64[us, UTC]")
    for name in set(columns) - {"row", "created_at"}:
        table[name] = table[name].astype("str")
    return table.sort_values("contribution_id", ignore_index=True)


def _passages(made: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({
        "passage_id": made["contribution_id"] + "#1", "contribution_id": made["contribution_id"], "start": 0,
        "end": made["text"].str.len().astype("int64"), "text": made["text"], "contributor": made["contributor"], "lang": made["lang"],
        "less_reliable": made["lang"] != "en",
    })


def _mapping(made: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for contribution_id, text in zip(made["contribution_id"], made["text"]):
        plain = next((i for i, words in enumerate(PLAIN) if text.startswith(words)), None)
        held = set(CODED[plain]) if plain is not None else ({("questions", "technology")} if "plotly" in text else set())
        for dimension, codes in DIMENSIONS.items():
            decision = "assign" if held else ("outside" if plain is not None else "abstain")
            rows += [(contribution_id, f"{contribution_id}#1", dimension, code, 0.9 if (dimension, code) in held else 0.1,
                      (dimension, code) in held, "model", decision) for code in codes]
    return pd.DataFrame(rows, columns=["contribution_id", "passage_id", "dimension", "code", "probability", "assigned",
                                       "decided_by", "decision"])


THEME_COLUMNS = ["theme_id", "parent_id", "name", "keywords", "passages", "contributors", "stability", "grade", "level"]


def _themes(passages: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    kinds = ["1.1", "1.2", None, "2.1", "2.2", None, "3.1", None]
    theme_of = [kinds[i % len(kinds)] for i in range(len(passages))]
    membership = pd.DataFrame({
        "passage_id": passages["passage_id"], "theme_id": pd.array(theme_of, dtype="str"), "strength": 0.8,
        "x": [(i % 9) + 0.1 * (i % 5) for i in range(len(passages))], "y": [(i % 7) - 0.2 * (i % 3) for i in range(len(passages))],
    })
    people = passages["contributor"].fillna(passages["passage_id"])
    names = {"1": "Buying and suppliers", "1.1": "suppliers <b>win</b> again", "1.2": "eighteen months to buy", "2": "Money </script><img src=x onerror=\"alert('hostile')\"> for teams",
             "2.1": "fund teams, not projects", "2.2": "maintenance </script>", "3": "Publishing", "3.1": "press office"}
    grades = {"1": "firm", "2": "tentative", "3": "do not quote"}
    rows = []
    for theme_id, name in names.items():
        held = membership["theme_id"].fillna("").str.startswith(theme_id)
        rows.append((theme_id, None if "." not in theme_id else theme_id[0], name, "buying, suppliers, <i>tender</i>", int(held.sum()),
                     int(people[held].nunique()), 0.81, grades[theme_id[0]], "sub-theme" if "." in theme_id else "theme"))
    return pd.DataFrame(rows, columns=THEME_COLUMNS), membership


def _no_themes(passages: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    membership = pd.DataFrame({"passage_id": passages["passage_id"], "theme_id": pd.array([None] * len(passages), dtype="str"),
                               "strength": 0.0, "x": float("nan"), "y": float("nan")})
    return pd.DataFrame({name: [] for name in THEME_COLUMNS}), membership


def _ledger(made, passages, membership, aside, mapping) -> dict:
    state = mapping[mapping["dimension"] == "questions"].groupby("contribution_id")["decision"].first()
    by_source = {file: {"read": int(n), "kept": int(n), "set_aside": 0} for file, n in made["source_file"].value_counts().items()}
    return {
        "contributions": {"read": len(made) + len(aside), "kept": len(made), "set_aside": len(aside),
                          "set_aside_by_reason": aside["reason"].value_counts().to_dict(), "mapped": int((state == "assign").sum()),
                          "abstained": int((state == "abstain").sum()), "outside": int((state == "outside").sum())},
        "passages": {"total": len(passages), "in_a_theme": int(membership["theme_id"].notna().sum()),
                     "in_none": int(membership["theme_id"].isna().sum())},
        "languages": {"passages": passages["lang"].value_counts().to_dict(), "less_reliably_placed": int(passages["less_reliable"].sum())},
        "contributors": int(made["contributor"].nunique()), "distinct_messages": int(made["duplicate_of"].isna().sum()),
        "by_source": by_source,
    }


def _manifest() -> dict:
    digest = hashlib.sha256(b"made").hexdigest()
    return {
        "created_at": "2024-11-01T09:00:00+00:00", "inputs": [{"file": "thread.json", "sha256": digest, "bytes": 1234}],
        "framework": framework.to_record(framework.load()),
        "model": {"name": "stub", "revision": "none", "sha256": digest, "precision": "float32", "dimensions": 384},
        "seed": 7, "settings": {"min_cluster_size": 5, "note": "<b>markup</b>"}, "packages": {"pandas": "3.1.1"}, "platform": "test",
        "stages": [{"name": "read", "rows_in": 67, "rows_out": 64, "set_aside": 3, "seconds": 0.1}], "peak_memory_mb": 300,
    }


@functools.cache
def published(**options) -> Path:
    """The pack of a made run, made once for all tests; returns the path of ``index.html``."""
    from analysis.publishing import publish

    folder = Path(tempfile.mkdtemp(prefix="made-run-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    run = write(folder / "run", **options)
    write(run / "previous", contributions=48)   # so that "What changed" has something to tell, hostile names and words among it
    return publish(run, run / "html")
