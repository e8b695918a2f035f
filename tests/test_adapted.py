import numpy as np
import pandas as pd
import pytest

from analysis import adapted, coefficients, framework
from analysis.adapted import AdaptedEncoder
from analysis.embedding import SentenceEncoder, embed, encoded, load_encoder
from analysis.prediction import probabilities, read_ahead

TEXTS = [f"Remark {n} " + "on buying shared platforms for every service " * (n % 5) for n in range(30)] + ["Yes."]


@pytest.fixture(scope="module")
def encoder():
    return load_encoder()


@pytest.fixture(scope="module")
def trained():
    return coefficients.load()


def read_now(texts, encoder, cache, monkeypatch):
    """The texts that are read for their vectors and log-odds at once, in order of the alphabet."""
    asked = []
    monkeypatch.setattr(AdaptedEncoder, "encode_both", lambda self, texts: asked.extend(texts) or np.zeros((len(texts), 384 + self.dimensions)))
    read_ahead(pd.DataFrame({"text": texts}), framework.load(), encoder=encoder, cache=cache)
    return sorted(asked)


@pytest.mark.model
class TestReading:
    def test_vectors_and_log_odds_of_one_pass_have_the_bits_of_two(self, encoder, trained):
        reading = AdaptedEncoder(encoder, trained)
        both = reading.encode_both(TEXTS)
        assert (both[:, :384] == encoder.encode(TEXTS)).all()
        assert (both[:, 384:] == reading.encode(TEXTS)).all()
        assert (reading.encode_both(TEXTS[::-1][:9])[::-1] == both[-9:]).all()

    def test_log_odds_are_those_of_the_layers_in_the_library(self, trained):
        reading = AdaptedEncoder(load_encoder(precision="float32"), trained)
        by_library = AdaptedEncoder(load_encoder(precision="float32"), trained)
        by_library.base.stack = None
        assert np.abs(reading.encode(TEXTS) - by_library.encode(TEXTS)).max() < 0.01

    def test_log_odds_do_not_depend_on_how_many_texts_are_in_a_pack(self, encoder, trained):
        # One text alone: without rows to fill up, the head's product would take another path and give other last bits.
        reading = AdaptedEncoder(encoder, trained)
        together = reading.encode(TEXTS)
        for place in (0, 7, 30):
            assert (reading.encode([TEXTS[place]]) == together[place]).all()

    def test_a_text_is_read_once_for_both(self, encoder, trained, tmp_path, monkeypatch):
        passages, codes = pd.DataFrame({"text": TEXTS}), framework.load()
        read_ahead(passages, codes, encoder=encoder, cache=tmp_path)
        monkeypatch.setattr(SentenceEncoder, "encode", None)
        monkeypatch.setattr(AdaptedEncoder, "encode", None)
        assert embed(passages, encoder=encoder, cache=tmp_path).shape == (31, 384)
        found, _ = probabilities(None, passages, codes, coefficients=trained, encoder=encoder, cache=tmp_path)
        assert len(found) == 31

    def test_only_texts_new_to_both_are_read(self, encoder, trained, tmp_path, monkeypatch):
        read_ahead(pd.DataFrame({"text": TEXTS[:4]}), framework.load(), encoder=encoder, cache=tmp_path)
        assert read_now(TEXTS[:6], encoder, tmp_path, monkeypatch) == sorted(TEXTS[4:6])

    @pytest.mark.parametrize("known", ["vectors", "log-odds"])
    def test_a_text_of_which_one_of_the_two_is_known_is_not_read_for_both(self, encoder, trained, tmp_path, monkeypatch, known):
        encoded(pd.Series(TEXTS[:4]), encoder=encoder if known == "vectors" else AdaptedEncoder(encoder, trained), cache=tmp_path)
        assert read_now(TEXTS[:6], encoder, tmp_path, monkeypatch) == sorted(TEXTS[4:6])


def test_without_fitting_coefficients_nothing_is_read_ahead(stub_encoder, tmp_path, monkeypatch):
    stub_encoder.files = type("Files", (), {"sha256": "0" * 64})
    monkeypatch.setattr(adapted, "read_both", None)
    read_ahead(pd.DataFrame({"text": ["a b"]}), framework.load(), encoder=stub_encoder, cache=tmp_path)
    assert not list(tmp_path.iterdir())
