"""What five per cent of new contributions do to the themes that hold.

    python tests/benchmarks/growth.py FILE_OR_FOLDER... --times 4

Each time another random part is left out, themes are found, the part comes in, and themes are found again with the earlier ones known.
Printed: the share of the earlier firm themes that keep id and name. The same rows in another order must give the same bytes.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

import analysis


def kept(vectors: np.ndarray, passages: pd.DataFrame, *, share: float, seed: int, refits: int) -> tuple[int, int]:
    """How many earlier firm themes keep id and name when ``share`` is new, and how many there were."""
    random = np.random.default_rng(seed)
    everyone = passages["contribution_id"].unique()
    known = set(random.choice(everyone, round(len(everyone) / (1 + share)), replace=False))
    before = passages["contribution_id"].isin(known).to_numpy()
    old = analysis.find_themes(vectors[before], passages[before].reset_index(drop=True), refits=refits)
    new = analysis.find_themes(vectors, passages, refits=refits, previous=(old.themes, old.membership))
    firm = old.themes[old.themes["grade"] == "firm"]
    names = new.themes.set_index("theme_id")["name"]
    return int((names.reindex(firm["theme_id"]).to_numpy() == firm["name"].to_numpy()).sum()), len(firm)


def same_in_any_order(vectors: np.ndarray, passages: pd.DataFrame, *, refits: int) -> bool:
    """Whether themes, memberships and quotes are the same bytes when the rows come in another order."""
    order = np.random.default_rng(1).permutation(len(passages))
    one = analysis.find_themes(vectors, passages, refits=refits)
    two = analysis.find_themes(vectors[order], passages.iloc[order], refits=refits)
    by_id = [found.membership.sort_values("passage_id", ignore_index=True) for found in (one, two)]
    pairs = [(one.themes, two.themes), (one.quotes, two.quotes), tuple(by_id)]
    return all(a.to_csv(index=False) == b.to_csv(index=False) for a, b in pairs)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", nargs="+", type=Path)
    parser.add_argument("--column", action="append", default=[], help="as of reckons run: text=comment-body")
    parser.add_argument("--share", type=float, default=0.05)
    parser.add_argument("--times", type=int, default=4)
    parser.add_argument("--refits", type=int, default=30)
    parser.add_argument("--cache", type=Path, default=None, help="folder for vectors")
    options = parser.parse_args()
    for data in options.data:
        passages = analysis.split(analysis.read(data, columns=options.column))
        vectors = analysis.embed(passages, cache=options.cache)
        print(data.name, len(passages), "passages", flush=True)
        found = []
        for seed in range(options.times):
            found.append(kept(vectors, passages, share=options.share, seed=seed, refits=options.refits))
            print("  firm themes that keep id and name: {} of {}".format(*found[-1]), flush=True)
        print("  together {} of {}".format(*np.sum(found, axis=0)))
        print("  the same bytes in another order:", same_in_any_order(vectors, passages, refits=2), flush=True)


if __name__ == "__main__":
    main()
