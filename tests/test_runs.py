import json
import os

import pandas as pd
import pytest

from analysis import runs
from analysis.errors import InputError, ReckonsError


def write_run(out, word):
    with runs.writing(out) as staging:
        (staging / "ledger.json").write_text(json.dumps({"word": word}))
        (staging / "html").mkdir()
        (staging / "html" / "index.html").write_text(word)
        (staging / "manifest.json").write_text(json.dumps({"word": word}))


def words(out):
    return {json.loads((out / "ledger.json").read_text())["word"], (out / "html" / "index.html").read_text(),
            json.loads((out / "manifest.json").read_text())["word"]}


def test_a_block_that_fails_leaves_the_earlier_run_whole(tmp_path):
    write_run(tmp_path, "old")
    with pytest.raises(KeyboardInterrupt), runs.writing(tmp_path) as staging:
        (staging / "ledger.json").write_text("half")
        raise KeyboardInterrupt
    assert words(tmp_path) == {"old"}
    assert sorted(p.name for p in tmp_path.iterdir()) == ["html", "ledger.json", "manifest.json", "vectors"]


@pytest.mark.parametrize("killed_at", [1, 2, 3])
def test_killed_while_moving_into_place_the_next_look_completes_it(tmp_path, monkeypatch, killed_at):
    write_run(tmp_path, "old")
    replace, moved = os.replace, []

    def dies(source, target):
        if str(runs._STAGING) in str(source):
            moved.append(target)
            if len(moved) == killed_at:
                raise SystemExit("killed")
        return replace(source, target)

    monkeypatch.setattr(os, "replace", dies)
    with pytest.raises(SystemExit):
        write_run(tmp_path, "new")
    monkeypatch.setattr(os, "replace", replace)
    runs.open_run(tmp_path)
    assert words(tmp_path) == {"new"}
    assert not (tmp_path / runs._STAGING).exists()


def test_pages_of_an_earlier_run_do_not_stay_beside_new_tables(tmp_path):
    write_run(tmp_path, "old")
    with runs.writing(tmp_path) as staging:
        (staging / "manifest.json").write_text("{}")
    assert not (tmp_path / "html").exists()


def test_only_one_run_writes_at_a_time(tmp_path):
    with runs.writing(tmp_path), pytest.raises(ReckonsError, match="Another run is writing"), runs.writing(tmp_path):
        pass


def test_an_output_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ReckonsError, match="cannot be written.*--out.*Nothing was written"), runs.writing(tmp_path / "file" / "out"):
        pass


def test_no_run_says_how_to_make_one(tmp_path):
    with pytest.raises(InputError, match="No finished run here.*reckons run RAW --out"):
        runs.open_run(tmp_path)


def test_equal_tables_give_equal_bytes(tmp_path):
    table = pd.DataFrame({"a": ["x", None], "b": [1.5, 2]})
    for name in ("one.parquet", "two.parquet", "one.csv", "two.csv"):
        runs.write_table(table.copy(), tmp_path / name)
    for kind in ("parquet", "csv"):
        assert (tmp_path / f"one.{kind}").read_bytes() == (tmp_path / f"two.{kind}").read_bytes()
