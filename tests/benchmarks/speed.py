"""How fast it is, beside BERTopic and the encoder's own library, on this machine; how it grows is in ``scale.py``.

    pip install bertopic                              # for this benchmark only; the project does not need it
    python tests/benchmarks/speed.py                  # cold, rerun, start, embedding; or some, or: opening
    python tests/benchmarks/speed.py cold --texts 500 --file answers.csv

Commands that are compared run in turn, as whole processes, ``--times`` times each; the medians are printed, with the ratio
of the medians. "CPU" is user and system time of a process and its children, which other work on the machine disturbs less.
Without ``--file`` the texts are the sentences of the bundled example, in new pairs until there are enough.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from corpora import sentences

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
    for kind, options in (("tables alone", ("--no-pages",)), ("with pages", ())):
        out = work / f"rerun-{len(made)}"
        first = timed(reckons(raw, out, *options))

        def with_new() -> list[str]:
            number = next(raws)
            new = table.head(max(1, len(table) // 100)).assign(text=lambda t: t["text"] + f" Once more, number {number}.")
            grown = raw.parent / f"grown-{number}" / raw.name  # by the same name: rows without an id of their own are known by file and text
            grown.parent.mkdir()
            pd.concat([table, new]).to_csv(grown, index=False)
            beside = out.with_name(f"{out.name}-{number}")  # every time from the same run: what was new the time before would count as gone
            shutil.copytree(out, beside)
            return reckons(grown, beside, *options)

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
    library = lambda texts: encoder.model.encode(texts, normalize_embeddings=True, show_progress_bar=False)
    ours, both = encoder.encode, reading.encode_both
    for encode in (library, ours, both):  # what is loaded or compiled once is not counted
        encode(texts[:32])
    made, seconds = {}, {"SentenceTransformer.encode": [], f"reckons, {encoder.precision}": [], "and the codes, in the same pass": []}
    for _ in range(times):
        for name, encode in zip(seconds, (library, ours, both)):
            begin = time.perf_counter()
            made[name] = encode(texts)
            seconds[name].append(time.perf_counter() - begin)
    by_library, vectors, _ = (found.astype(np.float64) for found in made.values())
    worst, half = float((by_library * vectors).sum(axis=1).min()), vectors.astype(np.float16).astype(np.float64)
    stored = float(((vectors * half).sum(axis=1) / np.linalg.norm(vectors, axis=1) / np.linalg.norm(half, axis=1)).min())
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
    parser.add_argument("parts", nargs="*", help="cold, rerun, start, embedding, opening; the first four unless given")
    parser.add_argument("--texts", type=int, nargs="+", default=[500, 5_000], help="how many texts")
    parser.add_argument("--file", type=Path, help="a CSV with a column text")
    parser.add_argument("--times", type=int, default=3)
    options = parser.parse_args()
    parts = options.parts or ["cold", "rerun", "start", "embedding"]
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


def show(title: str, table: pd.DataFrame) -> None:
    print(f"\n{title}\n{table.round(3).to_string()}", flush=True)


if __name__ == "__main__":
    main()
