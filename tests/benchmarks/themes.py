"""Themes beside BERTopic, k-means and EVoC, on any CSV with a column of true groups.

    pip install "reckons[benchmark]"            # BERTopic and EVoC; the project itself does not need them
    python tests/benchmarks/themes.py FILE.csv --text comment-body --group conversation --refits 30 --others-refits 5

Every method gets the same vectors. AMI (adjusted mutual information with the true groups) is over all texts, "in no
theme" being one more group; purity is over the texts that are in a theme. Stability is the mean best-match Jaccard, weighted
by size, over refits on 80 % of the texts with other seeds; "held" is the same over the themes that reach 0.5, which is what a panel sees.
A method that is not installed is left out and named. Seconds are those of one fit without refits, on one thread if OMP_NUM_THREADS=1.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.embedding import embed
from analysis.stability import FIRM, TENTATIVE, best_match, draw_samples
from analysis.themes import find_themes

# A method: vectors, texts and a seed to labels (n,), -1 for none.
Method = Callable[[np.ndarray, list[str], int], np.ndarray]


def ours(vectors: np.ndarray, texts: list[str], seed: int, *, refits: int) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """The project's themes on both levels: labels (n,), and the stability of every theme."""
    found = find_themes(vectors, as_passages(texts), seed=seed, refits=refits)
    parents = found.themes.set_index("theme_id")["parent_id"].dropna().to_dict()
    ids = found.membership["theme_id"]
    levels = {}
    for level, names in (("reckons, finest", ids), ("reckons, broad", ids.replace(parents))):
        labels, of = pd.factorize(names)
        levels[level] = labels, found.themes.set_index("theme_id")["stability"].reindex(of).to_numpy()
    return levels


def as_passages(texts: list[str]) -> pd.DataFrame:
    ids = [f"c{place:06d}" for place in range(len(texts))]
    table = pd.DataFrame({"passage_id": ids, "contribution_id": ids, "start": 0, "end": [len(t) for t in texts], "text": texts, "contributor": None})
    return table.astype({"passage_id": "str", "contribution_id": "str", "text": "str", "contributor": "str"})


def bertopic(vectors: np.ndarray, texts: list[str], seed: int) -> np.ndarray:
    """As it comes, but for the seed."""
    from bertopic import BERTopic
    from umap import UMAP

    mapper = UMAP(n_neighbors=15, n_components=5, min_dist=0.0, metric="cosine", random_state=seed)
    return np.asarray(BERTopic(umap_model=mapper).fit_transform(texts, vectors)[0])


def kmeans(vectors: np.ndarray, texts: list[str], seed: int) -> np.ndarray:
    from sklearn.cluster import KMeans

    return KMeans(30, n_init=3, random_state=seed).fit_predict(vectors)


def evoc(vectors: np.ndarray, texts: list[str], seed: int) -> np.ndarray:
    from evoc import EVoC

    return np.asarray(EVoC(random_state=seed).fit_predict(vectors))


def measure(labels: np.ndarray, true: np.ndarray) -> dict:
    """AMI over all, purity over those in a theme, the share in none and the number of themes."""
    from sklearn.metrics import adjusted_mutual_info_score

    placed = labels >= 0
    table = pd.crosstab(labels[placed], true[placed]).to_numpy()
    return {"themes": len(table), "in none": f"{1 - placed.mean():.1%}", "AMI": f"{adjusted_mutual_info_score(true, labels):.3f}",
            "purity": f"{table.max(axis=1).sum() / placed.sum():.3f}"}


def stability(method: Method, vectors: np.ndarray, texts: list[str], *, labels: np.ndarray, refits: int) -> np.ndarray:
    """Mean best-match Jaccard of every theme over refits of the whole method."""
    matches = []
    for seed, rows in draw_samples(len(texts), refits=refits, seed=1):
        again = method(vectors[rows], [texts[row] for row in rows], seed)
        matches.append(best_match(labels[rows], again, groups=int(labels.max()) + 1))
    return np.nanmean(np.stack(matches), axis=0) if matches else np.full(int(labels.max()) + 1, np.nan)


def told(held: np.ndarray, labels: np.ndarray) -> dict:
    """Size-weighted means, and how many themes are firm and how many do not hold."""
    if np.isnan(held).any():
        return {}
    sizes, seen = np.bincount(labels[labels >= 0]), held >= TENTATIVE
    return {"stability": f"{held @ sizes / sizes.sum():.2f}", "held": f"{held[seen] @ sizes[seen] / max(1, sizes[seen].sum()):.2f}",
            "firm": int((held >= FIRM).sum()), "below 0.5": int((~seen).sum())}


def compare(texts: list[str], true: np.ndarray, vectors: np.ndarray, *, refits: int, others_refits: int, seed: int) -> pd.DataFrame:
    ours(vectors[:300], texts[:300], seed, refits=0)  # what is compiled once per process is no method's own time
    begin = time.perf_counter()
    ours(vectors, texts, seed, refits=0)
    seconds = time.perf_counter() - begin
    rows = {level: measure(labels, true) | told(held, labels) | {"seconds": f"{seconds:.1f}"}
            for level, (labels, held) in ours(vectors, texts, seed, refits=refits).items()}
    print(pd.DataFrame(rows).T.to_string(), flush=True)
    others: dict[str, Method] = {"BERTopic": bertopic, "k-means, 30": kmeans, "EVoC": evoc}
    for name, method in others.items():
        begin = time.perf_counter()
        try:
            labels = method(vectors, texts, seed)
        except ImportError as missing:
            print(f"{name} is left out: {missing}")
            continue
        seconds = time.perf_counter() - begin
        held = stability(method, vectors, texts, labels=labels, refits=others_refits)
        rows[name] = measure(labels, true) | told(held, labels) | {"seconds": f"{seconds:.1f}"}
        print(name, rows[name], flush=True)
    return pd.DataFrame(rows).T


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--text", default="text", help="column of the texts")
    parser.add_argument("--group", default="group", help="column of the true groups")
    parser.add_argument("--refits", type=int, default=30, help="refits of the project's themes; 0 = none")
    parser.add_argument("--others-refits", type=int, default=5, help="refits of every other method; 0 = none")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--cache", type=Path, default=None, help="folder for vectors")
    parser.add_argument("--vectors", type=Path, default=None, help=".npy of vectors that were made before, one per row of FILE")
    options = parser.parse_args()
    table = pd.read_csv(options.file).dropna(subset=[options.text, options.group])
    texts = table[options.text].astype(str).tolist()
    vectors = np.load(options.vectors) if options.vectors else embed(as_passages(texts), cache=options.cache)
    result = compare(texts, table[options.group].astype(str).to_numpy(), vectors, refits=options.refits,
                     others_refits=options.others_refits, seed=options.seed)
    print(result.fillna("").to_string())


if __name__ == "__main__":
    main()
