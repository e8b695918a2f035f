import time

import pytest

from analysis import models
from analysis.errors import InputError, ReckonsError
from analysis.models import find_model


def test_the_packaged_weights_are_the_known_ones():
    files = find_model()
    assert files.name == "sentence-transformers/all-MiniLM-L6-v2"
    assert files.revision == "1110a243fdf4706b3f48f1d95db1a4f5529b4d41"


def test_replaced_weights_are_refused(tmp_path, monkeypatch):
    (tmp_path / "model").mkdir()
    for name in ("model.safetensors", "tokenizer.json", "modules.json"):
        (tmp_path / "model" / name).write_text("{}")
    monkeypatch.setattr(models, "find_spec", lambda name: type("Spec", (), {"submodule_search_locations": [str(tmp_path)]}))
    with pytest.raises(ReckonsError, match="not in the list of known weights"):
        find_model()


def test_a_folder_without_a_model_says_what_is_missing(tmp_path):
    (tmp_path / "notes.txt").write_text("x")
    with pytest.raises(InputError, match=r"model.safetensors, tokenizer.json, modules.json missing; found: notes.txt"):
        find_model(tmp_path)


def test_a_hub_name_needs_a_revision():
    with pytest.raises(InputError, match="NAME@REVISION"):
        find_model("sentence-transformers/some-model")


def test_offline_without_a_model_there_is_one_message_at_once(monkeypatch):
    monkeypatch.setattr(models, "find_spec", lambda name: None)
    monkeypatch.setattr(models, "_reachable", lambda endpoint: False)
    begin = time.monotonic()
    with pytest.raises(ReckonsError, match="cannot be reached.*Nothing was embedded"):
        find_model()
    assert time.monotonic() - begin < 10
