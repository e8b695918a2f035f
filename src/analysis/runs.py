"""A finished run on disk: opened for reading, written whole or not at all."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd

from analysis import framework as frameworks
from analysis.errors import InputError, ReckonsError
from analysis.framework import Framework
from analysis.provenance import file_sha256

PARQUET = ("contributions", "passages", "themes", "membership", "mapping")
MANIFEST = "manifest.json"
STARTED_IN = "RECKONS_STARTED_IN"  # set by `reckons lab`: a notebook's own folder is not the one it was started in
# Where a run keeps the tables of the one before, on other data, to be compared with; and where comparisons go.
PREVIOUS, COMPARISON = "previous", "comparison"
_COMMIT = ".commit.json"
_STAGING = ".staging"
# Where contributions are being taken out of a run; analysis.erasure knows what it holds.
WITHDRAWING = ".withdrawing"


@dataclass(frozen=True)
class Run:
    """The tables of a finished run, each read when it is first asked for."""

    folder: Path

    @cached_property
    def contributions(self) -> pd.DataFrame:
        return self._parquet("contributions")

    @cached_property
    def passages(self) -> pd.DataFrame:
        return self._parquet("passages")

    @cached_property
    def themes(self) -> pd.DataFrame:
        return self._parquet("themes")

    @cached_property
    def membership(self) -> pd.DataFrame:
        return self._parquet("membership")

    @cached_property
    def mapping(self) -> pd.DataFrame:
        return self._parquet("mapping")

    @cached_property
    def set_aside(self) -> pd.DataFrame:
        return pd.read_csv(self.folder / "set_aside.csv", dtype="str", keep_default_na=False, na_values=[""])

    @cached_property
    def ledger(self) -> dict:
        return json.loads((self.folder / "ledger.json").read_text(encoding="utf-8"))

    @cached_property
    def manifest(self) -> dict:
        return json.loads((self.folder / MANIFEST).read_text(encoding="utf-8"))

    @cached_property
    def evaluation(self) -> dict | None:
        """What `reckons evaluate` saved beside the run about the same mapping; None where there is nothing of the kind."""
        beside = (self.folder.parent if self.folder.name == _STAGING else self.folder).parent / "evaluation" / "evaluation.json"
        if not beside.exists():
            return None
        found = json.loads(beside.read_text(encoding="utf-8"))
        mapped = [(settings.get("mapping") or {}).get("tensors_sha256") for settings in (found, self.manifest.get("settings", {}))]
        return found if mapped[0] == mapped[1] is not None else None

    @cached_property
    def framework(self) -> Framework:
        """The framework that the run used, as recorded in its manifest."""
        return frameworks.from_record(self.manifest["framework"])

    def _parquet(self, name: str) -> pd.DataFrame:
        return pd.read_parquet(self.folder / f"{name}.parquet")


def open_run(folder: str | Path) -> Run:
    """Open the run in ``folder``; completes one whose last step was interrupted.

    Raises ``InputError`` when there is no finished run.
    """
    folder = _from_here_or_above(Path(folder))
    if folder.is_dir():
        complete_interrupted(folder)
        _complete_erasure(folder)
    if not (folder / MANIFEST).exists():
        raise InputError(str(folder), [f"No finished run here: {MANIFEST} is missing. Make one with: reckons run RAW --out {folder}"],
                         not_done="Nothing was read.")
    return Run(folder)


def _from_here_or_above(folder: Path) -> Path:
    """The folder as named from here, else from where ``reckons lab`` was started or from the folder above: a notebook starts in its own folder."""
    places = [] if folder.is_absolute() or folder.exists() else [Path(os.environ.get(STARTED_IN, ".")) / folder, Path.cwd().parent / folder]
    return next((place for place in places if (place / MANIFEST).exists()), folder)


@contextmanager
def writing(out: Path) -> Iterator[Path]:
    """A folder to write a run into, which becomes the run in ``out`` only when the block ends well.

    Outputs of an earlier run stay whole until then. One process at a time may write.
    Raises ``ReckonsError`` when ``out`` cannot be written or is being written.
    """
    out = Path(out)
    with locked(out):
        complete_interrupted(out)
        staging = out / _STAGING
        shutil.rmtree(staging, ignore_errors=True)
        staging.mkdir()
        try:
            yield staging
            _write_text(out / _COMMIT, json.dumps(sorted(
                p.relative_to(staging).as_posix() for p in staging.rglob("*") if p.is_file())))
            complete_interrupted(out)
        finally:
            if not (out / _COMMIT).exists():
                shutil.rmtree(staging, ignore_errors=True)


def complete_interrupted(out: Path) -> None:
    """Finish moving a complete new run into place, if an earlier process was killed while it did."""
    commit, staging = out / _COMMIT, out / _STAGING
    if not commit.exists():
        return
    files = json.loads(commit.read_text(encoding="utf-8"))
    if (out / "html").exists() and not any(name.startswith("html/") for name in files):
        shutil.rmtree(out / "html")  # pages of an earlier run would contradict the new tables
    if (out / PREVIOUS).exists() and not any(name.startswith(f"{PREVIOUS}/") for name in files):
        shutil.rmtree(out / PREVIOUS)
    for name in files:
        if (staging / name).exists():
            (out / name).parent.mkdir(parents=True, exist_ok=True)
            os.replace(staging / name, out / name)
    shutil.rmtree(staging, ignore_errors=True)
    commit.unlink()


def clear_unfinished(out: Path) -> None:
    """Complete or remove what a killed run left behind; only for who holds the folder."""
    complete_interrupted(out)
    shutil.rmtree(out / _STAGING, ignore_errors=True)


def _complete_erasure(folder: Path) -> None:
    """Go on with a withdrawal, if an earlier process was killed in the midst of one."""
    if (folder / WITHDRAWING).exists():
        from analysis.erasure import complete

        complete(folder)


@contextmanager
def locked(out: Path) -> Iterator[None]:
    """Hold the folder for this process alone. Raises ``ReckonsError`` when another has it."""
    from filelock import FileLock, Timeout

    cache = out / "vectors"
    try:
        cache.mkdir(parents=True, exist_ok=True)
        lock = FileLock(cache / ".lock", timeout=0)
        lock.acquire()
    except Timeout:
        raise ReckonsError(f"Another run is writing {out}. Wait for it to end, or choose another folder with --out. Nothing was written.") from None
    except OSError as error:
        raise ReckonsError(f"The output folder {out} cannot be written: {error.strerror}. Choose another with --out, "
                           "or change its permissions. Nothing was written.") from None
    try:
        yield
    finally:
        lock.release()


def write_table(table: pd.DataFrame, path: Path) -> None:
    """A table as Parquet or CSV by the name of ``path``; equal tables give equal bytes."""
    if path.suffix == ".parquet":
        table.to_parquet(path, index=False, compression="zstd")
    else:
        table.to_csv(path, index=False, lineterminator="\n")


def write_json(content: dict, path: Path) -> None:
    """A readable JSON file, whole or not at all."""
    _write_text(path, json.dumps(content, indent=2, ensure_ascii=False, default=str) + "\n")


def outputs_of(folder: Path) -> dict[str, str]:
    """SHA-256 of every file of a run but the manifest and the cache, by name."""
    files = [p for p in folder.rglob("*") if p.is_file() and p.name != MANIFEST]
    named = {p.relative_to(folder).as_posix(): p for p in files}
    return {name: file_sha256(path) for name, path in sorted(named.items())
            if not name.startswith(("vectors/", ".", "html/.cache"))}


def keep_previous(earlier: Path, staging: Path) -> None:
    """Copy the small tables of the run in ``earlier`` into the run that is being written, to be compared with it."""
    (staging / PREVIOUS).mkdir()
    for name in [*(f"{table}.parquet" for table in PARQUET), "set_aside.csv", "ledger.json", MANIFEST]:
        shutil.copyfile(earlier / name, staging / PREVIOUS / name)


def previous_of(run: Run) -> Run | None:
    """The run before this one on other data, if it was kept."""
    folder = run.folder / PREVIOUS
    return Run(folder) if (folder / MANIFEST).exists() else None


def is_as_written(run: Run) -> bool:
    """Whether every file that the run wrote is there with the bytes that its manifest names; other files do not matter."""
    written, found = run.manifest.get("outputs"), outputs_of(run.folder)
    return written is not None and all(found.get(name) == digest for name, digest in written.items())


def record_outputs(folder: Path) -> None:
    """Note in the manifest that files of a finished run were made anew, so that they are not taken for damaged."""
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    own = {name: digest for name, digest in outputs_of(folder).items() if name in manifest.get("outputs", {}) or name.startswith("html/")}
    write_json({**manifest, "outputs": own}, folder / MANIFEST)


def _write_text(path: Path, text: str) -> None:
    unfinished = path.with_name(f".{path.name}.unfinished")
    unfinished.write_text(text, encoding="utf-8")
    os.replace(unfinished, path)
