"""reckons: what people said, grouped into themes and mapped to the questions that were asked.

The public verbs are loaded when first used, so that ``import analysis`` is instant.
"""

from __future__ import annotations

from importlib import import_module

__version__ = "0.1.0"

_HOMES = {
    "read": "analysis.contributions",
    "split": "analysis.passages",
    "embed": "analysis.embedding",
    "load_encoder": "analysis.embedding",
    "explore": "analysis.exploring",
    "find_themes": "analysis.themes",
    "map_to_framework": "analysis.mapping",
    "explain": "analysis.explanation",
    "open_run": "analysis.runs",
    "run": "analysis.pipeline",
    "withdraw": "analysis.withdrawals",
}
_MODULES = {"figures", "framework", "publishing"}

__all__ = sorted({*_HOMES, *_MODULES, "__version__"})


def __getattr__(name: str):
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    if name in _MODULES:
        return import_module(f"analysis.{name}")
    raise AttributeError(f"module 'analysis' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
