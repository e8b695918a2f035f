"""A researcher's work in a real JupyterLab and a real browser: the lasso on the map, and the review desk.

One server for both. Their kernels start with it, and the notebooks hold only the cells that the work is done in.
"""

from __future__ import annotations

import json
import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.request

import made_run
import nbformat
import pandas as pd
import pytest
from browsing import FLAGS, browser_of

from analysis import embedding, laboratory, pipeline
from analysis.pipeline import Options
from analysis.publishing import execution
from analysis.runs import open_run

pytestmark = pytest.mark.browser

TOKEN = secrets.token_hex(16)
PATIENCE = 60_000  # milliseconds that one step may take on a busy machine
NOTEBOOKS = {"02": ("import analysis", "RUN =", "run =", "analysis.explore"), "06": ("import analysis", "RUN =", "run =", "sitting.show")}
ANSWERS = [f"{text} ({n})" if n else text for n in range(2) for text in made_run.PLAIN]


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("lab")


@pytest.fixture(scope="module")
def explored(home):
    """The folder of a made run, with a map."""
    return made_run.write(home / "explored" / "processed")


@pytest.fixture(scope="module")
def run_again(home):
    """Runs the pipeline on a small table, with the decisions beside the run; the first run is made here."""
    from conftest import StubEncoder

    encoder = StubEncoder()
    encoder.files = embedding.ModelFiles("stub", "0", None, "0" * 64)
    raw, decided = home / "answers.csv", home / "reviewed" / "review" / "decisions.csv"
    pd.DataFrame({"id": range(len(ANSWERS)), "text": ANSWERS}).to_csv(raw, index=False)

    def again():
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(embedding, "load_encoder", lambda *args, **kwargs: encoder)
            options = Options(refits=0, pages=False, decisions=decided if decided.exists() else None)
            return pipeline.run(raw, out=home / "reviewed" / "processed", options=options)

    again()
    return again


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def call(address: str, body: dict | None = None) -> dict:
    asked = urllib.request.Request(address, data=json.dumps(body).encode() if body else None, headers={"Content-Type": "application/json", "Authorization": f"token {TOKEN}"})
    return json.load(urllib.request.urlopen(asked, timeout=60))


def write_notebook(folder, stem: str, run_folder) -> None:
    """A stored notebook's cells for the work at hand, on a run of one's own."""
    notebook = nbformat.read(next(execution.notebooks_folder().glob(f"{stem}-*.ipynb")), 4)
    kept = [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.startswith(NOTEBOOKS[stem])]
    assert len(kept) == len(NOTEBOOKS[stem])
    notebook = execution.with_parameter(nbformat.v4.new_notebook(cells=kept, metadata=notebook.metadata), run_folder=run_folder)
    nbformat.write(notebook, folder / f"{stem}.ipynb")


@pytest.fixture(scope="module")
def lab(home, explored, run_again):
    """The address of a JupyterLab on this machine alone that asks nobody for news."""
    work = home / "notebooks"
    work.mkdir()
    write_notebook(work, "02", explored)
    write_notebook(work, "06", home / "reviewed" / "processed")
    address = f"http://127.0.0.1:{(port := free_port())}"
    options = ["--no-browser", "--ip=127.0.0.1", f"--port={port}", f"--IdentityProvider.token={TOKEN}", f"--ServerApp.root_dir={work}", "--allow-root", "--KernelManager.shutdown_wait_time=0.2"]
    own = {f"JUPYTER_{name}_DIR": str(home / name.lower()) for name in ("CONFIG", "DATA", "RUNTIME")}
    own |= {"IPYTHONDIR": str(home / "ipython"), "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"), "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces")}
    with (home / "log").open("w") as log:
        server = subprocess.Popen([sys.executable, "-m", "jupyterlab", *options], env={**laboratory.environment(home / "of reckons lab"), **own}, stdout=log, stderr=log)
        try:
            answers(server, address, home / "log")
            for stem in NOTEBOOKS:
                call(f"{address}/api/sessions", {"path": f"{stem}.ipynb", "name": stem, "type": "notebook", "kernel": {"name": "python3"}})
            yield address
        finally:
            server.terminate()
            server.wait(30)


def answers(server, address: str, log) -> None:
    """Wait until the server does; fail with its own words when it ended."""
    deadline = time.monotonic() + PATIENCE / 1_000
    while True:
        try:
            return call(f"{address}/api")
        except OSError:
            assert server.poll() is None and time.monotonic() < deadline, log.read_text()[-2_000:]
            time.sleep(0.2)


@pytest.fixture(scope="module")
def browser(lab):
    with browser_of("JupyterLab", flags=[*FLAGS, "--proxy-bypass-list=127.0.0.1"]) as started:
        yield started


@pytest.fixture
def page(browser):
    """A page that fails the test when text that a contributor wrote comes to life."""
    page, dialogs = browser.new_page(viewport={"width": 1400, "height": 1000}), []
    page.set_default_timeout(PATIENCE)
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    yield page
    assert dialogs == [] and page.evaluate("window.hostile") is None
    page.close()


def run_notebook(page, lab: str, stem: str) -> None:
    page.goto(f"{lab}/lab/tree/{stem}.ipynb?reset&token={TOKEN}")
    page.locator(".jp-Notebook .jp-CodeCell").nth(len(NOTEBOOKS[stem]) - 1).wait_for()
    page.locator(".lm-MenuBar-item").filter(has_text="Run").first.click()
    page.locator(".lm-Menu-itemLabel").filter(has_text="Run All Cells").first.click()


def lasso(page, *, until: float) -> None:
    """Draw a loop with the mouse around the left part of the map, up to ``until`` of its width."""
    page.locator("[data-listening]").wait_for()
    plot = page.locator("[data-listening] .nsewdrag")
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    places = [(box["x"] + a * box["width"], box["y"] + b * box["height"]) for a, b in [(0.01, 0.01), (until, 0.01), (until, 0.99), (0.01, 0.99), (0.01, 0.02)]]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place, steps=6)
    page.mouse.up()


def said_on_the_left(run, *, until: float) -> set[str]:
    """The ids of the passages that a lasso up to ``until`` of the map's width has in it."""
    from analysis.figures.themes import _reach

    left, right = _reach(run.membership["x"])
    return set(run.membership.loc[run.membership["x"] < left + until * (right - left), "passage_id"])


def test_a_lasso_shows_the_words_beside_the_map_a_theme_leads_to_its_sources_and_a_selection_is_saved(lab, page, explored):
    from playwright.sync_api import expect

    run, quotes, drawn = open_run(explored), page.locator("figure.quote"), page.locator("[data-listening] .selectionlayer path")
    run_notebook(page, lab, "02")
    lasso(page, until=0.42)
    inside = said_on_the_left(run, until=0.42)
    page.get_by_text(f"{len(inside)} of 64 passages, selected on the map.").wait_for()
    expect(quotes).to_have_count(len(inside), timeout=PATIENCE)
    assert drawn.count() > 0
    assert page.locator(".verbatims").evaluate("e => e.scrollWidth <= e.clientWidth + 1"), "a long word sticks out at the side"

    page.get_by_label("Words").fill("eighteen months")
    long = run.passages[run.passages["passage_id"].isin(inside) & run.passages["text"].str.contains("eighteen months")]
    page.get_by_text(f"{len(long)} of 64 passages, selected on the map.").wait_for()
    expect(quotes).to_have_count(len(long), timeout=PATIENCE)
    assert 0 < len(long) < len(inside) and all("eighteen months" in text for text in quotes.all_inner_texts())
    page.get_by_label("Note").fill("from the left of the map")
    page.get_by_role("button", name="Save selection").click()
    page.get_by_text(f"{len(long)} passages were added to selections/selections.csv").wait_for()
    saved = pd.read_csv(explored.parent / "selections" / "selections.csv")
    assert set(saved["note"]) == {"from the left of the map"} and set(saved["passage_id"]) == set(long["passage_id"])

    page.get_by_role("button", name="Show all").click()
    page.get_by_text("64 of 64 passages, on the whole map").wait_for()
    drawn.first.wait_for(state="detached")
    page.get_by_label("Theme", exact=True).select_option(label="fund teams, not projects")
    theme = run.membership.query("theme_id == '2.1'").merge(run.passages, on="passage_id").merge(run.contributions[["contribution_id", "url"]], on="contribution_id")
    page.get_by_text(f"{len(theme)} of 64 passages").wait_for()
    expect(quotes).to_have_count(len(theme), timeout=PATIENCE)
    links = set(page.locator("figure.quote a").evaluate_all("found => found.map(a => a.getAttribute('href'))"))
    assert links == {url for url in theme["url"].dropna() if url.startswith("https://")} and len(links) > 3


def test_nothing_is_asked_before_the_work_can_begin_and_nobody_for_news(lab, page):
    notifications = call(f"{lab}/lab/api/settings/@jupyterlab/apputils-extension:notification")["schema"]["properties"]
    assert notifications["fetchNews"]["default"] == "false" and notifications["checkForUpdates"]["default"] is False
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{lab}/lab?reset&token={TOKEN}")
    page.locator(".jp-DirListing-item").first.wait_for()
    page.wait_for_timeout(1_000)
    assert page.locator(".Toastify__toast, .jp-Dialog").count() == 0
    assert not [url for url in asked if "/lab/api/news" in url or "/lab/api/update" in url]


def test_at_the_desk_keys_and_buttons_decide_and_the_next_run_keeps_to_it(lab, page, run_again, home):
    file = home / "reviewed" / "review" / "decisions.csv"
    run_notebook(page, lab, "06")
    page.get_by_text("Passage 1 of").wait_for()
    first = page.locator("blockquote").inner_text()
    page.get_by_role("button", name="Save and next").click()
    page.get_by_text("Say who decides").wait_for()
    assert not file.exists()

    page.get_by_label("Who").fill("Ada")
    for label in page.locator("button.mod-active").all_inner_texts():
        page.get_by_role("button", name=label, exact=True).click()  # what the mapping suggests is taken back
    page.get_by_role("button", name="Procurement", exact=True).focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Business cases and budgeting"
    page.get_by_label("Note").fill("long buying")
    page.get_by_role("button", name="Save and next").focus()
    page.keyboard.press("Enter")
    page.get_by_text("Passage 2 of").wait_for()
    second = page.locator("blockquote").inner_text()
    page.get_by_role("button", name="No code applies").click()
    page.get_by_text("Passage 3 of").wait_for()

    rows = pd.read_csv(file, keep_default_na=False)
    assert rows[["who", "barriers", "questions", "note"]].to_numpy().tolist() == [["Ada", "procurement", "centre", "long buying"], ["Ada", "", "", ""]]
    run = run_again()
    mapped = run.mapping.merge(run.passages[["passage_id", "text"]], on="passage_id").set_index(["text", "code"])
    assert mapped.loc[(first, "procurement"), ["decision", "decided_by"]].tolist() == ["assign", "person"]
    assert set(mapped.loc[second, "decided_by"]) == {"person"} and not mapped.loc[second, "assigned"].any()
    assert run_again().mapping.equals(run.mapping), "a decision does not outlive the next run"
