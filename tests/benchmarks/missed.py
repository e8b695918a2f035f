"""Whether the theme that was planted in the bundled example, broadband, is listed as what the framework misses, over seeds.

    python tests/benchmarks/missed.py --seeds 10 --refits 4

Found: a listed theme holds more than half of the planted passages, and more than half of its messages are planted.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from types import SimpleNamespace

import pandas as pd

from analysis import embedding, framework
from analysis.campaigns import copied_contributions
from analysis.contributions import read
from analysis.findings.beyond import missed
from analysis.mapping import map_to_framework
from analysis.passages import split
from analysis.prediction import scorer
from analysis.themes import find_themes

ROOT = Path(__file__).resolve().parent.parent.parent


def prepared() -> SimpleNamespace:
    """The example read, embedded and mapped once, and which of its passages are planted."""
    encoder, codes = embedding.load_encoder(), framework.load()
    kept = read(ROOT / "data" / "raw" / "example").kept
    passages = split(kept, count_tokens=encoder.count_tokens)
    vectors = embedding.embed(passages, encoder=encoder)
    mapping = map_to_framework(vectors, passages, framework=codes, probabilities=scorer(codes, encoder=encoder)).table
    truth = pd.read_csv(ROOT / "tests" / "truth" / "example.csv")
    planted = truth.loc[truth["planted"].fillna("").str.contains("broadband"), "contribution_id"]
    return SimpleNamespace(encoder=encoder, framework=codes, kept=kept, passages=passages, vectors=vectors, mapping=mapping,
                           planted=set(passages.loc[passages["contribution_id"].isin(planted), "passage_id"]))


def listed(example: SimpleNamespace, *, seed: int, refits: int) -> pd.DataFrame:
    """The themes that the framework misses, each with the ``planted_share`` of it and the ``found_share`` of what was planted."""
    found = find_themes(example.vectors, example.passages, seed=seed, refits=refits)
    copied = copied_contributions(example.passages, found.message_of)
    contributions = example.kept.assign(duplicate_of=example.kept["contribution_id"].map(copied))
    run = SimpleNamespace(contributions=contributions, passages=example.passages, themes=found.themes, membership=found.membership,
                          mapping=example.mapping, framework=example.framework)
    themes = missed(run)
    own = found.membership[found.membership["passage_id"].map(found.message_of).eq(found.membership["passage_id"])]  # copies count once
    planted = own["passage_id"].isin(example.planted).groupby(own["theme_id"]).agg(["sum", "size"])
    held = themes["theme_id"].map(planted["sum"]).fillna(0)
    return themes.assign(planted_share=held / themes["theme_id"].map(planted["size"]), found_share=held / len(example.planted))


def is_found(themes: pd.DataFrame) -> bool:
    """Whether one of the listed themes is the planted one."""
    return bool(((themes["planted_share"] > 0.5) & (themes["found_share"] > 0.5)).any())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--refits", type=int, default=4)
    options = parser.parse_args()
    example, found = prepared(), 0
    for seed in range(1, options.seeds + 1):
        themes = listed(example, seed=seed, refits=options.refits)
        found += is_found(themes)
        print(seed, "found" if is_found(themes) else "NOT found",
              themes[["name", "grade", "people" if "people" in themes else "contributors", "found_share", "planted_share"]].head(3).round(2).to_dict("records"), flush=True)
    print(f"listed as missed in {found} of {options.seeds} seeds")


if __name__ == "__main__":
    main()
