"""From notebook to page: whole or not at all, nothing from elsewhere, hostile text inert."""

from __future__ import annotations

import base64
import gzip
import hashlib
import html
import re

import made_run
import nbformat
import pytest

from analysis.errors import ReckonsError
from analysis.figures.chart import plotly_script
from analysis.publishing import allowed, checks, execution, exporter, pack, publish, reader, republish
from analysis.runs import open_run


@pytest.fixture(scope="module")
def page() -> str:
    return made_run.published().read_text(encoding="utf-8")


@pytest.fixture
def run(tmp_path):
    return made_run.write(tmp_path / "run")


def notebook_with(tmp_path, *sources, name="09-mine.ipynb"):
    cells = [nbformat.v4.new_markdown_cell("# Mine?"), nbformat.v4.new_code_cell('RUN = "data/processed"', metadata={"tags": ["parameters"]})]
    cells += [nbformat.v4.new_code_cell(source) for source in sources]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / name)
    return tmp_path / name


def test_the_page_is_one_file_with_every_part_of_an_accessible_page(page):
    assert page.count("<h1") == 1 and "<html lang=\"en-GB\">" in page and "class=\"skip\" href=\"#main\"" in page
    assert page.count("<table") == page.count("<caption") > 10
    assert "<nav aria-label=\"Contents\">" in page and "<main" in page and "<footer" in page
    for name in ("s00-briefing", "s03-three-questions", "contributions"):
        assert f"href=\"#{name}\"" in page


def test_the_page_shows_no_code_and_no_word_of_the_trade(page):
    words = re.sub(r"<(script|style|head)\b.*?</\1>", " ", page, flags=re.DOTALL)
    assert "analysis.open_run" not in words and "import analysis" not in words
    assert not re.search(r"\b(clusters?|clustering|noise|outliers?)\b", re.sub(r"<[^>]+>", " ", words).lower())


def test_the_policy_lets_only_our_scripts_run(page):
    policy = re.search(r"Content-Security-Policy\" content=\"([^\"]+)\"", page)[1].replace("&#39;", "'")
    assert "default-src 'none'" in policy and "connect-src 'none'" in policy and "unsafe-eval" not in policy
    assert "unsafe-inline" not in policy.split("script-src")[1].split(";")[0]
    scripts = re.findall(r"<script>(.*?)</script>", page, flags=re.DOTALL)
    engine = gzip.decompress(base64.b85decode(re.search(r"id=\"engine\">([^<]+)<", page)[1].replace("/", "<"))).decode("utf-8")
    for script in [*scripts, engine]:
        assert f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'" in policy
    assert len(scripts) == 2


def test_hostile_text_is_in_the_page_as_text(page):
    assert "&lt;script&gt;window.hostile = 1;" in page and "<script>window.hostile" not in page
    assert "<img" not in page and "javascript:alert" not in re.findall(r"href=[\"']([^\"']*)", page)
    assert "id=hostile" in page and "<h1 id=hostile" not in page
    assert "{{ 7 * 7 }} {% for x in y %}" in page


def test_chart_data_cannot_end_its_script():
    shown = exporter.harmless_json({"text": "</script><!-- & \u2028"})
    assert "<" not in shown and ">" not in shown and "&" not in shown and "\u2028" not in shown


@pytest.mark.parametrize("hostile", ["<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<a href='javascript:alert(1)'>x</a>",
                                     "<iframe src='//x'></iframe>", "<form action='//x'><input></form>", "<p style='position:fixed'>x</p>",
                                     "<svg><script>alert(1)</script></svg>", "<p id='main' onclick='alert(1)'>x</p>", "<style>*{}</style>"])
def test_html_that_is_not_ours_is_cleaned(hostile):
    shown = allowed.cleaned(hostile)
    assert not re.search(r"script|onerror|onclick|iframe|form|style|<img|id=", shown)


def test_markdown_of_a_notebook_brings_no_html():
    assert "<img" not in exporter.prose("text <img src=x onerror=alert(1)> [x](javascript:alert(1))")
    assert exporter.prose("# One\n\n## Two").count("<h2") == 1


def test_a_figure_made_past_the_figures_is_refused(run, tmp_path):
    path = notebook_with(tmp_path, "import plotly.graph_objects as go\nfrom IPython.display import display\n"
                         "display({'application/vnd.plotly.v1+json': go.Figure().to_plotly_json()}, raw=True)")
    with pytest.raises(ReckonsError, match="without a finding"):
        publish(run, tmp_path / "html", notebooks=[path])
    assert not (tmp_path / "html").exists()


def test_a_notebook_that_fails_leaves_the_earlier_page(run, tmp_path):
    out = tmp_path / "html"
    out.mkdir()
    (out / "index.html").write_text("earlier")
    with pytest.raises(ReckonsError, match="09-mine.ipynb failed: ZeroDivisionError"):
        publish(run, out, notebooks=[notebook_with(tmp_path, "1 / 0")])
    assert [p.name for p in out.iterdir()] == ["index.html"] and (out / "index.html").read_text() == "earlier"


def _no_kernel(*_):
    raise RuntimeError("Kernel died before replying to kernel_info")


def _no_room(**_):
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize("where, fails, said", [("_kernel", _no_kernel, "the kernel does not start"), ("tempfile.TemporaryDirectory", _no_room, "No space left")])
def test_a_kernel_that_cannot_start_ends_the_command_instead_of_hanging(run, tmp_path, monkeypatch, where, fails, said):
    holder, _, name = f"analysis.publishing.execution.{where}".rpartition(".")
    monkeypatch.setattr(f"{holder}.{name}", fails)
    paths = [notebook_with(tmp_path, "1", name=f"{number}-mine.ipynb") for number in range(10, 14)]
    with pytest.raises((ReckonsError, OSError), match=said):
        publish(run, tmp_path / "html", notebooks=paths)
    assert not (tmp_path / "html").exists()


def test_the_kernel_gets_the_run_and_an_empty_place_to_work(run, tmp_path):
    path = notebook_with(tmp_path, "import os, pathlib\nprint(RUN)\n", "from analysis import words\n"
                         "words.say(RUN, pathlib.Path.cwd().name.startswith('reckons-'), 'ipynb' not in str(os.listdir()))")
    page = publish(run, tmp_path / "html", notebooks=[path]).read_text(encoding="utf-8")
    assert f"<p>{run} True True</p>" in page


def test_only_some_notebooks_can_be_made_again(run, tmp_path, monkeypatch):
    mine, other = notebook_with(tmp_path, "'mine'"), notebook_with(tmp_path, "'other'", name="10-other.ipynb")
    monkeypatch.setattr(execution, "exported", lambda: [mine, other])
    republish(run)
    executed = []
    monkeypatch.setattr(pack, "_made", lambda path, **_: executed.append(path.stem) or pack.Section(path.stem, "New?", f"<h2 id='s{path.stem}'>New?</h2>"))
    page = republish(run, only=["10"]).read_text(encoding="utf-8")
    assert executed == ["10-other"] and "mine" in page and "New?" in page
    with pytest.raises(ReckonsError, match="No notebook of the pack begins with 77"):
        republish(run, only=["77"])


def test_a_number_leads_to_the_contributions_behind_it(page):
    place = re.search(r"<a class='number' href='#(behind-questions-centre)'>", page)[1]
    listed = re.search(rf"<li id='{place}'.*?</li>", page, flags=re.DOTALL)[0]
    first = re.search(r"href=#(k\d+)", listed)[1]
    assert f"<article id={first} " in page


def test_a_pack_of_many_contributions_carries_those_that_stand_for_the_rest(tmp_path):
    run = open_run(made_run.write(tmp_path / "many", contributions=20_000))
    carried = reader.gather(run)
    assert not carried.complete and 10 < len(carried.shown) < 1_000 and carried.total == 20_000
    assert len(reader.section(run, carried, room=6_000_000)) < 600_000


def test_two_thousand_contributions_stay_under_three_megabytes_however_long_they_are(tmp_path):
    run = open_run(made_run.write(tmp_path / "run", contributions=2_000))
    run.contributions["text"] = run.contributions["text"] + " and some more words" * 80
    page = pack.assemble([pack.Section("00-x", "x", f"<h2 id='s00-x'>x</h2><p>{'x' * 300_000}</p>")], run)   # sections of a pack of 2,000
    assert 2_500_000 < len(page.encode()) < 3_000_000
    longest = int(re.search(r"Long ones are cut after (\d+) characters, which is marked", page)[1])
    texts = re.findall(r"<article[^>]*><p[^>]*>(.*?)<p>", page, flags=re.DOTALL)
    assert len(texts) == 2_000 and all(len(html.unescape(re.sub(" <em>.*", "", text))) <= longest for text in texts)
    assert "[cut here; the whole is at its source]" in page and "[cut here]" in page, "a survey's answer has no source to go to"


def test_lists_are_cut_before_words(tmp_path):
    run = open_run(made_run.write(tmp_path / "run", contributions=400))
    carried = reader.gather(run)
    whole = reader.section(run, carried, room=10_000_000)
    assert "more, by the filter" in whole and carried.indexed == 60
    less = reader.section(run, carried, room=len(whole.encode()) - 1)
    assert carried.indexed == 30 and "Long ones are cut" not in less and less.count("<article") == 400


def test_the_engine_is_compiled_once_or_left_as_it_comes():
    wrapped = "(f (typeof self !== 'undefined' ? self : this, () => {\nreturn 7;\n}));"
    assert pack.compiled_once(wrapped) == "(f (typeof self !== 'undefined' ? self : this, (() => {\nreturn 7;\n})));\n"
    assert pack.compiled_once("(() => 7)();") == "(() => 7)();"
    assert pack.compiled_once(plotly_script()) != plotly_script(), "plotly.js comes in another wrapper now: see whether it is still read twice"


def test_groups_of_fewer_than_five_people_are_not_listed(run):
    groups = reader.gather(open_run(run)).groups
    assert "questions/centre" in groups and "questions/approach" not in groups


@pytest.mark.parametrize("page, fault", [
    ("<h1>a</h1><img src='https://x/y.png'>", "<img src> would load"), ("<h1>a</h1><a href='#gone'>x</a>", "#gone, which is not in the page"),
    ("<h1>a</h1><a href='javascript:x'>x</a>", "not of the web"), ("<h1>a</h1><h3>b</h3>", "level 3 follows one of level 1"),
    ("<h1>a</h1><h1>b</h1>", "2 headings of level 1"), ("<h1>a</h1><p id='a'><p id='a'>", "The id a occurs 2 times"),
    ("<h1>a</h1><p onclick='x'>", "has a handler"), ("<h1>a</h1><table></table>", "no caption")])
def test_a_faulty_page_is_not_written(page, fault):
    with pytest.raises(ReckonsError, match=fault.replace("(", r"\(")):
        checks.check(page)


def test_notebooks_without_the_tagged_cell_are_refused():
    with pytest.raises(ReckonsError, match="tagged \"parameters\""):
        execution.with_parameter(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("RUN = 'x'")]), run_folder=execution.Path("x"))


def test_notebooks_that_share_a_kernel_share_nothing_else(tmp_path):
    for name, code in {"first": "left_behind = 1", "second": "print('left_behind' in globals())"}.items():
        parameters = nbformat.v4.new_code_cell("RUN = 'x'", metadata={"tags": ["parameters"]})
        nbformat.write(nbformat.v4.new_notebook(cells=[parameters, nbformat.v4.new_code_cell(code)]), tmp_path / f"{name}.ipynb")
    with execution.kernel() as kernel:
        first, second = (kernel.execute(tmp_path / f"{name}.ipynb", run_folder=tmp_path) for name in ("first", "second"))
        process = kernel.client.km.provisioner.process
    assert [cell.source for cell in first.cells] == [f"RUN = {str(tmp_path)!r}", "left_behind = 1"]
    assert second.cells[-1].outputs[0]["text"] == "False\n"
    assert process is None or process.poll() is not None, "the kernel is still running"
