"""`reckons evaluate`: what it saves, what it says, and what it refuses."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pandas as pd
import pytest

from analysis import assessment, embedding
from analysis.assessment import assess, in_words
from analysis.errors import InputError
from analysis.provenance import file_sha256


@pytest.fixture(autouse=True)
def stubbed(stub_encoder, monkeypatch):
    """The stub encoder, and a mapping that finds comms in whatever says "publish"."""
    stub_encoder.files = embedding.ModelFiles("stub", "0", None, "0" * 64)
    monkeypatch.setattr(assessment, "load_encoder", lambda *args, **kwargs: stub_encoder)

    def score(vectors, passages, framework):
        said = passages["text"].str.contains("publish")
        return pd.DataFrame({code: said * 0.8 + 0.1 if code in ("comms", "centre") else 0.1 + 0.0 * said for code in framework.codes["code"]}), {"method": "stand-in"}
    monkeypatch.setattr(assessment, "scorer", lambda *args, **kwargs: score)


def labels(path, *, comms=12, other=12, **columns):
    texts = [f"publish number {n}" for n in range(comms)] + [f"thanks number {n}" for n in range(other)]
    table = pd.DataFrame({"id": [f"p{n}" for n in range(len(texts))], "text": texts, "questions": ["centre"] * comms + [""] * other,
                          "barriers": ["comms"] * comms + [""] * other, **columns})
    table.to_csv(path, index=False)
    return path


def test_everything_is_saved_and_said(tmp_path):
    sources = ["blogs"] * 12 + ["letters"] * 12
    second = labels(tmp_path / "second.csv", barriers=["comms"] * 10 + [""] * 14)
    found = assess(labels(tmp_path / "labels.csv", source=sources), tmp_path / "out", second=second)
    assert {p.name for p in (tmp_path / "out").iterdir()} == {
        "codes.csv", "dimensions.csv", "coverage.csv", "groups.csv", "abstentions.csv", "agreement.csv", "evaluation.json"}
    record = json.loads((tmp_path / "out" / "evaluation.json").read_text())
    assert record["scores"]["codes"]["barriers:comms"]["f1"] == 1 and record["labels_file"] == "labels.csv"
    assert record["scores"]["codes"]["barriers:procurement"] == {"positives": 0}
    said = "\n".join(in_words(found))
    assert "barriers comms (12): F1 1.00" in said and "barriers procurement (0): not measured" in said
    assert "Agreement on 24 passages" in said and "comms: kappa 0.83 and 1.00" in said


def test_an_agreement_of_an_earlier_evaluation_does_not_stay_beside_a_new_one(tmp_path):
    assess(labels(tmp_path / "a.csv"), tmp_path / "out", second=labels(tmp_path / "b.csv"))
    assess(labels(tmp_path / "a.csv"), tmp_path / "out")
    assert not (tmp_path / "out" / "agreement.csv").exists()


def test_ten_labels_of_one_class_measure_what_they_can(tmp_path):
    assert "barriers comms (10): F1 1.00" in "\n".join(in_words(assess(labels(tmp_path / "a.csv", comms=10, other=0), tmp_path / "out")))
    assert in_words(assess(labels(tmp_path / "a.csv", comms=9, other=1), tmp_path / "out"))[0].startswith("Nothing could be measured")


def test_a_long_text_is_read_in_passages_as_in_a_run(tmp_path):
    long = "\n\n".join(["These words say nothing at all about it. " * 12] * 4 + ["In the end they let us publish."])
    labels(tmp_path / "a.csv")
    table = pd.read_csv(tmp_path / "a.csv")
    table.loc[0, "text"] = long
    table.to_csv(tmp_path / "a.csv", index=False)
    assert assess(tmp_path / "a.csv", tmp_path / "out").evaluation.codes.set_index("code")["recall"]["comms"] == 1


@pytest.mark.parametrize(("change", "said"), [
    (lambda t: t.assign(id="p1"), "second.csv: these ids occur more than once: p1"),
    (lambda t: t.assign(id="x" + t["id"]), "second.csv has none of the passages of labels.csv"),
    (lambda t: t.assign(text=t["text"] + " indeed"), "second.csv: these ids stand for other words than in labels.csv: p0"),
    (lambda t: t.assign(barriers="money"), '"money" in row 2, 3.*is no code of barriers'),
])
def test_a_second_file_that_does_not_fit_is_refused_and_nothing_written(tmp_path, change, said):
    first = labels(tmp_path / "labels.csv")
    change(pd.read_csv(first, keep_default_na=False)).to_csv(tmp_path / "second.csv", index=False)
    with pytest.raises(InputError, match=said):
        assess(first, tmp_path / "out", second=tmp_path / "second.csv")
    assert not (tmp_path / "out").exists()


def test_an_empty_file_is_refused(tmp_path):
    (tmp_path / "a.csv").write_text("id,text,barriers\n")
    with pytest.raises(InputError, match="no labelled passage.*nothing was written"):
        assess(tmp_path / "a.csv", tmp_path / "out")


@pytest.mark.parametrize("same", [True, False])
def test_labels_that_were_trained_on_are_told(tmp_path, monkeypatch, same):
    path = labels(tmp_path / "a.csv")
    record = {"files": [{"sha256": file_sha256(path) if same else "other"}]}
    inner = assessment.scorer()
    monkeypatch.setattr(assessment, "load", lambda folder: SimpleNamespace(record=record))
    monkeypatch.setattr(assessment, "scorer", lambda *args, **kwargs: lambda *of: (inner(*of)[0], {"method": "trained", "tensors_sha256": "x"}))
    assert in_words(assess(path, tmp_path / "out"))[0].startswith("Warning: the mapping was trained on this very file") == same
