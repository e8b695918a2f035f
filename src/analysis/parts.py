"""Work cut into parts: done here, one after the other, or wherever else somebody has them done."""

from __future__ import annotations

from collections.abc import Callable, Sequence

# Does ``work`` on every part and gives the results in the order of the parts.
Each = Callable[[Callable, Sequence], list]


def here(work: Callable, parts: Sequence) -> list:
    """Every part's result, made in this process."""
    return [work(part) for part in parts]


def blocks(rows, size: int) -> list:
    """A table's or a sequence's rows in blocks of ``size``, in their order; one empty block where there are none."""
    pick = getattr(rows, "iloc", rows)
    return [pick[begin:begin + size] for begin in range(0, max(1, len(rows)), size)]
