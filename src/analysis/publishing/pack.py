"""The pack: all exported notebooks and the contributions in one self-contained file, written whole or not at all."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import os
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from analysis.errors import ReckonsError
from analysis.findings import about
from analysis.publishing import checks, execution, exporter, links, reader
from analysis.runs import open_run, record_outputs

TEMPLATES = Path(__file__).with_name("template")
PAGE = "index.html"
CACHE = ".cache"
SCRIPTS = ("charts.js", "contributions.js")
AT_A_TIME = 2  # kernels: small machines have two cores
EARLY = 'document.documentElement.classList.add("js");'  # before anything is drawn: there will be charts
LIGHT, HEAVY = 3_000_000, 6_000_000   # bytes that a page with all contributions may have, and one that carries some of many
FRAME = 40_000       # bytes of the page besides sections, contributions and engine: style, scripts, contents
TITLE = "What people said about a digital centre of government"


@dataclass(frozen=True)
class Section:
    """One notebook of the pack as HTML, before its links are made."""

    slug: str
    title: str
    html: str


def publish(run_folder: Path, out: Path, *, notebooks: Iterable[Path] | None = None, track: Callable | None = None) -> Path:
    """Execute the notebooks on a finished run and write ``out/index.html``; returns its path.

    ``notebooks`` are all exported ones unless given; ``track(items, description, total)``
    may show progress. Raises ``ReckonsError`` when a notebook fails or the page does not
    pass its checks; an earlier page stays as it was.
    """
    chosen = list(notebooks) if notebooks is not None else execution.exported()
    sections = _all_made(chosen, run_folder=Path(run_folder), track=track)
    return _written(sections, run_folder=Path(run_folder), out=Path(out))


def republish(run_folder: Path, *, only: Iterable[str] | None = None, track: Callable | None = None) -> Path:
    """Make the page of a run again; with ``only`` (such as ``["03"]``), just these notebooks, the others as they were.

    A notebook whose stored section belongs to other tables is executed as well. Raises ``InputError``
    when there is no finished run.
    """
    folder, out = open_run(run_folder).folder, Path(run_folder) / "html"
    paths = execution.exported()
    wanted = tuple(only or ())
    unknown = [name for name in wanted if not any(path.name.startswith(name) for path in paths)]
    if unknown:
        raise ReckonsError(f"No notebook of the pack begins with {', '.join(unknown)}; there are: {', '.join(p.stem for p in paths)}. Nothing was written.")
    stored = {path: None if not wanted or path.name.startswith(wanted) else _stored(out, path, folder) for path in paths}
    due = [path for path in paths if stored[path] is None]
    made = dict(zip(due, _all_made(due, run_folder=folder, track=track)))
    sections = [stored[path] or made[path] for path in paths]
    page = _written(sections, run_folder=folder, out=out)
    record_outputs(folder)
    return page


def _all_made(paths: list[Path], *, run_folder: Path, track: Callable | None) -> list[Section]:
    """The sections in order, made by two kernels that take the next notebook when they are done with one."""
    from concurrent.futures import Future, ThreadPoolExecutor

    made, waiting = {path: Future() for path in paths}, deque(paths)

    def work() -> None:
        try:
            with execution.kernel() as kernel, suppress(IndexError):  # none is waiting any more
                while True:
                    path = waiting.popleft()
                    try:
                        made[path].set_result(_made(path, kernel=kernel, run_folder=run_folder))
                    except BaseException as error:
                        made[path].set_exception(error)
        except BaseException as error:
            while waiting:  # whoever asks for these would wait for ever
                made[waiting.popleft()].set_exception(error)

    with ThreadPoolExecutor(max_workers=AT_A_TIME) as workers:
        for _ in range(min(AT_A_TIME, len(paths))):
            workers.submit(work)
        try:
            ordered = list(made.values())
            return [one.result() for one in (track(ordered, "pages", len(ordered)) if track else ordered)]
        finally:
            waiting.clear()


def _made(path: Path, *, kernel: execution.Kernel, run_folder: Path) -> Section:
    notebook = kernel.execute(path, run_folder=run_folder)
    return Section(path.stem, exporter.title(notebook), exporter.section(notebook, slug=f"s{path.stem}"))


def _written(sections: list[Section], *, run_folder: Path, out: Path) -> Path:
    page = assemble(sections, open_run(run_folder))
    checks.check(page)
    try:
        (out / CACHE).mkdir(parents=True, exist_ok=True)
        for section in sections:
            _replace(out / CACHE / f"{section.slug}.json", json.dumps({**asdict(section), "of": _fingerprint(run_folder)}))
        return _replace(out / PAGE, page)
    except OSError as error:
        raise ReckonsError(f"The page {out / PAGE} cannot be written: {error.strerror}. An earlier one is as it was.") from error


def _replace(path: Path, text: str) -> Path:
    unfinished = path.with_name(f".{path.name}.unfinished")
    unfinished.write_text(text, encoding="utf-8", newline="\n")
    os.replace(unfinished, path)
    return path


def _stored(out: Path, path: Path, run_folder: Path) -> Section | None:
    try:
        stored = json.loads((out / CACHE / f"{path.stem}.json").read_text(encoding="utf-8"))
        return Section(stored["slug"], stored["title"], stored["html"]) if stored["of"] == _fingerprint(run_folder) else None
    except (OSError, ValueError, KeyError):
        return None


def _fingerprint(run_folder: Path) -> str:
    """What a section depends on, besides its notebook: the tables of the run."""
    digest = hashlib.sha256()
    for name in ("ledger.json", "contributions.parquet", "themes.parquet", "membership.parquet", "mapping.parquet"):
        digest.update((run_folder / name).read_bytes())
    return digest.hexdigest()


def assemble(sections: list[Section], run) -> str:
    """The whole page from its sections and the contributions of the run."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    from analysis.figures.chart import plotly_script

    carried = reader.gather(run)
    script, engine = "".join((TEMPLATES / name).read_text(encoding="utf-8") for name in SCRIPTS), compiled_once(plotly_script())
    compressed = base64.b85encode(gzip.compress(engine.encode("utf-8"), compresslevel=9, mtime=0)).decode("ascii").replace("<", "/")
    known = links.headings([section.html for section in sections])
    linked = [(section, links.linked(section.html, carried, known)) for section in sections]   # first: links ask the reader for lists
    heavy = len(compressed) + sum(len(html.encode("utf-8")) for _, html in linked)
    environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, keep_trailing_newline=True)
    return environment.get_template("page.html.j2").render(
        title=TITLE, sections=linked, contributions=reader.section(run, carried, room=(LIGHT if carried.complete else HEAVY) - FRAME - heavy), style=(TEMPLATES / "page.css").read_text(encoding="utf-8"),
        script=script, early=EARLY, engine=compressed, policy=_policy(EARLY, script, engine), made=about.day(run),
        kept=len(run.contributions), notices=about.notices(run))


def compiled_once(script: str) -> str:
    """plotly.js with the function that holds it in parentheses, by which browsers know that it is called at once.

    Without them they read all of it twice, which takes a second on a phone. A script in another wrapper stays as it is.
    """
    begins, ends = "this, () => {\n", "}));"
    if script.count(begins) != 1 or not script.rstrip().endswith(ends):
        return script
    return script.rstrip().removesuffix(ends).replace(begins, "this, (() => {\n") + "})));\n"


def _policy(*scripts: str) -> str:
    """A Content-Security-Policy that lets these scripts run and nothing load or leave."""
    hashes = " ".join("'sha256-" + base64.b64encode(hashlib.sha256(s.encode("utf-8")).digest()).decode("ascii") + "'" for s in scripts)
    return (f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src data:; font-src 'none'; "
            "connect-src 'none'; object-src 'none'; base-uri 'none'; form-action 'none'")
