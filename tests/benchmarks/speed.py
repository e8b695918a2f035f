"""How fast it is, beside BERTopic and the encoder's own library, on this machine.

    pip install bertopic                              # for this benchmark only; the project does not need it
    python tests/benchmarks/speed.py                  # cold, rerun, start, embedding, growth; or some, or: opening, agreement
    python tests/benchmarks/speed.py cold --texts 500 --file answers.csv

Commands that are compared run in turn, as whole processes, ``--times`` times each; the medians are printed, with the ratio
of the medians. "CPU" is user and system time of a process and its children, which other work on the machine disturbs less.
Without ``--file`` the texts are the sentences of the bundled example, in new pairs until there are enough.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

EXAMPLE = Path(__file__).resolve().parents[2] / "data" / "raw" / "example"
# BERTopic as it comes, with the packaged encoder.
BERTOPIC = """
import sys, pandas as pd
from bertopic import BERTopic
from sentence_transformers import SentenceTransformer
from analysis.embedding import find_model
texts = pd.read_csv(sys.argv[1])["text"].astype(str).tolist()
BERTopic(embedding_model=SentenceTransformer(str(find_model().folder), device="cpu")).fit_transform(texts)
"""
FIRST_FIGURE = """
import analysis
from analysis import figures, findings
findings.barriers.shares(analysis.open_run({folder!r})).draw(figures.shares).to_json()
"""


def machine() -> str:
    """Processor, cores, memory and the versions that matter, in one line."""
    from importlib.metadata import version

    info = Path("/proc/cpuinfo")
    name = re.search(r"model name\s*: (.*)", info.read_text())[1] if info.exists() else platform.processor()
    busy = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    return f"{name}, {os.cpu_count()} cores{busy}, Python {platform.python_version()}, torch {version('torch')}, umap-learn {version('umap-learn')}"


def sentences(count: int) -> list[str]:
    """Distinct short texts made of the example's sentences, the same every time."""
    from analysis import read

    found = {s.strip() for text in read(EXAMPLE).kept["text"] for s in re.split(r"(?<=[.!?])\s+", text) if 20 < len(s) < 200}
    single, draw, texts = sorted(found), random.Random(7), []
    texts += single[:count]
    while len(texts) < count:
        texts.append(" ".join(draw.sample(single, 2)))
    return texts


def timed(command: list[str]) -> dict:
    """Seconds on the clock, seconds of CPU, and the highest memory of any one process in MB."""
    begin = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    said = process.stderr.read()
    _, status, used = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{' '.join(command)} failed:\n{said.decode()[-2000:]}")
    return {"wall": time.perf_counter() - begin, "cpu": used.ru_utime + used.ru_stime, "MB": used.ru_maxrss / 1024}


def in_turn(commands: dict, times: int) -> pd.DataFrame:
    """Medians of every command, run in turn so that a busy minute hits all of them; a command is made anew each time."""
    found = {name: [] for name in commands}
    for _ in range(times):
        for name, make in commands.items():
            found[name].append(timed(make()))
    return pd.DataFrame({name: {key: statistics.median(one[key] for one in rows) for key in rows[0]} for name, rows in found.items()}).T


def reckons(raw: Path, out: Path, *options: str) -> list[str]:
    return [sys.executable, "-m", "analysis.cli", "run", str(raw), "--out", str(out), "--quiet", *options]


def cold(raw: Path, times: int, work: Path) -> pd.DataFrame:
    """Whole processes from raw texts: all tables without refits and pages, everything, and BERTopic's topics."""
    fresh = iter(range(1_000_000))
    made = in_turn({
        "BERTopic: topics": lambda: [sys.executable, "-c", BERTOPIC, str(raw)],
        "reckons: all tables": lambda: reckons(raw, work / f"t{next(fresh)}", "--refits", "0", "--no-pages"),
        "reckons: 30 refits and pages": lambda: reckons(raw, work / f"a{next(fresh)}"),
    }, times)
    return made.assign(**{"wall ratio": made["wall"] / made["wall"].iloc[0], "cpu ratio": made["cpu"] / made["cpu"].iloc[0]})


def rerun(raw: Path, times: int, work: Path) -> pd.DataFrame:
    """After a run with 30 refits: nothing changed, and one text in a hundred new; each against the first run that did the same, with and without pages."""
    table, raws, made = pd.read_csv(raw), iter(range(1_000_000)), []
    for kind, options in (("with pages", ()), ("tables alone", ("--no-pages",))):
        out = work / f"rerun-{len(made)}"
        first = timed(reckons(raw, out, *options))

        def with_new() -> list[str]:
            number = next(raws)
            new = table.head(max(1, len(table) // 100)).assign(text=lambda t: t["text"] + f" Once more, number {number}.")
            grown = raw.with_name(f"grown-{number}.csv")
            pd.concat([table, new]).to_csv(grown, index=False)
            return reckons(grown, out, *options)

        again = pd.concat([in_turn({f"nothing changed, {kind}": lambda: reckons(raw, out, *options)}, times), in_turn({f"1 % new, {kind}": with_new}, times)])
        again = pd.concat([pd.DataFrame({f"cold, {kind}": first}).T, again])
        made.append(again.assign(**{"wall ratio": again["wall"] / first["wall"], "cpu ratio": again["cpu"] / first["cpu"]}))
    return pd.concat(made)


def start(raw: Path, times: int, work: Path) -> pd.DataFrame:
    """Importing, the help, and the first figure of a finished run."""
    timed(reckons(raw, work / "run", "--refits", "0", "--no-pages"))
    code = FIRST_FIGURE.format(folder=str(work / "run"))
    return in_turn({"import analysis": lambda: [sys.executable, "-c", "import analysis"],
                    "reckons --help": lambda: [sys.executable, "-m", "analysis.cli", "--help"],
                    "first figure": lambda: [sys.executable, "-c", code]}, times)


def embedding(texts: list[str], times: int) -> pd.DataFrame:
    """Texts a second within one process, beside ``SentenceTransformer.encode`` as it comes, and the share of a plain product's rate."""
    import torch

    from analysis import coefficients
    from analysis.adapted import AdaptedEncoder
    from analysis.embedding import load_encoder

    encoder = load_encoder()
    reading = AdaptedEncoder(encoder, coefficients.load())
    library = lambda: encoder.model.encode(texts, normalize_embeddings=True, show_progress_bar=False)
    ours = lambda: encoder.encode(texts)
    both = lambda: reading.encode_both(texts)
    worst = float((library() * ours()).sum(axis=1).min())
    made = ours().astype(np.float64)
    half = made.astype(np.float16).astype(np.float64)
    stored = float(((made * half).sum(axis=1) / np.linalg.norm(made, axis=1) / np.linalg.norm(half, axis=1)).min())
    seconds = {"SentenceTransformer.encode": [], f"reckons, {encoder.precision}": [], "and the codes, in the same pass": []}
    for _ in range(times):
        for name, encode in zip(seconds, (library, ours, both)):
            begin = time.perf_counter()
            encode()
            seconds[name].append(time.perf_counter() - begin)
    weights = sum(p.numel() for name, p in encoder.model[0].auto_model.named_parameters() if p.dim() == 2 and "embeddings" not in name)
    tokens = sum(encoder.count_tokens(text) + 2 for text in texts)
    plain = product_rate(torch.bfloat16 if encoder.precision == "bfloat16" else torch.float32)
    layers = reading.coefficients.settings.layers * reading.coefficients.settings.members / encoder.stack.depth  # of the adapters, beside the encoder's own
    rows = {name: {"texts/s": len(texts) / statistics.median(took), "of the product's rate": share * 2 * weights * tokens / statistics.median(took) / plain}
            for (name, took), share in zip(seconds.items(), (1, 1, 1 + layers))}
    table = pd.DataFrame(rows).T
    print(f"{torch.get_num_threads()} threads; plain product {plain / 1e9:.0f} GFLOP/s; {tokens / len(texts):.0f} tokens a text; stored in half precision, worst cosine {stored:.8f}")
    return table.assign(ratio=table["texts/s"] / table["texts/s"].iloc[0], **{"worst cosine": [1.0, worst, worst]})


def product_rate(precision, size: int = 2_048) -> float:
    """Multiply-adds times two a second of a plain matrix product."""
    import torch

    one = torch.randn(size, size, dtype=precision)
    took = []
    for _ in range(8):
        begin = time.perf_counter()
        one @ one
        took.append(time.perf_counter() - begin)
    return 2 * size**3 / min(took)


def growth(counts: list[int], refits: int = 0) -> pd.DataFrame:
    """Seconds a stage and peak memory on generated vectors, each count in a process of its own, and how they grow."""
    rows = {}
    for count in counts:
        done = subprocess.run([sys.executable, __file__, "grown", "--texts", str(count), "--refits", str(refits)], stdout=subprocess.PIPE, check=True, text=True)
        rows[f"{count:,}"] = json.loads(done.stdout.splitlines()[-1])
        print(f"{count:,}: {rows[f'{count:,}']}", flush=True)
    table = pd.DataFrame(rows)
    if len(counts) > 1:
        table["exponent"] = np.log(table.iloc[:, -1].clip(lower=1e-3) / table.iloc[:, -2].clip(lower=1e-3)) / np.log(counts[-1] / counts[-2])
    return table


def grown(count: int, refits: int = 0) -> dict:
    """One step of ``growth``: every stage after embedding, on vectors in 200 clumps."""
    import resource

    from analysis import framework, runs
    from analysis.mapping import map_to_framework
    from analysis.themes import find_themes
    from analysis.vectors import KEY, VectorStore

    draw = np.random.default_rng(3)
    vectors, passages = generated(count, draw)
    ids = passages["passage_id"].tolist()
    seconds, begin = {}, time.perf_counter()

    def lap(name: str) -> None:
        nonlocal begin
        seconds[name], begin = round(time.perf_counter() - begin, 2), time.perf_counter()
        seconds[f"{name}, peak MB so far"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024

    with tempfile.TemporaryDirectory() as folder:
        VectorStore(Path(folder), "recipe", 384).add(np.array([f"{place:032}" for place in range(count)], dtype=KEY), vectors)
        lap("store")
        store = VectorStore(Path(folder), "recipe", 384)
        lap("open the store")
        vectors = store.rows(np.arange(count))
        lap("take the vectors")
        find_themes(vectors, passages, seed=7, refits=refits)
        lap(f"themes, {refits} refits")
        codes = framework.load().codes["code"]
        scores = pd.DataFrame(draw.random((count, len(codes))), columns=codes.tolist())
        found = map_to_framework(vectors, passages, probabilities=lambda *_: (scores, {}))
        lap("decisions and table")
        runs.write_table(found.table, Path(folder) / "mapping.parquet")
        runs.write_table(found.table, Path(folder) / "mapping.csv")
        lap("tables on disk")
    return seconds


def generated(count: int, draw: np.random.Generator) -> tuple[np.ndarray, pd.DataFrame]:
    """Vectors in 200 clumps of very different size, and a passage of made-up words for each."""
    clumps = draw.normal(size=(200, 384)).astype(np.float32)
    share = draw.pareto(1.5, size=200) + 0.2
    vectors = clumps[draw.choice(200, size=count, p=share / share.sum())] + 1.5 * draw.standard_normal(size=(count, 384), dtype=np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    ids = [f"c{place:07}" for place in range(count)]
    return vectors, pd.DataFrame({"passage_id": ids, "contribution_id": ids, "start": 0, "end": 12, "text": [f"text {one}" for one in ids],
                                  "contributor": "p", "lang": "en"}).astype({"contributor": "str"})


def agreement(count: int, fitted: int) -> pd.DataFrame:
    """What is lost when themes are found in a sample and the other messages placed: agreement with the fit on everything, and, to hold it against, that of two
    fits on everything with different seeds."""
    from sklearn.metrics import adjusted_mutual_info_score, adjusted_rand_score

    from analysis import sampling
    from analysis.themes import find_themes

    vectors, passages = generated(count, np.random.default_rng(3))
    found = {}
    for name, most, seed in (("everything", count, 7), ("everything, another seed", count, 8), (f"a sample of {fitted:,}", fitted, 7)):
        sampling.FITTED_AT_MOST, begin = most, time.perf_counter()
        themes = find_themes(vectors, passages, seed=seed, refits=0)
        parent = themes.themes.set_index("theme_id")["parent_id"]
        finest = themes.membership["theme_id"].fillna("none")
        found[name] = {"seconds": time.perf_counter() - begin, "finer": finest, "broad": finest.map(parent).fillna(finest)}
        print(f"{name}: {found[name]['seconds']:.0f} s", flush=True)
    base = found["everything"]
    return pd.DataFrame({name: {"seconds": one["seconds"], **{f"{score} {level}": of(base[level], one[level]) for level in ("finer", "broad") for score, of in
                                                              (("AMI", adjusted_mutual_info_score), ("ARI", adjusted_rand_score))}}
                         for name, one in found.items()}).T


def opening(counts: list[int]) -> pd.DataFrame:
    """Seconds until a cache of so many vectors is open and a thousand of them are found, and its size on disk."""
    from analysis.vectors import KEY, VectorStore

    rows = {}
    for count in counts:
        keys = np.array([f"{place * 2_654_435_761 % 2**64:032x}" for place in range(count)], dtype=KEY)
        with tempfile.TemporaryDirectory() as folder:
            VectorStore(Path(folder), "recipe", 384).add(keys, np.zeros((count, 384), dtype=np.float16))
            begin = time.perf_counter()
            store = VectorStore(Path(folder), "recipe", 384)
            opened = time.perf_counter() - begin
            assert (store.find(keys[:1_000]) >= 0).all()
            rows[f"{count:,}"] = {"open, s": opened, "find 1,000, s": time.perf_counter() - begin - opened,
                                  "MB": sum(p.stat().st_size for p in Path(folder).rglob("*.safetensors")) / 1e6}
    return pd.DataFrame(rows).T


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", help="cold, rerun, start, embedding, growth, opening, agreement; the first five unless given")
    parser.add_argument("--texts", type=int, nargs="+", default=[500, 5_000], help="how many texts")
    parser.add_argument("--file", type=Path, help="a CSV with a column text")
    parser.add_argument("--fitted", type=int, default=20_000, help="messages in the sample, of agreement")
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--refits", type=int, default=0, help="of growth")
    options = parser.parse_args()
    if options.parts == ["grown"]:
        print(json.dumps(grown(options.texts[0], refits=options.refits)))
        return
    parts = options.parts or ["cold", "rerun", "start", "embedding", "growth"]
    print(machine())
    for count in options.texts:
        texts = pd.read_csv(options.file)["text"].astype(str).tolist()[:count] if options.file else sentences(count)
        with tempfile.TemporaryDirectory() as folder:
            raw = Path(folder) / "texts.csv"
            pd.DataFrame({"text": texts}).to_csv(raw, index=False)
            for name, made in {"cold": cold, "rerun": rerun, "start": start}.items():
                if name in parts:
                    show(f"{name}, {len(texts):,} texts, medians of {options.times}", made(raw, options.times, Path(folder)))
        if "embedding" in parts:
            show(f"embedding, {len(texts):,} texts, medians of {options.times}", embedding(texts, options.times))
    if "opening" in parts:
        show("opening the cache", opening([10_000, 100_000, 1_000_000]))
    if "agreement" in parts:
        show("themes found in a sample", agreement(options.texts[0], options.fitted))
    if "growth" in parts:
        show("growth, generated vectors", growth([1_000, 10_000, 100_000] if "--texts" not in sys.argv else options.texts, options.refits))


def show(title: str, table: pd.DataFrame) -> None:
    print(f"\n{title}\n{table.round(3).to_string()}", flush=True)


if __name__ == "__main__":
    main()
