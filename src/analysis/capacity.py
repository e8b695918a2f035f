"""Whether a run fits into memory, said before it starts; and a sample of the contributions for one that does not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.contributions import SET_ASIDE, Contributions
from analysis.errors import ReckonsError
from analysis.neighbours import BLOCK_CELLS, BLOCK_ROWS

MB = 1_048_576
# Calibrated on whole runs on generated texts of 24 words (tests/benchmarks/scale.py growth --refits 0), highest memory of the process: 869 MB for 1,000, 1,069 for
# 10,000 and 1,932 for 100,000 (1,523 by the end of the themes); predicted without SPARE 959, 1,045 and 1,904 (1,589). What a process of refits takes was read
# off other runs (340 to 470 MB). Beyond 100,000 the line is drawn on and has not been tried. Texts differ in length, so a third as much again is left free.
ALONE_MB, REFITTING_MB, GRAPH_BYTES, CODES_BYTES, SPARE = 950, 450, 3_500, 6_500, 1.33
# A similarity while the nearest are chosen: itself, and whether it is one of the near.
CELL_BYTES = 5
# A passage holds about 120 words at most.
CHARACTERS_PER_PASSAGE = 700


def needed_mb(passages: int, *, refits: int) -> dict[str, int]:
    """Memory in MB that the largest stages of a run will need, by stage: a line through measured runs, and a third more.

    How it was calibrated, and beside what it was held, stands with the constants.
    """
    cells = min(passages * BLOCK_ROWS, BLOCK_CELLS)
    themes = passages * GRAPH_BYTES + cells * CELL_BYTES
    return {"themes": round(SPARE * (ALONE_MB + (2 * REFITTING_MB if refits else 0) + themes / MB)),
            "framework": round(SPARE * (ALONE_MB + passages * (GRAPH_BYTES + CODES_BYTES) / MB))}


def free_mb() -> int:
    """Memory in MB that this process may still take: what the system has free, or less where its control group has a limit."""
    import psutil

    return min([psutil.virtual_memory().available, *_left_in_groups()]) // MB


def _left_in_groups(root: Path = Path("/sys/fs/cgroup"), own: Path = Path("/proc/self/cgroup")) -> list[int]:
    """What the limits of the control groups of this process leave, in bytes; both kinds of groups, nothing where there are none."""
    try:
        lines = [line.split(":", 2) for line in own.read_text(encoding="utf-8").splitlines()]
    except OSError:
        return []
    left = []
    for _, names, path in lines:
        folder, limit, used = ((root, "memory.max", "memory.current") if not names else
                               (root / "memory", "memory.limit_in_bytes", "memory.usage_in_bytes"))
        if names and "memory" not in names.split(","):
            continue
        here = folder / path.lstrip("/")
        for place in (here, *(above for above in here.parents if above == folder or folder in above.parents)):
            try:
                left.append(max(0, int((place / limit).read_text()) - int((place / used).read_text())))
            except (OSError, ValueError):  # no such file, or "max"
                continue
    return left


def must_fit(kept: pd.DataFrame, *, refits: int) -> None:
    """Raise ``ReckonsError`` when a run of these contributions would need more memory than there is."""
    passages = int(np.maximum(1, -(-kept["text"].str.len() // CHARACTERS_PER_PASSAGE)).sum()) if len(kept) else 0
    needed, free = needed_mb(passages, refits=refits), free_mb()
    stage = max(needed, key=needed.get)
    if needed[stage] <= free or needed[stage] <= needed_mb(0, refits=refits)[stage]:
        return
    share = next((part for part in (0.5, 0.2, 0.1, 0.05, 0.02, 0.01) if max(needed_mb(int(part * passages), refits=refits).values()) <= free), 0.01)
    raise ReckonsError(
        f"This run would not fit into memory: the stage \"{stage}\" needs about {needed[stage] / 1024:.1f} GB for {len(kept):,} contributions (about {passages:,} "
        f"passages), and {free / 1024:.1f} GB are free. Run it where there is more, close what else is running, or have a sample drawn at random: "
        f"--sample {max(1, int(share * len(kept)))}. Nothing was computed.")


def sampled(contributions: Contributions, size: int | None, *, seed: int) -> Contributions:
    """The contributions with ``size`` of them kept, each as likely as any other; the others are set aside with that reason.

    Of copies of which the first is not drawn, the first that is drawn stands for them; a reply whose parent is not drawn names none.
    """
    kept = contributions.kept
    if size is None or size >= len(kept):
        return contributions
    drawn = np.zeros(len(kept), dtype=bool)
    drawn[np.random.default_rng(seed).choice(len(kept), size, replace=False)] = True
    left, out = kept[drawn].reset_index(drop=True), kept[~drawn]
    gone = left["duplicate_of"].isin(out["contribution_id"])
    heads = left[gone].groupby("duplicate_of")["contribution_id"].transform("first")
    left.loc[gone, "duplicate_of"] = heads.where(heads != left.loc[gone, "contribution_id"])
    left["parent_id"] = left["parent_id"].where(~left["parent_id"].isin(out["contribution_id"]))
    aside = out.assign(reason=f"not among the {size:,} contributions that were drawn")[SET_ASIDE]
    aside = pd.concat([contributions.set_aside, aside]).astype(contributions.set_aside.dtypes)
    aside = aside.sort_values(["source_file", "row", "contribution_id"], kind="stable", ignore_index=True)
    return replace(contributions, kept=left, set_aside=aside, settings={**contributions.settings, "sample": {"drawn": size, "of": len(kept), "seed": seed}})
