"""The command `reckons`: one verb per thing an analyst does."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from analysis import __version__
from analysis.errors import InputError, ReckonsError

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False,
                  help="Read what people said, find its themes, map it to the questions, and show it to the panel.")

Out = Annotated[Path, typer.Option("--out", help="Folder for the tables and pages.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="Say nothing but errors.")]
Verbose = Annotated[bool, typer.Option("--verbose", help="Say also settings and memory.")]


@app.callback(invoke_without_command=True)
def _version(version: Annotated[bool, typer.Option("--version", help="Show the version and leave.")] = False) -> None:
    if version:
        typer.echo(f"reckons {__version__}")
        raise typer.Exit()


@app.command()
def run(
    raw: Annotated[Path, typer.Argument(help="A file or folder of contributions.")] = Path("data/raw/example"),
    out: Out = Path("data/processed"),
    framework: Annotated[Path | None, typer.Option(help="Another framework file.")] = None,
    model: Annotated[str | None, typer.Option(help="A model folder, or NAME@REVISION on the hub.")] = None,
    column: Annotated[list[str] | None, typer.Option(help="Map a column, e.g. text=comment; may be repeated.")] = None,
    seed: Annotated[int, typer.Option(help="Decides everything that is drawn by chance.")] = 7,
    refits: Annotated[int, typer.Option(min=0, help="Refits that measure how firm themes are; 0 for none.")] = 30,
    no_pages: Annotated[bool, typer.Option("--no-pages", help="Tables only.")] = False,
    scheduler: Annotated[str | None, typer.Option(help="Address of a Dask scheduler whose workers read, split, embed, map and count; or local.")] = None,
    coefficients: Annotated[Path | None, typer.Option(help="Your own coefficients, from reckons train.")] = None,
    reference: Annotated[Path | None, typer.Option(help="Who was to be expected: a table like data/raw/reference.template.csv.")] = None,
    previous: Annotated[Path | None, typer.Option(help="Folder of the run before, if not the output folder: its theme names go on.")] = None,
    decisions: Annotated[Path | None, typer.Option(help="People's decisions, from the review notebook; data/review/decisions.csv where it exists.")] = None,
    sample: Annotated[int | None, typer.Option(min=1, help="Only so many contributions, drawn at random; the others are set aside.")] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Fit all themes again, also where few contributions are new.")] = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Run the pipeline on RAW and leave tables and pages in the output folder."""
    from analysis.pipeline import Options
    from analysis.pipeline import run as run_pipeline
    from analysis.progress import Report

    options = Options(framework=framework, model=model, columns=tuple(column or ()), seed=seed, refits=refits,
                      pages=not no_pages, scheduler=scheduler, coefficients=coefficients, reference=reference, previous=previous, decisions=decisions,
                      fresh=fresh, sample=sample)
    run_pipeline(raw, out=out, options=options, report=Report(verbosity=0 if quiet else 2 if verbose else 1))


fetch_app = typer.Typer(no_args_is_help=True, help="Collect a discussion into the raw data.")
app.add_typer(fetch_app, name="fetch")


@fetch_app.callback()
def _fetch() -> None:
    """Collect a discussion into the raw data."""


@fetch_app.command()
def bluesky(
    address: Annotated[str, typer.Argument(help="A post: https://bsky.app/profile/NAME/post/KEY or at://…")],
    out: Annotated[Path, typer.Option("--out", help="Folder for the file.")] = Path("data/raw/bluesky"),
    host: Annotated[str | None, typer.Option(help="Another server than the public one; also RECKONS_BLUESKY_HOST.")] = None,
    no_quotes: Annotated[bool, typer.Option("--no-quotes", help="Leave out posts that quote the discussion.")] = False,
    no_preferences: Annotated[bool, typer.Option("--no-preferences", help="Do not ask what authors declared about the use of their posts.")] = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Save the whole discussion that a post belongs to; no login is needed."""
    from analysis.fetching.collection import Choices, fetch
    from analysis.progress import Report

    choices = Choices(host=host, quotes=not no_quotes, preferences=not no_preferences)
    fetch(address, out, choices=choices, report=Report(verbosity=0 if quiet else 2 if verbose else 1))


@app.command()
def train(
    labels: Annotated[list[Path] | None, typer.Option("--labels", help="A CSV with text and a column of codes per dimension; may be repeated.")] = None,
    decisions: Annotated[Path | None, typer.Option(help="People's decisions, from the review notebook; trained on beside the labels.")] = None,
    run_folder: Annotated[Path, typer.Option("--run", help="The run in which the passages were decided on.")] = Path("data/processed"),
    more: Annotated[list[Path] | None, typer.Option("--more", help="More labels, read as carefully: they help to set thresholds, but are not the standard.")] = None,
    noisy: Annotated[list[Path] | None, typer.Option("--noisy", help="More labels, read less carefully: only trained on.")] = None,
    out: Annotated[Path, typer.Option("--out", help="Folder for the coefficients.")] = Path("data/coefficients"),
    framework: Annotated[Path | None, typer.Option(help="Another framework file.")] = None,
    model: Annotated[str | None, typer.Option(help="A model folder, or NAME@REVISION on the hub.")] = None,
    seed: Annotated[int, typer.Option(help="Decides everything that is drawn by chance.")] = 7,
) -> None:
    """Fit the mapping to labelled passages and print its cross-validated scores."""
    from analysis import framework as frameworks
    from analysis.embedding import load_encoder
    from analysis.runs import open_run
    from analysis.training import MORE, NOISY, STANDARD, LabelFile, decided, train

    codes = frameworks.load(framework)
    files = [LabelFile(str(path), weight=STANDARD) for path in labels or []]
    if decisions:
        file, said = decided(decisions, open_run(run_folder).passages, codes, alone=not labels)
        files.append(file)
        typer.echo("\n".join(said), err=True)
    if not files:
        raise InputError("reckons train", ["There is nothing to train on. Give --labels FILE, --decisions FILE, or both."],
                         not_done="Nothing was trained; the coefficients in use stay.")
    files += [LabelFile(str(path), weight=MORE, score=False) for path in more or []]
    files += [LabelFile(str(path), weight=NOISY, reference=False, score=False) for path in noisy or []]
    scores = train(files, out, framework=codes, encoder=load_encoder(model), seed=seed,
                   log=lambda line: typer.echo(line, err=True))
    for dimension, row in scores["dimensions"].items():
        typer.echo(f"{dimension}: macro-F1 {row['macro_f1']:.2f} ({row['low']:.2f} to {row['high']:.2f}), calibration error {row['ece']:.3f}")
    typer.echo(f"Use them with: reckons run RAW --coefficients {out}", err=True)


@app.command()
def evaluate(
    labels: Annotated[Path, typer.Argument(help="A CSV with text and a column of codes per dimension.")],
    second: Annotated[Path | None, typer.Option(help="The same passages, labelled by somebody else.")] = None,
    out: Annotated[Path, typer.Option("--out", help="Folder for the scores.")] = Path("data/evaluation"),
    framework: Annotated[Path | None, typer.Option(help="Another framework file.")] = None,
    model: Annotated[str | None, typer.Option(help="A model folder, or NAME@REVISION on the hub.")] = None,
    coefficients: Annotated[Path | None, typer.Option(help="Your own coefficients, from reckons train.")] = None,
) -> None:
    """Measure the mapping against labels: per code, with intervals, and by group."""
    from analysis.assessment import assess, in_words

    for line in in_words(assess(labels, out, second=second, framework=framework, model=model, coefficients=coefficients)):
        typer.echo(line)
    typer.echo(f"Saved in {out}. Beside a run's folder, as data/evaluation is beside data/processed, the page shows it after: reckons report", err=True)


@app.command()
def report(
    run_folder: Annotated[Path, typer.Option("--run", help="Folder of a finished run.")] = Path("data/processed"),
    only: Annotated[list[str] | None, typer.Option(help="Only the notebooks whose name starts so, e.g. 02.")] = None,
    quiet: Quiet = False,
) -> None:
    """Make the pages again from a finished run, without computing anything anew."""
    from analysis.progress import Report
    from analysis.publishing import republish

    page = republish(run_folder, only=only, track=Report(verbosity=0 if quiet else 1).track)
    if not quiet:
        typer.echo(f"Look at: {page}", err=True)


@app.command()
def forget(
    names: Annotated[list[str], typer.Argument(metavar="ID_OR_URL...", help="Ids or addresses of contributions, as tables and page show them.")],
    raw: Annotated[Path, typer.Option("--raw", help="The raw data they came from; its register of withdrawals is kept there.")] = Path("data/raw/example"),
    out: Out = Path("data/processed"),
    quiet: Quiet = False,
) -> None:
    """Withdraw contributions: from tables, caches, decisions and pages, and from every later run."""
    from analysis.progress import Report
    from analysis.withdrawals import withdraw

    done = withdraw(names, raw=raw, out=out, report=Report(verbosity=0 if quiet else 1))
    for line in done.in_words():
        typer.echo(line)


@app.command()
def refresh(
    raw: Annotated[Path, typer.Argument(help="The raw data, with Bluesky discussions in it.")] = Path("data/raw/bluesky"),
    out: Out = Path("data/processed"),
    host: Annotated[str | None, typer.Option(help="Another server than the public one; also RECKONS_BLUESKY_HOST.")] = None,
    even_if_most: Annotated[bool, typer.Option("--even-if-most", help="Believe the server that more than half of the posts are gone.")] = False,
    preferences: Annotated[bool, typer.Option(help="Ask each author's own server again what they declared about such use.")] = True,
    quiet: Quiet = False,
) -> None:
    """Ask Bluesky which posts are gone since they were fetched, or no longer to be used, and withdraw them."""
    from analysis.fetching.client import Client
    from analysis.fetching.refresh import Choices, refresh
    from analysis.progress import Report

    report = Report(verbosity=0 if quiet else 1)
    with Client(host, say=report.say) as client:
        lines = refresh(raw, out, client=client, report=report, choices=Choices(preferences=preferences, believe=even_if_most))
    for line in lines:
        typer.echo(line)


@app.command()
def export(
    run_folder: Annotated[Path, typer.Option("--run", help="Folder of a finished run.")] = Path("data/processed"),
    out: Annotated[Path | None, typer.Option("--out", help="Folder for the open data; the run's own export folder unless given.")] = None,
    permission: Annotated[list[str] | None, typer.Option(help="A licence for a source or file, e.g. survey=OGL-UK-3.0; may be repeated.")] = None,
    checked: Annotated[Path | None, typer.Option(help="check_by_eye.csv with a column publish (yes or no).")] = None,
) -> None:
    """Write open data: only what may be published, with licence, method and draft records."""
    from analysis.opendata import export as export_run

    pairs = [one.partition("=") for one in permission or []]
    if wrong := [name for name, equals, licence in pairs if not (name and equals and licence)]:
        raise InputError("--permission", [f"SOURCE=LICENCE is expected, found {name!r}." for name in wrong])
    for line in export_run(run_folder, out, permissions={name: licence for name, _, licence in pairs}, checked=checked).in_words():
        typer.echo(line)


@app.command()
def compare(
    old: Annotated[Path, typer.Argument(help="Folder of the earlier run.")],
    new: Annotated[Path, typer.Argument(help="Folder of the later run.")],
    out: Annotated[Path | None, typer.Option("--out", help="Folder for the tables.  [default: NEW/comparison]")] = None,
) -> None:
    """Say what became of every theme from one run to another, and which passages made the difference."""
    from analysis import comparison
    from analysis.runs import COMPARISON, open_run

    compared = comparison.compare(open_run(old), open_run(new))
    for line in comparison.in_words(compared):
        typer.echo(line)
    typer.echo(f"All of it: {comparison.save(compared, out or new / COMPARISON)}", err=True)


@app.command()
def lab() -> None:
    """Open JupyterLab on the notebooks."""
    from analysis.laboratory import launch

    raise typer.Exit(launch())


def main() -> None:
    """Entry point: failures meant for people are printed as one message, without a traceback."""
    try:
        app()
    except ReckonsError as error:
        typer.echo(str(error), err=True)
        sys.exit(2 if isinstance(error, InputError) else 1)
    except KeyboardInterrupt:
        typer.echo("Stopped. Nothing was written; vectors made so far are kept.", err=True)
        sys.exit(130)


if __name__ == "__main__":
    main()
