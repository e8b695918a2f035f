"""Tables of labels: passages with the codes that people gave them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.errors import InputError
from analysis.framework import Framework

SEPARATOR = "|"


@dataclass(frozen=True)
class Labels:
    """Labelled passages: ``table`` as read, and ``codes``, one True or False column per code."""

    table: pd.DataFrame
    codes: pd.DataFrame
    dimensions: tuple[str, ...]


def read_labels(path: str | Path, framework: Framework) -> Labels:
    """Read a CSV with ``text`` and one column per dimension, codes separated by ``|``.

    A dimension whose column is missing was not labelled. Raises ``InputError`` naming
    every unknown code with the rows it stands in, and every missing column.
    """
    path = Path(path)
    try:
        table = pd.read_csv(path, dtype="str", keep_default_na=False)
    except (OSError, UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise InputError(str(path), [f"The labels cannot be read: {error}."]) from None
    dimensions = tuple(d for d in framework.dimensions if d in table)
    problems = _faults(table, dimensions, framework)
    if problems:
        raise InputError(path.name, problems)
    if "id" not in table:
        table["id"] = [f"row-{n}" for n in range(1, len(table) + 1)]
    return Labels(table=table, codes=_indicators(table, dimensions, framework), dimensions=dimensions)


def _faults(table: pd.DataFrame, dimensions: tuple[str, ...], framework: Framework) -> list[str]:
    problems, found = [], ", ".join(table.columns)
    if "text" not in table:
        problems.append(f'Column "text" is missing; found: {found}.')
    if not dimensions:
        problems.append(f"No column of codes; expected at least one of {', '.join(framework.dimensions)}; found: {found}.")
    for dimension in dimensions:
        known = set(framework.codes_of(dimension))
        used = table[dimension].str.split(SEPARATOR).explode().str.strip()
        for code in sorted(set(used) - known - {""}):
            rows = ", ".join(str(i + 2) for i in used.index[used == code][:5])
            problems.append(f'"{code}" in row {rows} is no code of {dimension}; codes are {", ".join(sorted(known))}.')
    return problems


def _indicators(table: pd.DataFrame, dimensions: tuple[str, ...], framework: Framework) -> pd.DataFrame:
    cells = {d: [set(map(str.strip, cell.split(SEPARATOR))) for cell in table[d]] for d in dimensions}
    rows = framework.codes[framework.codes["dimension"].isin(dimensions)]
    return pd.DataFrame({row.code: np.array([row.code in cell for cell in cells[row.dimension]], dtype=bool)
                         for row in rows.itertuples()}, index=table.index)
