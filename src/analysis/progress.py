"""What a person at a terminal sees while a run goes on; everything goes to stderr."""

from __future__ import annotations

import time
from collections.abc import Iterable
from contextlib import contextmanager
from dataclasses import dataclass, field

from analysis.provenance import peak_memory_mb


@dataclass
class Stage:
    """One stage of a run: rows in and out, rows set aside, seconds, and the highest memory of this process by its end."""

    name: str
    rows_in: int = 0
    rows_out: int = 0
    set_aside: int = 0
    seconds: float = 0.0
    note: str = ""
    peak_memory_mb: float | None = None


@dataclass
class Report:
    """Tells the stages as they end and shows bars for long ones.

    ``verbosity`` is 0 (only errors), 1 (a line per stage) or 2 (also settings and memory).
    """

    verbosity: int = 1
    stages: list[Stage] = field(default_factory=list)

    @contextmanager
    def stage(self, name: str, rows_in: int = 0):
        """Time a stage; its line is printed when the block ends well."""
        stage, begin = Stage(name, rows_in), time.perf_counter()
        yield stage
        stage.seconds, stage.peak_memory_mb = round(time.perf_counter() - begin, 2), peak_memory_mb()
        self.stages.append(stage)
        aside = f", {stage.set_aside:,} set aside" if stage.set_aside else ""
        note = f" ({stage.note})" if stage.note else ""
        memory = f"  {stage.peak_memory_mb:,.0f} MB at most so far" if self.verbosity > 1 and stage.peak_memory_mb else ""
        self.say(f"{name:<14} {rows_in:>8,} in {stage.rows_out:>8,} out{aside}  {stage.seconds:.1f} s{note}{memory}")

    def track(self, items: Iterable, description: str, total: int) -> Iterable:
        """Pass items through, with a bar where somebody is watching."""
        if not self.verbosity or total < 2:
            yield from items
            return
        from rich.console import Console
        from rich.progress import track

        yield from track(items, description=f"  {description}", total=total, console=Console(stderr=True), transient=True)

    def say(self, line: str, *, at: int = 1) -> None:
        """Print a line to stderr for this verbosity and above; never reads it as markup."""
        if self.verbosity >= at:
            import sys

            print(line, file=sys.stderr, flush=True)
