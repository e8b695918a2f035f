"""How time and memory grow with the number of contributions, and what it costs to find themes in a sample.

    python tests/benchmarks/scale.py growth                            # whole runs on 1,000, 10,000 and 100,000 generated texts
    python tests/benchmarks/scale.py growth --keep FOLDER              # keeps what was embedded: only the other stages are measured again
    python tests/benchmarks/scale.py vectors --texts 1000000           # all stages but embedding, on generated vectors
    python tests/benchmarks/scale.py agreement --texts 100000 --fitted 20000
    python tests/benchmarks/scale.py agreement --keep FOLDER           # the same on embedded generated texts, of a growth that was kept

The memory is that of all processes of a run together, shared pages counted once, looked at twice a second. An exponent is the slope
between the two largest numbers on a logarithmic scale: 1 is linear.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path

import numpy as np
import pandas as pd
from corpora import generated, written
from speed import machine, reckons, show

COUNTS = [1_000, 10_000, 100_000]


def growth(counts: list[int], *, refits: int, folder: Path) -> pd.DataFrame:
    """Seconds a stage, CPU seconds and peak memory of whole runs, beside the memory that was predicted, and how they grow."""
    from analysis.capacity import SPARE, needed_mb

    rows = {}
    for count in counts:
        raw, out = folder / f"{count}.csv", folder / f"run-{count}"
        if not raw.exists():
            written(count)[["id", "author", "text"]].to_csv(raw, index=False)
        used = measured(reckons(raw, out, "--refits", str(refits), "--no-pages", "--fresh"))
        found = json.loads((out / "manifest.json").read_text())
        stages = {stage["name"]: stage["seconds"] for stage in found["stages"]}
        rows[f"{count:,}"] = {**stages, **used, "MB of this process": found["peak_memory_mb"], "MB predicted": max(needed_mb(count, refits=refits).values()) / SPARE, "embedding, share": stages["embed"] / sum(stages.values()),
                              **{f"MB after {stage['name']}": stage["peak_memory_mb"] for stage in found["stages"]}}
        print(f"{count:,}: {rows[f'{count:,}']}, {next(s['note'] for s in found['stages'] if s['name'] == 'embed')}", flush=True)
    return with_exponent(pd.DataFrame(rows), counts)


def vectors(counts: list[int], *, refits: int) -> pd.DataFrame:
    """Seconds a stage and peak memory of everything but embedding, each number in a process of its own."""
    rows = {}
    for count in counts:
        command = [sys.executable, __file__, "one", "--texts", str(count), "--refits", str(refits)]
        with tempfile.NamedTemporaryFile() as file:
            used = measured(command, file)
            rows[f"{count:,}"] = json.loads(Path(file.name).read_text().splitlines()[-1]) | used
        print(f"{count:,}: {rows[f'{count:,}']}", flush=True)
    return with_exponent(pd.DataFrame(rows), counts)


def with_exponent(table: pd.DataFrame, counts: list[int]) -> pd.DataFrame:
    if len(counts) > 1:
        last, before = (table.iloc[:, place].clip(lower=1e-3) for place in (len(counts) - 1, len(counts) - 2))
        table["exponent"] = np.log(last / before) / np.log(counts[-1] / counts[-2])
    return table


def measured(command: list[str], out=None) -> dict:
    """A command's seconds, CPU seconds with those of its children, and the highest memory of all its processes together."""
    import psutil

    begin, peak = time.perf_counter(), 0
    process = psutil.Popen(command, stdout=out or subprocess.DEVNULL)
    cpu: dict[int, float] = {}
    while process.poll() is None:
        total = 0
        with suppress(psutil.Error):
            for one in [process, *process.children(recursive=True)]:
                with suppress(psutil.Error):
                    total += one.memory_full_info().pss
                    times = one.cpu_times()
                    cpu[one.pid] = times.user + times.system
        peak = max(peak, total)
        time.sleep(0.5)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} failed")
    return {"seconds": round(time.perf_counter() - begin, 1), "CPU seconds": round(sum(cpu.values()), 1), "MB, all processes": peak // 2**20}


def one(count: int, *, refits: int) -> dict:
    """One step of ``vectors``: contributions as tables, and every stage that follows reading but embedding."""
    from types import SimpleNamespace

    from analysis import framework, ledger, runs
    from analysis.mapping import map_to_framework
    from analysis.provenance import peak_memory_mb
    from analysis.themes import find_themes
    from analysis.vectors import KEY, VectorStore

    made, passages, _ = generated(count)
    kept = passages.assign(source_file="generated", duplicate_of=None)
    seconds, begin = {}, time.perf_counter()

    def lap(name: str) -> None:
        nonlocal begin
        seconds.update({name: round(time.perf_counter() - begin, 2), f"MB after {name}": peak_memory_mb()})
        print(f"{name}: {seconds[name]} s, {seconds[f'MB after {name}']} MB", file=sys.stderr, flush=True)
        begin = time.perf_counter()

    with tempfile.TemporaryDirectory() as folder:
        keys = np.array([f"{place:032}" for place in range(count)], dtype=KEY)
        VectorStore(Path(folder), "recipe", 384).add(keys, made)
        del made
        lap("store")
        store = VectorStore(Path(folder), "recipe", 384)
        found = store.rows(store.find(keys))
        lap("take the vectors")
        themes = find_themes(found, passages, seed=7, refits=refits)
        lap("themes")
        codes, draw = framework.load().codes["code"].tolist(), np.random.default_rng(1)
        mapping = map_to_framework(found, passages, probabilities=lambda *_: (pd.DataFrame(draw.random((count, len(codes)), dtype=np.float32), columns=codes), {}))
        lap("framework")
        ledger.account(SimpleNamespace(kept=kept, set_aside=kept.head(0).assign(reason=""), records_read=count, settings={}), passages,
                       membership=themes.membership, decisions=mapping.outcomes, mapping=mapping.table)
        lap("ledger")
        for name, table in {"passages.parquet": passages, "membership.parquet": themes.membership, "mapping.parquet": mapping.table, "mapping.csv": mapping.table}.items():
            runs.write_table(table, Path(folder) / name)
        lap("tables on disk")
    return seconds


def agreement(vectors: np.ndarray, passages: pd.DataFrame, truth: pd.DataFrame, *, fitted: int) -> pd.DataFrame:
    """What is lost when themes are found in a sample and the other messages placed: agreement (AMI) with the fit on everything and with the
    known groups, beside that of other fits on everything: with another seed, and looking for as few themes as in the sample."""
    from sklearn.metrics import adjusted_mutual_info_score as ami

    from analysis import sampling, themes

    messages = themes.messages_of(vectors, passages)
    themes.messages_of = lambda *_: messages  # the graph of all is the same each time
    count, usual, found = len(passages), themes.FINE_SHARE, {}
    few = usual * fitted / count
    ways = {"everything": (count, 7, few), "everything, another seed": (count, 8, few), f"a sample of {fitted:,}": (fitted, 7, usual),
            f"another sample of {fitted:,}": (fitted, 8, usual), "everything, with its own number of themes": (count, 7, usual)}
    for name, (most, seed, share) in ways.items():
        sampling.FITTED_AT_MOST, themes.FINE_SHARE, begin = most, share, time.perf_counter()
        made = themes.find_themes(vectors, passages, seed=seed, refits=0)
        parent = made.themes.set_index("theme_id")["parent_id"]
        finest = made.membership["theme_id"].fillna("none")
        found[name] = {"seconds": time.perf_counter() - begin, "finer": finest, "broad": finest.map(parent).fillna(finest)}
        print(f"{name}: {found[name]['seconds']:.0f} s, {finest.nunique() - 1} finer themes", flush=True)
    base = found["everything"]
    return pd.DataFrame({name: {"seconds": way["seconds"], "in none": (way["finer"] == "none").mean(),
                                **{f"AMI {level}": ami(base[level], way[level]) for level in ("finer", "broad")},
                                "AMI known subjects": ami(truth["subject"], way["finer"]), "AMI known fields": ami(truth["field"], way["broad"])}
                         for name, way in found.items()}).T


def embedded(folder: Path, count: int) -> tuple[np.ndarray, pd.DataFrame, pd.DataFrame]:
    """Passages and vectors of a growth that was kept, and their known groups."""
    from analysis import open_run
    from analysis.embedding import embed

    passages = open_run(folder / f"run-{count}").passages
    truth = written(count).set_index("id").loc[passages["contribution_id"], ["subject", "field"]].reset_index(drop=True)
    return embed(passages, cache=folder / f"run-{count}" / "vectors"), passages, truth


@contextmanager
def temporary():
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", choices=["growth", "vectors", "agreement", "one"])
    parser.add_argument("--texts", type=int, nargs="+", help="how many; growth and vectors take several")
    parser.add_argument("--fitted", type=int, default=20_000, help="messages in the sample, of agreement")
    parser.add_argument("--refits", type=int, default=30)
    parser.add_argument("--keep", type=Path, help="a folder for the runs of growth, which stay there")
    options = parser.parse_args()
    counts = options.texts or (COUNTS if options.part == "growth" else COUNTS[-1:])
    if options.part == "one":
        print(json.dumps(one(counts[0], refits=options.refits)))
        return
    print(machine())
    if options.part == "growth":
        with nullcontext(options.keep) if options.keep else temporary() as folder:
            folder.mkdir(parents=True, exist_ok=True)
            show(f"growth, generated texts, {options.refits} refits", growth(counts, refits=options.refits, folder=folder))
    elif options.part == "vectors":
        show(f"all stages but embedding, generated vectors, {options.refits} refits", vectors(counts, refits=options.refits))
    else:
        made = embedded(options.keep, counts[0]) if options.keep else generated(counts[0])
        show(f"themes of {counts[0]:,} found in {options.fitted:,}, {'embedded texts' if options.keep else 'generated vectors'}", agreement(*made, fitted=options.fitted))


if __name__ == "__main__":
    main()
