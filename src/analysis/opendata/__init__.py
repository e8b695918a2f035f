"""Open data out of a run: what may be published, with licence, method and the records that go with it."""

from __future__ import annotations

import importlib

_HOMES = {"export": "publication", "publishable": "selection"}

__all__ = sorted(_HOMES)


def __getattr__(name: str):
    if name in _HOMES:
        return getattr(importlib.import_module(f"analysis.opendata.{_HOMES[name]}"), name)
    raise AttributeError(f"analysis.opendata has nothing called {name!r}; there are: {', '.join(__all__)}.")


def __dir__() -> list[str]:
    return __all__
