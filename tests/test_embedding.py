from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis import embedding
from analysis.embedding import embed, load_encoder
from analysis.models import find_model


def passages(*texts):
    return pd.DataFrame({"text": pd.Series(texts, dtype="str")})


def test_each_distinct_text_is_embedded_once(stub_encoder, tmp_path):
    vectors = embed(passages("a b", "c d", "a b"), encoder=stub_encoder, cache=tmp_path)
    assert sorted(stub_encoder.encoded) == ["a b", "c d"]
    assert (vectors[0] == vectors[2]).all()
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1)


def test_only_new_texts_are_embedded_again(stub_encoder, tmp_path):
    before = embed(passages("a b", "c d"), encoder=stub_encoder, cache=tmp_path)
    stub_encoder.encoded.clear()
    after = embed(passages("c d", "e f", "a b"), encoder=stub_encoder, cache=tmp_path)
    assert stub_encoder.encoded == ["e f"]
    assert (after[[2, 0]] == before).all()


def test_vectors_are_the_same_with_and_without_a_cache(stub_encoder, tmp_path):
    some = passages("a b", "c d")
    assert (embed(some, encoder=stub_encoder) == embed(some, encoder=stub_encoder, cache=tmp_path)).all()


def test_a_stopped_run_goes_on_from_what_was_kept(stub_encoder, tmp_path, monkeypatch):
    monkeypatch.setattr(embedding, "SAVED_TOGETHER", 2)
    texts = passages(*[f"word{n} x" for n in range(6)])
    stub_encoder.encode, whole = _fails_at_call(stub_encoder, 3), stub_encoder.encode
    with pytest.raises(KeyboardInterrupt):
        embed(texts, encoder=stub_encoder, cache=tmp_path)
    stub_encoder.encode = whole
    stub_encoder.encoded.clear()
    embed(texts, encoder=stub_encoder, cache=tmp_path)
    assert len(stub_encoder.encoded) == 2


def _fails_at_call(encoder, number):
    whole, calls = encoder.encode, []

    def encode(texts):
        calls.append(1)
        if len(calls) == number:
            raise KeyboardInterrupt
        return whole(texts)

    return encode


def test_no_passages_give_no_vectors(stub_encoder, tmp_path):
    assert embed(passages(), encoder=stub_encoder, cache=tmp_path).shape == (0, 16)


@pytest.fixture(scope="module")
def encoder():
    return load_encoder()


@pytest.mark.model
class TestRealEncoder:
    TEXTS = [f"Sentence number {n} " + "about buying software well " * (n % 7) for n in range(40)]

    def test_a_text_has_the_same_bits_in_any_company(self, encoder):
        together = encoder.encode(self.TEXTS)
        alone = np.concatenate([encoder.encode([text]) for text in self.TEXTS[:5]])
        backwards = encoder.encode(self.TEXTS[::-1])[::-1]
        assert (together[:5] == alone).all()
        assert (together == backwards).all()

    def test_a_text_has_the_same_bits_on_any_number_of_threads(self, encoder):
        import torch

        before = torch.get_num_threads()
        try:
            found = []
            for threads in (1, 3):
                torch.set_num_threads(threads)
                found.append(encoder.encode(self.TEXTS))
                assert torch.get_num_threads() == threads, "whoever embeds must find torch as it was"
        finally:
            torch.set_num_threads(before)
        assert (found[0] == found[1]).all()

    def test_agrees_with_the_library_itself(self, encoder):
        reference = encoder.model.encode(self.TEXTS, normalize_embeddings=True, show_progress_bar=False)
        assert (encoder.encode(self.TEXTS) * reference).sum(axis=1).min() > 0.999

    def test_puts_like_meanings_together(self, encoder):
        a, b, c = encoder.encode(["Contracts lock us in for years.", "We cannot leave our supplier.", "The cake was good."])
        assert a @ b > a @ c + 0.1

    def test_counts_tokens_and_knows_its_size_without_loading_the_weights(self):
        encoder = load_encoder()
        assert encoder.count_tokens("hello world") == 2
        assert encoder.dimensions == 384
        assert "model" not in vars(encoder)

    def test_a_folder_given_by_hand_is_used(self):
        folder = find_model().folder
        assert load_encoder(folder).files.folder == Path(folder)
