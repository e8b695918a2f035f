"""What a run says, ready to be shown: tables with the sentences that are true of them.

One module for each notebook; every function takes a finished run and computes on its
tables. Nothing here draws, reads files or runs a model.
"""

from __future__ import annotations

import importlib

_MODULES = ("people", "fairness", "missing", "landscape", "crossing", "questions", "barriers", "asks", "beyond", "sureness", "changes", "briefing", "about")

__all__ = list(_MODULES)


def __getattr__(name: str):
    if name in _MODULES:
        return importlib.import_module(f"analysis.findings.{name}")
    raise AttributeError(f"analysis.findings has nothing called {name!r}; there are: {', '.join(_MODULES)}.")
