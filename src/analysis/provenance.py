"""Where results come from: hashes, versions, settings and memory for the manifest."""

from __future__ import annotations

import hashlib
import json
import platform
import sys
from functools import cache
from importlib import metadata
from pathlib import Path

# The packages whose version can change a figure or a page.
PACKAGES = ("reckons", "pandas", "numpy", "scikit-learn", "umap-learn", "hdbscan", "numba",
            "sentence-transformers", "transformers", "torch", "plotly", "nbconvert", "semantic-text-splitter")


def file_sha256(path: Path) -> str:
    """SHA-256 of a file's bytes, in hexadecimal; the file is read in blocks."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def text_sha256(text: str) -> str:
    """SHA-256 of a text in UTF-8, in hexadecimal."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def recipe(**parts) -> str:
    """One key for everything that decides a result; equal parts give equal keys.

    ``parts`` must be plain data (strings, numbers, lists, dicts).
    """
    return text_sha256(json.dumps(parts, sort_keys=True, ensure_ascii=False))


def table_sha256(table) -> str:
    """SHA-256 of a pandas table's values and column names, in row order."""
    import pandas as pd

    digest = hashlib.sha256(json.dumps([str(c) for c in table.columns]).encode())
    digest.update(pd.util.hash_pandas_object(table, index=False).to_numpy().tobytes())
    return digest.hexdigest()


@cache
def package_versions() -> dict[str, str]:
    """Version of every package that can change a figure; absent ones are left out."""
    versions = {}
    for name in PACKAGES:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return versions


@cache
def code_sha256() -> str:
    """SHA-256 over the package's own source, so that an edit is never mistaken for no change."""
    digest = hashlib.sha256()
    package = Path(__file__).parent
    for path in sorted(package.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            digest.update(path.relative_to(package).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def machine() -> str:
    """The kind of machine in words, without its name."""
    return f"Python {platform.python_version()}, {platform.system()} {platform.machine()}"


def peak_memory_mb() -> float | None:
    """Highest resident memory of this process so far, in MB; None where the system does not tell."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (1_048_576 if sys.platform == "darwin" else 1_024), 1)
