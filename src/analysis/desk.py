"""A desk in JupyterLab at which a person reads passages one at a time and decides; every decision is a row in a file."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from analysis import coefficients, words
from analysis.embedding import embed, load_encoder, missing_from
from analysis.errors import ReckonsError
from analysis.explanation import Explanation, explain_in
from analysis.priority import reading_order
from analysis.review import Decisions, decide, hashes, read_decisions
from analysis.runs import Run

# A sitting: more than this and the order, which is made once, would be stale.
SITTING = 50
# How a thing is said teaches the mapping of subjects nothing.
NOT_TAUGHT = ("stance",)


class Desk:
    """Passages of a run in the order in which their labels would teach most, and what people decide on them.

    ``file`` is where decisions are kept: by default ``review/decisions.csv`` beside the run's folder, which for
    ``data/processed`` is where ``reckons run`` looks. Raises ``InputError`` for a file that cannot be used.
    """

    def __init__(self, run: Run, *, file: Path | None = None, count: int = SITTING):
        self.run, self.framework = run, run.framework
        self.file = Path(file) if file else run.folder.parent / "review" / "decisions.csv"
        self.decisions = read_decisions(self.file, self.framework)
        self.order = self._order(count)
        self.place, self.saved = 0, 0

    @cached_property
    def _suggested(self) -> pd.Series:
        """Codes that the run assigned, per passage."""
        given = self.run.mapping[self.run.mapping["assigned"]]
        return given.groupby("passage_id")["code"].agg(list)

    def _order(self, count: int) -> pd.DataFrame:
        passages = self.run.passages.assign(sha256=hashes(self.run.passages)).drop_duplicates("sha256").reset_index(drop=True)
        rows = self.run.mapping[~self.run.mapping["dimension"].isin(NOT_TAUGHT)]
        wide = rows.pivot(index="passage_id", columns="code", values="probability").reindex(passages["passage_id"]).fillna(0.0)
        rules = (self.run.manifest.get("settings", {}).get("mapping") or {}).get("rules", {})
        threshold = np.array([rules.get(code, {}).get("assign", 0.5) for code in wide])
        decided = passages["sha256"].isin(self.decisions.standing["passage_sha256"]).to_numpy()
        chosen, worth = reading_order(wide.to_numpy(), threshold, self._vectors(passages), positives=self._labelled(list(wide)), decided=decided, count=count)
        return passages.iloc[chosen].assign(worth=np.round(worth, 3)).reset_index(drop=True)

    def _vectors(self, passages: pd.DataFrame) -> np.ndarray:
        """The run's own vectors; without them likeness plays no part in the order."""
        try:
            encoder = load_encoder((self.run.manifest["settings"].get("options") or {}).get("model"))
            if missing_from(self.run.folder / "vectors", passages, encoder=encoder) == 0:
                return embed(passages, encoder=encoder, cache=self.run.folder / "vectors")
        except ReckonsError:
            pass
        return np.zeros((len(passages), 1), dtype=np.float32)

    def _labelled(self, codes: list[str]) -> np.ndarray:
        """How many passages with each code the mapping was trained on, and people decided on since."""
        trained = coefficients.load()
        known = {name.split(":")[1]: n for name, n in trained.record["positives"].items()} if trained else {}
        given = [self.decisions.codes_of(row) for _, row in self.decisions.standing.iterrows()]
        return np.array([known.get(code, 0) + sum(code in one for one in given) for code in codes], dtype=float)

    @property
    def passage(self) -> pd.Series | None:
        """The passage on the desk; None when the sitting is over."""
        return self.order.iloc[self.place] if self.place < len(self.order) else None

    @property
    def suggested(self) -> list[str]:
        """The codes that the run gave the passage on the desk."""
        return list(self._suggested.get(self.passage["passage_id"], [])) if self.passage is not None else []

    def save(self, codes, *, who: str, note: str = "") -> dict:
        """Append the decision on the passage on the desk and put the next one there."""
        row = decide(self.file, self.passage, codes, framework=self.framework, who=who, note=note)
        self.place, self.saved = self.place + 1, self.saved + 1
        return row

    def why(self, code: str) -> Explanation:
        """What speaks for and against a code of the passage on the desk, or of the run's first when the sitting is over."""
        passage = self.passage if self.passage is not None else self.run.passages.iloc[0]
        return explain_in(self.run, passage, code)

    def skip(self) -> None:
        """Leave the passage undecided and put the next one on the desk."""
        self.place += 1

    def reread(self) -> Decisions:
        """The decisions as they are in the file now."""
        return read_decisions(self.file, self.framework)

    def show(self):
        """The desk as buttons and a text, for JupyterLab."""
        from analysis.buttons import buttons

        return buttons(self)


def said(desk: Desk) -> words.Words:
    """What has been decided so far: how many passages, which contradict each other, which belong to no passage of the run."""
    found = desk.reread().in_words(desk.run.passages)
    return words.say(*found) if found else words.say("Nothing has been decided yet.")


def disagreements(desk: Desk) -> words.Words:
    """Every decision on a passage that was decided on in more than one way; the later counts."""
    rows = desk.reread().disagreements
    shown = pd.DataFrame({"Passage": rows["passage_id"], "Who": rows["who"], "When": rows["decided_at"].str[:16],
                          "Codes": [", ".join(sorted(desk.decisions.codes_of(row))) or "none" for _, row in rows.iterrows()],
                          "Counts": ["yes" if counts else "no" for counts in rows["counts"]], "Note": rows["note"]})
    return words.table(shown, caption="Passages that were decided on in more than one way")


def upcoming(desk: Desk, *, count: int = 10) -> words.Words:
    """The passages that come next and what each is worth beside the first."""
    rows = desk.order.iloc[desk.place:desk.place + count]
    shown = pd.DataFrame({"Passage": [words.shortened(text, 90) for text in rows["text"]], "Worth": [f"{worth:.2f}" for worth in rows["worth"]]})
    return words.table(shown, caption="What to read next: where a decision would teach the mapping most", first_is_name=False)
