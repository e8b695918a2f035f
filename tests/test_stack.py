"""The layers worked through here against the library that the model was made with."""

import json

import numpy as np
import pytest

from analysis.embedding import load_encoder
from analysis.models import find_model
from analysis.stack import is_plain

RANDOM = np.random.default_rng(5)
WORDS = "services data shared buying supplier council money people design treasury slow contract".split()
TEXTS = [" ".join(RANDOM.choice(WORDS, size=size)) for size in [1, 2, 3, 120, 200, 255, 400, *RANDOM.integers(1, 60, size=24)]]


@pytest.mark.model
@pytest.mark.parametrize("precision, least", [("float32", 0.99999), ("bfloat16", 0.999)])
def test_vectors_are_those_of_the_library_and_the_same_in_any_company(precision, least):
    encoder = load_encoder(precision=precision)
    together = encoder.encode(TEXTS)
    theirs = encoder.model.encode(TEXTS, normalize_embeddings=True, show_progress_bar=False)
    assert (together * theirs).sum(axis=1).min() > least
    for _ in range(3):
        some = RANDOM.permutation(len(TEXTS))[: RANDOM.integers(1, 30)]
        assert (encoder.encode([TEXTS[place] for place in some]) == together[some]).all()


def test_the_packaged_model_is_of_the_known_kind():
    assert is_plain(find_model().folder)


@pytest.mark.parametrize("name, change", [("config.json", {"model_type": "mpnet"}), ("config.json", {"hidden_act": "relu"}),
                                          ("1_Pooling/config.json", {"pooling_mode_mean_tokens": False, "pooling_mode_cls_token": True})])
def test_a_model_of_another_kind_is_left_to_its_library(tmp_path, name, change):
    (tmp_path / "1_Pooling").mkdir()
    for known in ("config.json", "modules.json", "1_Pooling/config.json"):
        content = json.loads((find_model().folder / known).read_text())
        (tmp_path / known).write_text(json.dumps(content | change if known == name else content))
    assert not is_plain(tmp_path)


def test_so_is_a_model_with_a_further_module(tmp_path):
    (tmp_path / "1_Pooling").mkdir()
    for known in ("config.json", "modules.json", "1_Pooling/config.json"):
        content = json.loads((find_model().folder / known).read_text())
        (tmp_path / known).write_text(json.dumps(content[:2] if known == "modules.json" else content))
    assert not is_plain(tmp_path)
