"""Withdrawn contributions taken out of every file that the project wrote: all of it, or gone on with by the next command."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from types import SimpleNamespace

import pandas as pd

from analysis import ledger as ledgers
from analysis import register, runs, vectors
from analysis.mapping import outcomes
from analysis.provenance import file_sha256, text_sha256
from analysis.traces import Traces, cleaned

# Holds what is to be erased (hashes) and the cleaned files, until all of them are in place.
FOLDER = runs.WITHDRAWING
WANTED, COMMIT = "wanted.json", "commit.json"
CORE = ("contributions", "passages", "membership", "mapping", "themes")
# Folders in which the tools for reviewing and exploring keep what people decided and selected.
PEOPLES = ("review", "selections")
# Made again from the tables by a command, so they go as a whole.
REMADE = (".html", ".xlsx", ".qdpx", ".zip", ".gz")


def erase(out: Path, hashes: Iterable[str], *, texts: Iterable[str] = (), enter: tuple[Path, Iterable[str]] | None = None) -> int:
    """Take what the hashes name out of all files under ``out`` and out of the review decisions beside it.

    ``hashes`` are SHA-256 of ids and addresses, ``texts`` passages whose vectors may be in the cache although no table has
    them. ``enter`` names raw data and the hashes to put into their register. Returns how many contributions were in
    the tables. A process that is killed meanwhile leaves a note from which the next command goes on. Raises
    ``ReckonsError`` when a run is being written.
    """
    out, hashes = Path(out), sorted(hashes)
    if not _has_traces(out):
        if enter is not None:
            register.add(*enter)
        return 0
    with runs.locked(out):
        runs.complete_interrupted(out)
        (out / FOLDER).mkdir(exist_ok=True)
        runs.write_json({"hashes": hashes, "keys": sorted({vectors.key_of(text) for text in texts}),
                         "enter": enter and [str(Path(enter[0]).absolute()), sorted(enter[1])]}, out / FOLDER / WANTED)
        return _go_on(out)


def complete(out: Path) -> None:
    """Go on with an erasure that was interrupted; nothing where there is none."""
    if (out / FOLDER).exists():
        with runs.locked(out):
            _go_on(out)


def _has_traces(out: Path) -> bool:
    return out.is_dir() and any(path.name != ".gitkeep" for path in out.iterdir())


def _go_on(out: Path) -> int:
    folder = out / FOLDER
    if not (folder / WANTED).exists():  # killed before anything was decided, or after everything was done
        shutil.rmtree(folder, ignore_errors=True)
        return 0
    runs.clear_unfinished(out)
    wanted = json.loads((folder / WANTED).read_text(encoding="utf-8"))
    if wanted["enter"]:
        register.add(Path(wanted["enter"][0]), wanted["enter"][1])
    if not (folder / COMMIT).exists():
        runs.write_json(_prepared(out, wanted), folder / COMMIT)
    commit = json.loads((folder / COMMIT).read_text(encoding="utf-8"))
    for name in commit["remove"]:
        (out / name).unlink(missing_ok=True)
    for staged, name in commit["replace"].items():
        if (folder / staged).exists():
            os.replace(folder / staged, out / name)
    if commit["remove"]:
        _remove_empty_folders(out)
    (folder / WANTED).unlink()
    shutil.rmtree(folder, ignore_errors=True)
    return commit["contributions"]


def _prepared(out: Path, wanted: dict) -> dict:
    """Cleaned copies of all files that hold a trace, made aside; which file each replaces, and which are to be removed."""
    folder, replace, remove = out / FOLDER, {}, []
    gone, core = _found(out, frozenset(wanted["hashes"]))
    traces = Traces.of(gone, core, keys=wanted["keys"])
    own = {f"{name}.parquet" for name in core} | {"ledger.json", "set_aside.csv", runs.MANIFEST}
    for path in _files(out) if len(gone) else sorted((out / "vectors").rglob("*.safetensors")):
        name = os.path.relpath(path, out).replace(os.sep, "/")
        if name in own:
            continue
        staged = folder / f"{len(replace):05}{path.suffix}"
        if len(gone) and (path.suffix.lower() in REMADE or name.startswith("html/")):
            remove.append(name)
        elif cleaned(path, staged, traces):
            if staged.exists():
                replace[staged.name] = name
            else:
                remove.append(name)
    theirs = core["contributions"]["contribution_id"].isin(gone["contribution_id"]) if core else pd.Series(dtype=bool)
    if len(gone) and core:
        replace |= {name: name for name in _write_core(folder, out, gone=core["contributions"][theirs], core=core)}
        _write_manifest(folder, out, gone=int(theirs.sum()), replace=replace, remove=remove)
        replace[runs.MANIFEST] = runs.MANIFEST
    return {"contributions": int(theirs.sum()), "replace": replace, "remove": remove}


def _files(out: Path) -> list[Path]:
    """Files that may hold a trace: those of the run, and what people decided or selected, whose folders stand beside it or in ``data``."""
    beside = [folder / name for folder in (out.absolute().parent, Path("data").absolute()) for name in PEOPLES]
    folders = [out, *dict.fromkeys(folder for folder in beside if folder.is_dir())]
    found = [path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink()]
    options = json.loads((out / runs.MANIFEST).read_text(encoding="utf-8"))["settings"].get("options", {}) if (out / runs.MANIFEST).exists() else {}
    named = Path(options["decisions"]) if options.get("decisions") else None
    found += [named] if named is not None and named.is_file() else []
    return [path for path in dict.fromkeys(found) if not path.name.endswith(".lock") and path.name != ".gitkeep" and FOLDER not in path.parts]


def _found(out: Path, hashes: frozenset[str]) -> tuple[pd.DataFrame, dict[str, pd.DataFrame]]:
    """The contributions that the hashes name, from this run and copies of earlier ones, and the tables of this run."""
    core = {name: pd.read_parquet(out / f"{name}.parquet") for name in CORE} if all((out / f"{name}.parquet").exists() for name in CORE) else {}
    found = [_named(pd.read_parquet(path), hashes) for path in sorted(out.rglob("contributions.parquet")) if FOLDER not in path.parts]
    columns = ["contribution_id", "url", "text"]
    gone = pd.concat([rows[columns] for rows in found], ignore_index=True) if found else pd.DataFrame(columns=columns)
    return gone.drop_duplicates(ignore_index=True), core


def _named(kept: pd.DataFrame, hashes: frozenset[str]) -> pd.DataFrame:
    known = [(row.contribution_id, f"{row.source_file}:{row.contribution_id}", row.url) for row in kept.itertuples(index=False)]
    return kept[[any(isinstance(name, str) and text_sha256(name) in hashes for name in names) for names in known]]


def _write_core(folder: Path, out: Path, *, gone: pd.DataFrame, core: dict[str, pd.DataFrame]) -> list[str]:
    """The tables of the run without the rows ``gone``, and a ledger that adds up; returns the names of the files."""
    ids = set(gone["contribution_id"])
    kept = _without(core["contributions"], ids)
    passages = _without(core["passages"], ids)
    mapping = _without(core["mapping"], ids)
    membership = core["membership"][core["membership"]["passage_id"].isin(passages["passage_id"])].reset_index(drop=True)
    themes = _themes(core["themes"], membership, passages)
    old = pd.read_csv(out / "set_aside.csv", dtype="str", keep_default_na=False, na_values=[""]).astype({"row": "int64"})
    rows = pd.DataFrame({"contribution_id": None, "source_file": gone["source_file"], "row": gone["row"], "reason": register.WITHDRAWN})
    aside = pd.concat([old[~old["contribution_id"].isin(ids)], old[old["contribution_id"].isin(ids)].assign(contribution_id=None), rows])
    aside = aside.sort_values(["source_file", "row"], kind="stable").reset_index(drop=True)
    earlier = json.loads((out / "ledger.json").read_text(encoding="utf-8"))
    counted = SimpleNamespace(kept=kept, set_aside=aside, records_read=len(kept) + len(aside), settings={"redacted": earlier.get("redacted")})
    counts = ledgers.account(counted, passages, membership=membership,
                             decisions=outcomes(mapping, passages).reindex(kept["contribution_id"], fill_value="outside"))
    tables = {"contributions.parquet": kept, "passages.parquet": passages, "membership.parquet": membership,
              "mapping.parquet": mapping, "themes.parquet": themes, "set_aside.csv": aside}
    for name, table in tables.items():
        runs.write_table(table, folder / name)
    runs.write_json({**earlier, **counts}, folder / "ledger.json")
    return [*tables, "ledger.json"]


def _without(table: pd.DataFrame, ids: set[str]) -> pd.DataFrame:
    """Rows of other contributions; a reply no longer names its parent, and the first copy left stands for its message."""
    left = table[~table["contribution_id"].isin(ids)].reset_index(drop=True)
    if "duplicate_of" in left:
        orphaned = left["duplicate_of"].isin(ids)
        heads = left[orphaned].groupby("duplicate_of")["contribution_id"].transform("first")
        left.loc[orphaned, "duplicate_of"] = heads.where(heads != left.loc[orphaned, "contribution_id"])
    if "parent_id" in left:
        left["parent_id"] = left["parent_id"].where(~left["parent_id"].isin(ids))
    return left


def _themes(themes: pd.DataFrame, membership: pd.DataFrame, passages: pd.DataFrame) -> pd.DataFrame:
    """The themes counted again; one that nobody is left in goes."""
    placed = membership.dropna(subset=["theme_id"]).merge(passages[["passage_id", "contributor"]], on="passage_id")
    parents = themes.dropna(subset=["parent_id"]).set_index("theme_id")["parent_id"]
    above = placed.assign(theme_id=placed["theme_id"].map(parents)).dropna(subset=["theme_id"])
    by = pd.concat([placed, above]).groupby("theme_id")
    counted = themes.assign(passages=themes["theme_id"].map(by.size()).fillna(0).astype("int64"),
                            contributors=themes["theme_id"].map(by["contributor"].nunique()).fillna(0).astype("int64"))
    return counted[counted["passages"] > 0].reset_index(drop=True)


def _write_manifest(folder: Path, out: Path, *, gone: int, replace: dict[str, str], remove: list[str]) -> None:
    """The manifest of the cleaned files. Without recipes: the next run makes everything again, themes and pages too."""
    manifest = json.loads((out / runs.MANIFEST).read_text(encoding="utf-8"))
    outputs = {name: digest for name, digest in manifest.get("outputs", {}).items() if name not in remove}
    outputs |= {name: file_sha256(folder / staged) for staged, name in replace.items() if name in outputs}
    runs.write_json({**manifest, "recipes": {}, "outputs": outputs, "withdrawn_since": manifest.get("withdrawn_since", 0) + gone},
                    folder / runs.MANIFEST)


def _remove_empty_folders(out: Path) -> None:
    for folder in sorted((p for p in out.rglob("*") if p.is_dir() and p.name != FOLDER), reverse=True):
        if not any(folder.iterdir()):
            folder.rmdir()
