"""Themes in collections small, large and odd: seconds, peak memory, and what the manifest says about the settings.

    python tests/benchmarks/sizes.py                        # 60, 300, 3,000 and 30,000 passages; all alike; all different; two languages
    python tests/benchmarks/sizes.py 30000 alike --refits 5

The texts are those of tests/truth/written.csv and written-more.csv, cut into sentences and paired anew, so that no two are the same. From 3,000
passages on their vectors are not encoded but put together from those of the two sentences, which takes no part in what is timed. Every case
runs in a process of its own. Themes with refits are timed from vectors to tables; pages are not made.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd

import analysis

TRUTH = Path(__file__).parents[1] / "truth"
CASES = ("60", "300", "3000", "30000", "alike", "different", "languages")
# What people of Wales and Germany might have answered, invented; "two languages" mixes these with as many English ones.
OTHER = [
    "Mae'r gwasanaeth yn rhy araf ac nid oes neb yn ateb y ffôn", "Dylai pob ffurflen fod ar gael yn Gymraeg hefyd",
    "Nid oes band eang yn ein pentref ni o hyd", "Mae angen i'r llywodraeth wrando ar bobl leol cyn newid dim",
    "Der Antrag muss immer noch auf Papier ausgefüllt und per Post geschickt werden", "Niemand im Amt weiß, wer für den Antrag zuständig ist",
    "Die Daten sollten nur einmal abgefragt und dann geteilt werden", "Ohne schnelles Internet auf dem Land hilft die beste Anwendung nichts",
]


def sentences() -> list[str]:
    texts = pd.concat([pd.read_csv(TRUTH / name)["text"] for name in ("written.csv", "written-more.csv")])
    parts = texts.str.split(r"(?<=[.!?])\s+", regex=True).explode().str.strip()
    return parts[parts.str.len().between(25, 160)].drop_duplicates().tolist()


def pairs(n: int, *, encoded: bool) -> tuple[np.ndarray, list[str]]:
    """``n`` different texts of two sentences each, the second one among the ten nearest to the first, and their vectors."""
    known = sentences()
    vectors = analysis.embed(_passages(known))
    random = np.random.default_rng(4)
    first = random.integers(len(known), size=3 * n)
    near = np.argsort(-(vectors @ vectors.T), axis=1)[:, 1:40]
    second = near[first, random.integers(near.shape[1], size=3 * n)]
    rows = pd.DataFrame({"first": first, "second": second}).drop_duplicates().to_numpy()[:n]
    texts = [f"{known[one]} {known[other]}" for one, other in rows]
    if encoded:
        return analysis.embed(_passages(texts)), texts
    mixed = vectors[rows[:, 0]] + 0.7 * vectors[rows[:, 1]] + 0.02 * random.normal(size=(len(rows), vectors.shape[1]))
    return (mixed / np.linalg.norm(mixed, axis=1, keepdims=True)).astype(np.float32), texts


def case(name: str) -> tuple[np.ndarray, pd.DataFrame]:
    if name.isdigit():
        vectors, texts = pairs(int(name), encoded=int(name) < 3_000)
        return vectors, _passages(texts)
    if name == "alike":
        texts = ["Put one person in charge of every service and tell us who it is."] * 3_000
    elif name == "different":
        random = np.random.default_rng(5)
        letters = [f"{chr(97 + place)}" for place in range(26)]
        texts = [" ".join("".join(random.choice(letters, random.integers(4, 9))) for _ in range(8)) for _ in range(1_000)]
    else:
        texts = pairs(300, encoded=True)[1] + [f"{OTHER[place % len(OTHER)]} ({place})." for place in range(300)]
    passages = _passages(texts)
    return analysis.embed(passages), passages


def _passages(texts: list[str]) -> pd.DataFrame:
    """As the pipeline makes them, languages detected."""
    kept = pd.DataFrame({"id": [f"c{place:06d}" for place in range(len(texts))], "text": texts})
    folder = Path(__import__("tempfile").mkdtemp())
    kept.to_csv(folder / "made.csv", index=False)
    return analysis.split(analysis.read(folder / "made.csv"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", nargs="*", default=[], help=", ".join(CASES))
    parser.add_argument("--refits", type=int, default=30)
    parser.add_argument("--alone", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.alone:
        print(json.dumps(measured(options.cases[0], options.refits)))
        return
    for name in options.cases or CASES:
        done = subprocess.run([sys.executable, __file__, name, "--alone", "--refits", str(options.refits)], capture_output=True, text=True)
        print(name, done.stdout.strip().splitlines()[-1] if done.returncode == 0 else f"FAILED: {done.stderr.strip()[-400:]}", flush=True)


def measured(name: str, refits: int) -> dict:
    vectors, passages = case(name)
    before, begin = _peak(), time.perf_counter()
    found = analysis.find_themes(vectors, passages, refits=refits)
    levels = found.themes["level"].value_counts().to_dict()
    wanted = ("distinct_messages", "reason", "sample", "in_none_share", "in_none_by_reason", "themes_range")
    return {"passages": len(passages), "themes": levels, "seconds": round(time.perf_counter() - begin, 1), "peak_mb": _peak(), "peak_mb_before": before
            } | {key: found.settings[key] for key in wanted if key in found.settings}


def _peak() -> int:
    """The most memory this process and any of its own held, in MB."""
    return max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) // 1024


if __name__ == "__main__":
    main()
