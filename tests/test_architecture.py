"""How the house stands: imports run one way, heavy libraries have one door, starting is instant."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parent.parent / "src" / "analysis"

# A module may import from its own row and the rows above it.
ROWS = [
    {"errors", "markup", "parts"},
    {"framework", "sources", "privacy", "provenance", "labels", "agreement", "languages", "register", "disclosure", "reference", "models", "stack", "batches"},
    {"contributions", "passages", "vectors"},
    {"embedding"},
    {"neighbours", "reduction", "clustering", "coefficients", "vocabulary", "folds", "thresholds", "evaluation"},
    {"layers"},
    {"adapter", "adapted", "similarity", "distribution"},
    {"prediction"},
    {"phrases", "unplaced"},
    {"asking"},
    {"campaigns", "quotes", "consensus", "identity", "portraits", "sampling", "stability", "description", "training", "mapping", "review", "priority"},
    {"themes"},
    {"ledger", "comparison", "runs", "traces", "erasure", "capacity"},
    {"continuation"},
    {"figures", "findings", "words", "selections"},
    {"publishing", "exploring", "opendata"},
    {"explanation", "buttons", "desk", "laboratory"},
    {"progress", "assessment", "pipeline"},
    {"withdrawals"},
    {"fetching"},
    {"cli"},
]
RANK = {name: rank for rank, row in enumerate(ROWS) for name in row}
# One door for each heavy library; sentence-transformers brings torch and its relatives.
DOORS = {
    "torch": {"embedding", "stack", "batches", "layers", "adapter", "adapted"}, "transformers": {"embedding"}, "sentence_transformers": {"embedding"},
    "tokenizers": {"embedding"}, "huggingface_hub": {"models"},
    "umap": {"reduction"}, "hdbscan": {"clustering"}, "plotly": {"figures"}, "anywidget": {"figures"}, "ipywidgets": {"buttons", "exploring"}, "distributed": {"distribution"},
    "nbconvert": {"publishing"}, "nbclient": {"publishing"}, "trafilatura": {"sources"}, "pandera": {"contributions"},
    "semantic_text_splitter": {"passages"}, "httpx": {"fetching"}, "tenacity": {"fetching"}, "feedparser": {"sources"}, "mistune": {"markup"}, "py3langid": {"languages"}, "HanTa": {"phrases"},
}


def module_of(path: Path) -> str:
    return path.relative_to(SOURCE).parts[0].removesuffix(".py")


def imports(path: Path, *, top_level: bool = False) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    nodes = tree.body if top_level else ast.walk(tree)
    found = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path.name}: imports are absolute here"
            found.add(node.module)
            if node.module == "analysis":
                found |= {f"analysis.{alias.name}" for alias in node.names}
    return found


FILES = sorted(p for p in SOURCE.rglob("*.py") if p != SOURCE / "__init__.py")


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.relative_to(SOURCE).as_posix())
def test_imports_run_one_way(path):
    module = module_of(path)
    assert module in RANK, f"{module} has no place in the house: add it to ROWS"
    for name in imports(path):
        parts = name.split(".")
        if parts[0] == "analysis" and len(parts) > 1 and parts[1] in RANK and parts[1] != module:
            assert RANK[parts[1]] <= RANK[module], f"{module} imports {parts[1]}, which stands above it"


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.relative_to(SOURCE).as_posix())
def test_each_heavy_library_has_one_door_and_is_opened_only_when_needed(path):
    for name in imports(path):
        library = name.split(".")[0]
        if library in DOORS:
            assert module_of(path) in DOORS[library], f"{module_of(path)} imports {library}"
    package_behind_a_lazy_door = module_of(path) in {"figures", "publishing"}
    for name in imports(path, top_level=True):
        assert package_behind_a_lazy_door or name.split(".")[0] not in DOORS, f"{path.name} imports {name} when it is imported"


@pytest.mark.parametrize("statement", ["import analysis", "import analysis.cli"])
def test_starting_loads_nothing_heavy(statement):
    code = f"{statement}; import sys, json; print(json.dumps([m for m in sys.modules]))"
    loaded = set(json.loads(subprocess.check_output([sys.executable, "-c", code], text=True)))
    assert not loaded & {"torch", "umap", "plotly", "hdbscan", "sklearn", "numba", "pandas", "sentence_transformers", "nbconvert"}


def test_importing_every_module_changes_nothing_in_the_process():
    modules = sorted({f"analysis.{module_of(p)}" for p in FILES})
    code = ("import os, logging, importlib, sys; before = dict(os.environ), logging.root.handlers[:]\n"
            f"for name in {modules!r}: importlib.import_module(name)\n"
            "assert (dict(os.environ), logging.root.handlers) == before\n"
            "print(sorted({'torch', 'umap', 'hdbscan', 'sentence_transformers'} & set(sys.modules)))")
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"


def test_every_public_verb_can_be_had_from_the_package():
    import analysis

    assert all(callable(getattr(analysis, name)) for name in analysis._HOMES)
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        analysis.nonsense  # noqa: B018
