"""The whole way from raw files to a finished run, with an encoder whose themes are known in advance."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import pandas as pd
import pytest

from analysis import embedding, pipeline, runs
from analysis.errors import InputError, ReckonsError
from analysis.pipeline import Options
from analysis.progress import Report
from analysis.withdrawals import withdraw

FILES = {"contributions.parquet", "set_aside.csv", "passages.parquet", "vectors", "themes.parquet", "membership.parquet",
         "mapping.parquet", "mapping.csv", "ledger.json", "manifest.json", "check_by_eye.csv"}
QUICK = Options(refits=0, pages=False)
SUBJECTS = ["contracts", "broadband", "funding", "publishing"]


def write_answers(path, count, *, shuffle=False):
    table = pd.DataFrame({"id": [f"{n:04}" for n in range(count)], "author": [f"person {n % 37}" for n in range(count)],
                          "text": [f"{SUBJECTS[n % 4]} remark number {n} about {SUBJECTS[n % 4]}" for n in range(count)]})
    if shuffle:
        table = table.sample(frac=1, random_state=3)
    path.parent.mkdir(parents=True, exist_ok=True)
    table.to_csv(path, index=False)
    return path


@pytest.fixture
def stubbed(stub_encoder, monkeypatch):
    """The pipeline with the stub in place of the real encoder."""
    stub_encoder.files = embedding.ModelFiles("stub", "0", None, "0" * 64)
    monkeypatch.setattr(embedding, "load_encoder", lambda *args, **kwargs: stub_encoder)
    return stub_encoder


def test_leaves_exactly_the_files_that_the_design_lists(tmp_path, stubbed):
    run = pipeline.run(write_answers(tmp_path / "raw.csv", 80), out=tmp_path / "out", options=QUICK)
    assert {p.name for p in run.folder.iterdir()} == FILES
    assert list(run.membership.columns) == ["passage_id", "theme_id", "strength", "x", "y", "reason"]
    assert list(run.themes.columns)[:8] == ["theme_id", "parent_id", "name", "keywords", "passages", "contributors", "stability", "grade"]
    assert pd.read_csv(run.folder / "mapping.csv", dtype={"contribution_id": str}).shape == run.mapping.shape


def test_the_ledger_adds_up_and_every_passage_has_a_place(tmp_path, stubbed):
    raw = write_answers(tmp_path / "raw.csv", 80)
    with raw.open("a") as file:
        file.write("x1,somebody, \nx2,somebody,.\n")
    run = pipeline.run(raw, out=tmp_path / "out", options=QUICK)
    counted = run.ledger["contributions"]
    assert (counted["read"], counted["kept"], counted["set_aside"]) == (82, 80, 2)
    assert counted["kept"] == counted["mapped"] + counted["abstained"] + counted["outside"]
    assert sorted(run.membership["passage_id"]) == sorted(run.passages["passage_id"])
    assert len(run.set_aside) == 2


def test_subjects_known_in_advance_are_found_as_themes(tmp_path, stubbed):
    run = pipeline.run(write_answers(tmp_path / "raw.csv", 240), out=tmp_path / "out", options=QUICK)
    placed = run.membership.merge(run.passages, on="passage_id").dropna(subset="theme_id")
    subject = placed["text"].str.split().str[0]
    assert len(placed) >= 0.8 * 240
    assert (pd.crosstab(placed["theme_id"], subject).gt(0).sum(axis=1) == 1).all(), "a theme mixes two subjects"


def test_nothing_changed_means_nothing_computed(tmp_path, stubbed, capsys):
    raw, out = write_answers(tmp_path / "raw.csv", 80), tmp_path / "out"
    pipeline.run(raw, out=out, options=QUICK)
    before = {p: p.stat().st_mtime_ns for p in out.rglob("*") if p.is_file()}
    stubbed.encoded.clear()
    pipeline.run(raw, out=out, options=QUICK, report=Report())
    assert stubbed.encoded == []
    assert {p: p.stat().st_mtime_ns for p in before} == before
    assert "Nothing has changed" in capsys.readouterr().err


@pytest.mark.parametrize("changed", ["seed", "file", "damage"])
def test_any_change_is_noticed(tmp_path, stubbed, changed):
    raw, out = write_answers(tmp_path / "raw.csv", 80), tmp_path / "out"
    first = pipeline.run(raw, out=out, options=QUICK).manifest["created_at"], (out / "manifest.json").stat().st_mtime_ns
    if changed == "file":
        write_answers(raw, 81)
    if changed == "damage":
        (out / "themes.parquet").write_bytes(b"")
    pipeline.run(raw, out=out, options=Options(refits=0, pages=False, seed=8 if changed == "seed" else 7))
    assert (out / "manifest.json").stat().st_mtime_ns != first[1]
    assert len(runs.open_run(out).themes.columns) >= 8


def test_only_new_texts_are_embedded_when_a_row_is_added(tmp_path, stubbed):
    out = tmp_path / "out"
    pipeline.run(write_answers(tmp_path / "raw.csv", 80), out=out, options=QUICK)
    stubbed.encoded.clear()
    pipeline.run(write_answers(tmp_path / "raw.csv", 81), out=out, options=QUICK)
    of_contributions = [text for text in stubbed.encoded if "remark number 8" in text]  # not the phrases for names
    assert of_contributions == ["contracts remark number 80 about contracts"]


class TestFewNewRows:
    """80 rows, then one more: 1.25 % new."""

    @pytest.fixture
    def out(self, tmp_path, stubbed):
        pipeline.run(write_answers(tmp_path / "raw.csv", 80), out=tmp_path / "out", options=QUICK)
        return tmp_path / "out"

    def again(self, out, count=81, **options):
        report = Report(verbosity=0)
        said = []
        report.say = lambda line, at=1: said.append(line)
        raw = write_answers(out.parent / "raw.csv", count)
        run = pipeline.run(raw, out=out, options=Options(**{"refits": 0, "pages": False, **options}), report=report)
        return run.manifest["settings"]["themes"].get("gone_on"), " ".join(said)

    def test_themes_go_on_and_the_run_says_so(self, out):
        gone_on, said = self.again(out)
        assert gone_on["new"] == 1 and gone_on["in_words"] in said and "--fresh" in said

    def test_fresh_fits_all_of_them_again_and_gives_what_a_first_run_gives(self, out, tmp_path):
        self.again(out)
        assert self.again(out, fresh=True)[0] is None
        pipeline.run(tmp_path / "raw.csv", out=tmp_path / "other", options=QUICK)
        assert runs.open_run(out).membership["x"].tolist() == runs.open_run(tmp_path / "other").membership["x"].tolist()

    @pytest.mark.parametrize("options", [{"seed": 8}, {"refits": 1}])
    def test_other_settings_fit_again(self, out, options):
        assert self.again(out, **options)[0] is None

    def test_so_does_more_than_the_rule_allows(self, out):
        assert self.again(out, 83)[0] is None

    def test_so_does_a_run_after_a_withdrawal(self, out):
        withdraw(["0003"], raw=out.parent / "raw.csv", out=out)
        assert "gone_on" not in runs.open_run(out).manifest["settings"]["themes"]
        assert "remark number 3 " not in (out / "mapping.csv").read_text() and "0003#1" not in set(runs.open_run(out).membership["passage_id"])


def test_the_order_of_rows_changes_no_byte(tmp_path, stubbed):
    write_answers(tmp_path / "a" / "raw.csv", 120)
    write_answers(tmp_path / "b" / "raw.csv", 120, shuffle=True)
    for name in "ab":
        pipeline.run(tmp_path / name, out=tmp_path / f"out-{name}", options=QUICK)
    for file in ("themes.parquet", "membership.parquet", "mapping.csv"):
        assert (tmp_path / "out-a" / file).read_bytes() == (tmp_path / "out-b" / file).read_bytes(), file


@pytest.mark.parametrize("count", [1, 12, 49])
def test_too_few_for_themes_are_still_mapped_and_reported(tmp_path, stubbed, count):
    run = pipeline.run(write_answers(tmp_path / "raw.csv", count), out=tmp_path / "out", options=QUICK)
    assert len(run.themes) == 0
    assert run.ledger["passages"]["in_none"] == count
    assert run.mapping["passage_id"].nunique() == count
    assert "too few" in json.dumps(run.manifest["settings"]["themes"]).lower()


@pytest.mark.parametrize("count", [60, 300])
def test_from_sixty_on_themes_are_looked_for_and_everything_is_still_mapped(tmp_path, stubbed, count):
    run = pipeline.run(write_answers(tmp_path / "raw.csv", count), out=tmp_path / "out", options=QUICK)
    assert len(run.themes) >= 2
    assert run.mapping["passage_id"].nunique() == count
    assert "too few" not in json.dumps(run.manifest["settings"]["themes"]).lower()


def test_a_table_without_a_single_row_ends_in_a_report_of_nothing(tmp_path, stubbed):
    raw = tmp_path / "raw.csv"
    raw.write_text("id,text\n")
    run = pipeline.run(raw, out=tmp_path / "out", options=QUICK)
    assert run.ledger["contributions"]["read"] == 0
    assert run.mapping.empty and run.passages.empty


def test_a_failure_leaves_the_earlier_run_as_it_was(tmp_path, stubbed, monkeypatch):
    raw, out = write_answers(tmp_path / "raw.csv", 80), tmp_path / "out"
    pipeline.run(raw, out=out, options=QUICK)
    before = runs.outputs_of(out)
    write_answers(raw, 90)

    def fails(*args, **kwargs):
        raise ReckonsError("The ledger does not add up.")

    monkeypatch.setattr(pipeline.ledger, "account", fails)
    with pytest.raises(ReckonsError):
        pipeline.run(raw, out=out, options=QUICK)
    assert runs.outputs_of(out) == before


def test_bad_input_writes_nothing(tmp_path, stubbed):
    (tmp_path / "raw").mkdir()
    with pytest.raises(InputError):
        pipeline.run(tmp_path / "raw", out=tmp_path / "out", options=QUICK)
    assert not (tmp_path / "out").exists()


def test_one_line_a_stage_and_a_last_line_that_says_where_to_look(tmp_path, stubbed, capsys):
    pipeline.run(write_answers(tmp_path / "raw.csv", 80), out=tmp_path / "out", options=QUICK, report=Report())
    said = capsys.readouterr()
    lines = said.err.strip().splitlines()
    assert said.out == ""
    assert [line.split()[0] for line in lines[:-1]] == ["read", "split", "embed", "themes", "framework", "tables"]
    assert lines[-1] == f"Look at: {tmp_path / 'out'}"


@pytest.mark.model
def test_killed_at_any_moment_the_earlier_run_stays_whole(tmp_path, root):
    """The real command, killed at several times while it replaces an earlier run."""
    raw, out = write_answers(tmp_path / "raw.csv", 70), tmp_path / "out"
    command = [sys.executable, "-m", "analysis.cli", "run", str(raw), "--out", str(out), "--no-pages", "--refits", "0", "--quiet"]
    begin = time.monotonic()
    subprocess.run(command, check=True)
    whole = time.monotonic() - begin
    for attempt, share in enumerate((0.3, 0.6, 0.9), start=1):
        write_answers(raw, 70 + attempt)
        process = subprocess.Popen(command)
        time.sleep(share * whole)
        process.send_signal(signal.SIGKILL)
        process.wait()
        run = runs.open_run(out)
        assert runs.outputs_of(out) == run.manifest["outputs"]
        assert run.ledger["contributions"]["kept"] == len(run.contributions) == run.mapping["contribution_id"].nunique()
    subprocess.run(command, check=True)
    assert len(runs.open_run(out).contributions) == 73


@pytest.mark.model
def test_the_bundled_example_end_to_end(tmp_path, root):
    """Counts of the example as its truth states them, and the planted theme among the themes found."""
    truth = pd.read_csv(root / "tests" / "truth" / "example.csv", keep_default_na=False)
    environment = {**os.environ, "RECKONS_KEY_FILE": str(tmp_path / "key")}
    subprocess.run([sys.executable, "-m", "analysis.cli", "run", str(root / "data/raw/example"), "--out", str(tmp_path / "out"),
                    "--no-pages", "--refits", "0", "--quiet"], check=True, env=environment, cwd=tmp_path)
    run = runs.open_run(tmp_path / "out")
    assert set(run.contributions["contribution_id"]) == set(truth["contribution_id"])
    campaign = set(truth.loc[truth["planted"].str.contains("campaign"), "contribution_id"])
    letters = run.contributions[run.contributions["contribution_id"].isin(campaign)]
    assert len(letters) == 30
    assert letters["duplicate_of"].isna().sum() <= 2, "the campaign's letters are counted as different messages"
    broadband = set(truth.loc[truth["planted"].str.contains("broadband"), "contribution_id"])
    placed = run.membership.merge(run.passages, on="passage_id").dropna(subset="theme_id")
    shares = placed.groupby("theme_id")["contribution_id"].agg(lambda ids: len(set(ids) & broadband) / len(broadband))
    assert shares.max() >= 0.6, "the theme that the framework does not have is not among the themes"


def test_pages_made_again_are_not_mistaken_for_damage(tmp_path, stubbed, capsys):
    raw, out = write_answers(tmp_path / "raw.csv", 80), tmp_path / "out"
    pipeline.run(raw, out=out, options=QUICK)
    (out / "html").mkdir()
    (out / "html" / "index.html").write_text("made again")
    runs.record_outputs(out)
    pipeline.run(raw, out=out, options=Options(refits=0), report=Report())
    assert "Nothing has changed" in capsys.readouterr().err


def test_the_run_before_stays_beside_the_new_one_when_the_data_has_changed(tmp_path, stubbed):
    out, raw = tmp_path / "out", tmp_path / "raw.csv"
    pipeline.run(write_answers(raw, 80), out=out, options=QUICK)
    assert runs.previous_of(runs.open_run(out)) is None
    run = pipeline.run(write_answers(raw, 84), out=out, options=QUICK)
    assert (len(run.passages), len(runs.previous_of(run).passages)) == (84, 80)
    # The same data with other settings: still the run on the data before.
    again = pipeline.run(raw, out=out, options=Options(refits=0, pages=False, seed=8))
    assert len(runs.previous_of(again).passages) == 80


def test_the_run_before_may_be_in_another_folder(tmp_path, stubbed):
    pipeline.run(write_answers(tmp_path / "raw.csv", 80), out=tmp_path / "old", options=QUICK)
    options = Options(refits=0, pages=False, previous=tmp_path / "old")
    run = pipeline.run(write_answers(tmp_path / "raw.csv", 84), out=tmp_path / "new", options=options)
    assert len(runs.previous_of(run).passages) == 80
    assert set(run.themes["theme_id"]) == set(runs.open_run(tmp_path / "old").themes["theme_id"])
    with pytest.raises(InputError, match="No finished run here"):
        pipeline.run(tmp_path / "raw.csv", out=tmp_path / "new", options=Options(previous=tmp_path / "nowhere"))
