"""What the command says, and how it ends."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest


def reckons(*arguments, cwd):
    return subprocess.run([sys.executable, "-m", "analysis.cli", *map(str, arguments)], capture_output=True, text=True, cwd=cwd)


def test_help_names_every_option_of_a_run(tmp_path):
    said = subprocess.run([sys.executable, "-m", "analysis.cli", "run", "--help"], capture_output=True, text=True,
                          env={**os.environ, "COLUMNS": "160", "NO_COLOR": "1"}).stdout
    for option in ("--out", "--framework", "--model", "--column", "--seed", "--refits", "--no-pages", "--scheduler", "--quiet", "--verbose"):
        assert option in said


@pytest.mark.parametrize(("content", "parts"), [
    ("id,comment\n1,Fund teams\n", ['"text" is missing', "id, comment", "--column text=comment"]),
    (None, ["Nothing was written."]),
])
def test_bad_input_is_one_message_without_a_traceback(tmp_path, content, parts):
    raw = tmp_path / "raw"
    raw.mkdir()
    if content:
        (raw / "replies.csv").write_text(content)
    ended = reckons("run", raw, "--out", tmp_path / "out", cwd=tmp_path)
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert "Traceback" not in ended.stderr
    for part in parts:
        assert part in ended.stderr
    assert not (tmp_path / "out").exists()


def test_a_raw_path_that_does_not_exist_is_named(tmp_path):
    ended = reckons("run", tmp_path / "nowhere", "--out", tmp_path / "out", cwd=tmp_path)
    assert ended.returncode == 2
    assert "nowhere" in ended.stderr and "Traceback" not in ended.stderr


def test_a_report_without_a_run_says_how_to_make_one(tmp_path):
    ended = reckons("report", "--run", tmp_path, cwd=tmp_path)
    assert ended.returncode == 2
    assert "reckons run" in ended.stderr
