"""Training in small: a tenth of the adapter, one epoch, on passages written for this project."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from analysis import coefficients, framework
from analysis.coefficients import TrainingSettings
from analysis.embedding import load_encoder
from analysis.errors import InputError
from analysis.prediction import probabilities, scorer, words_say
from analysis.review import decide
from analysis.training import LabelFile, decided, read_label_files, train

SMALL = TrainingSettings(layers=1, rank=2, members=2, epochs=1, folds=2, word_places=1)


@pytest.fixture(scope="module")
def labels(root, tmp_path_factory):
    table = pd.read_csv(root / "tests" / "truth" / "written.csv", keep_default_na=False).iloc[::4]
    path = tmp_path_factory.mktemp("labels") / "labels.csv"
    table.assign(source=[f"place-{n % 9}/x" for n in range(len(table))]).to_csv(path, index=False)
    return path


@pytest.fixture(scope="module")
def encoder():
    return load_encoder()


@pytest.fixture(scope="module")
def trained(labels, encoder, tmp_path_factory):
    out = tmp_path_factory.mktemp("coefficients")
    report = train([LabelFile(str(labels))], out, framework=framework.load(), encoder=encoder, settings=SMALL, log=lambda line: None)
    return out, report


@pytest.mark.model
class TestTrained:
    def test_coefficients_are_small_readable_and_hold_no_passage(self, trained, labels):
        out, _ = trained
        assert sorted(p.name for p in out.iterdir()) == ["mapping.json", "mapping.safetensors"]
        assert (out / "mapping.safetensors").stat().st_size < 2_000_000
        record = (out / "mapping.json").read_text()
        assert json.loads(record)["files"][0]["name"] == "labels.csv"
        texts = pd.read_csv(labels)["text"]
        assert not any(text[:60] in record for text in texts)

    def test_the_same_seed_gives_the_same_coefficients(self, trained, labels, encoder, tmp_path):
        train([LabelFile(str(labels))], tmp_path, framework=framework.load(), encoder=encoder, settings=SMALL, log=lambda line: None)
        assert (tmp_path / "mapping.safetensors").read_bytes() == (trained[0] / "mapping.safetensors").read_bytes()

    def test_probabilities_do_not_depend_on_company_or_cache(self, trained, labels, encoder, tmp_path):
        found = coefficients.load(trained[0])
        texts = pd.read_csv(labels)[["text"]].head(40)
        score = {"coefficients": found, "encoder": encoder}
        whole, settings = probabilities(None, texts, framework.load(), cache=tmp_path, **score)
        part, _ = probabilities(None, texts.iloc[::-1].head(7), framework.load(), **score)
        assert np.array_equal(part.iloc[::-1].to_numpy(), whole.tail(7).to_numpy())
        assert whole.to_numpy().min() >= 0 and whole.to_numpy().max() <= 1
        assert set(settings["rules"]) == set(whole.columns)
        assert all(rule["abstain"] <= rule["assign"] for rule in settings["rules"].values())

    def test_a_barrier_never_outruns_the_centre(self, trained, labels, encoder):
        texts = pd.read_csv(labels)[["text"]]
        found, _ = scorer(framework.load(), encoder=encoder, folder=trained[0])(None, texts, framework.load())
        barriers = found[["procurement", "budgeting", "whole_service", "comms"]].max(axis=1)
        assert (found["centre"] >= barriers).all()

    def test_words_speak_only_where_they_were_trained(self, trained):
        odds = words_say(pd.Series(["procurement contracts"]), coefficients.load(trained[0]))
        columns = [code for _, code in coefficients.load(trained[0]).names]
        assert odds[0, columns.index("procurement")] != 0
        assert odds[0, columns.index("problem")] == 0

    def test_damaged_coefficients_are_refused(self, trained, tmp_path):
        for path in trained[0].iterdir():
            (tmp_path / path.name).write_bytes(path.read_bytes())
        with open(tmp_path / "mapping.safetensors", "ab") as file:
            file.write(b"x")
        with pytest.raises(InputError, match="not the file that mapping.json describes"):
            coefficients.load(tmp_path)

    def test_own_coefficients_for_another_framework_are_refused_and_packaged_ones_passed_over(self, trained, encoder, tmp_path):
        path = tmp_path / "town.yaml"
        path.write_text("dimensions: {topics: {codes: {roads: {definition: Roads and traffic.}}}}")
        other = framework.load(path)
        with pytest.raises(InputError, match="Expected coefficients for this framework"):
            scorer(other, encoder=encoder, folder=trained[0])
        assert "similarity" in scorer(other, encoder=encoder).func.__module__

    def test_a_framework_of_ones_own_can_be_trained(self, encoder, tmp_path):
        (tmp_path / "town.yaml").write_text("dimensions: {topics: {codes: {roads: {definition: Roads and traffic.}, parks: {definition: Parks.}}}}")
        rows = [{"text": f"{subject} number {n} in our town", "topics": code} for n in range(30)
                for subject, code in (("A pothole on the road", "roads"), ("A bench in the park", "parks"))]
        pd.DataFrame(rows).to_csv(tmp_path / "labels.csv", index=False)
        other = framework.load(tmp_path / "town.yaml")
        train([LabelFile(str(tmp_path / "labels.csv"))], tmp_path / "out", framework=other, encoder=encoder, settings=SMALL, log=lambda line: None)
        found, _ = scorer(other, encoder=encoder, folder=tmp_path / "out")(None, pd.DataFrame({"text": ["Fix the road"]}), other)
        assert list(found.columns) == ["parks", "roads"]


def test_ten_labels_are_too_few_and_nothing_is_replaced(tmp_path):
    (tmp_path / "labels.csv").write_text("text,questions\n" + "\n".join(f"passage {n},centre" for n in range(10)))
    with pytest.raises(InputError, match="10 labelled passages; at least 50.*coefficients in use stay"):
        train([LabelFile(str(tmp_path / "labels.csv"))], tmp_path / "out", framework=framework.load(), encoder=None)
    assert not (tmp_path / "out").exists()


PASSAGES = pd.DataFrame({"passage_id": ["at://a/x/1#1", "b#1"], "contribution_id": ["at://a/x/1", "b"], "contributor": ["person-7", None],
                         "text": ["Buying takes too long.", "Thanks"]})


def test_people_s_decisions_are_trained_on_the_later_one_with_their_text(tmp_path):
    path = tmp_path / "decisions.csv"
    for codes in (["technology"], ["procurement"]):
        decide(path, PASSAGES.iloc[0], codes, framework=framework.load(), who="Ada")
    decide(path, pd.Series({"passage_id": "gone", "text": "no longer here"}), ["comms"], framework=framework.load(), who="Ada")
    file, said = decided(path, PASSAGES, framework.load(), alone=False)
    (tmp_path / "labels.csv").write_text("id,text,questions,source,author\n1,Fund the team,centre,x/y,\n")
    table = read_label_files([LabelFile(str(tmp_path / "labels.csv")), file], framework.load())
    row = table.set_index("text").loc["Buying takes too long."]
    assert len(table) == 2 and (row["questions"], row["barriers"], row["author"]) == ("centre", "procurement", "person-7")
    assert not row["reference"] and not row["scored"]
    assert row["place"].startswith("decisions/") and row["place"] != table["place"].iloc[0]
    said = " ".join(said)
    assert "Decided in more than one way" in said and "not here" in said and said.endswith("trained on: 1.")


def test_too_few_decisions_alone_are_refused_and_nothing_is_replaced(tmp_path):
    decide(tmp_path / "decisions.csv", PASSAGES.iloc[1], [], framework=framework.load(), who="Ada")
    for passages, count in ((PASSAGES, 1), (PASSAGES.head(1), 0)):
        file, _ = decided(tmp_path / "decisions.csv", passages, framework.load(), alone=True)
        with pytest.raises(InputError, match=f"(?s){count} labelled passages; at least 50.*coefficients in use stay"):
            train([file], tmp_path / "out", framework=framework.load(), encoder=None)
    assert not (tmp_path / "out").exists()


def test_training_on_nothing_says_what_is_expected(tmp_path):
    ended = subprocess.run([sys.executable, "-m", "analysis.cli", "train"], capture_output=True, text=True, cwd=tmp_path)
    assert ended.returncode == 2 and "Give --labels FILE, --decisions FILE, or both" in ended.stderr and "Traceback" not in ended.stderr


def test_faults_of_all_files_are_named_together(tmp_path):
    (tmp_path / "a.csv").write_text("text,questions\nx,money\n")
    (tmp_path / "b.csv").write_text("comment\nx\n")
    with pytest.raises(InputError) as error:
        train([LabelFile(str(tmp_path / name)) for name in ("a.csv", "b.csv")], tmp_path / "out", framework=framework.load(), encoder=None)
    assert 'a.csv: "money"' in str(error.value) and 'b.csv: Column "text" is missing' in str(error.value)


def test_the_packaged_coefficients_fit_the_packaged_encoder_and_framework():
    packaged = coefficients.load()
    assert packaged is not None, "the package ships without its trained mapping"
    assert packaged.fit_to(framework.load(), packaged.record["encoder_sha256"])
    assert len(packaged.names) == 25
    assert coefficients.PACKAGED.joinpath("mapping.safetensors").stat().st_size < 2_000_000
