"""People's decisions: kept for good, stronger than the model, honest about what contradicts itself."""

from __future__ import annotations

import subprocess
import sys

import pandas as pd
import pytest
from filelock import FileLock

from analysis import embedding, framework, pipeline, review
from analysis.errors import InputError, ReckonsError
from analysis.mapping import map_to_framework
from analysis.pipeline import Options
from analysis.progress import Report
from analysis.provenance import text_sha256
from analysis.review import decide, no_decisions, read_decisions

CODES = framework.load()
PASSAGES = pd.DataFrame({"passage_id": ["a#1", "b#1", "b#2"], "contribution_id": ["a", "b", "b"],
                         "text": ["Buying takes too long.", "=Thanks, \"all\"\nand bye", "Buying takes too long."]})


def passage(place=0):
    return PASSAGES.iloc[place]


def save(path, codes, *, place=0, who="Ada", note=""):
    return decide(path, passage(place), codes, framework=CODES, who=who, note=note)


def mapped(decisions):
    def nothing(vectors, passages, of):
        return pd.DataFrame({code: [0.1] * len(passages) for code in of.codes["code"]}, index=passages.index), {"method": "stand-in"}
    return map_to_framework(None, PASSAGES, probabilities=nothing, decisions=decisions)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "review" / "decisions.csv"


def test_a_decision_is_a_row_that_says_when_who_what_and_on_which_text(path):
    save(path, ["procurement"], note="plain, \"as day\"")
    row = read_decisions(path, CODES).table.iloc[0]
    assert (row["who"], row["passage_id"], row["passage_sha256"]) == ("Ada", "a#1", text_sha256("Buying takes too long."))
    assert (row["questions"], row["barriers"], row["aspects"], row["stance"]) == ("centre", "procurement", "barriers", "")
    assert row["note"] == "plain, \"as day\"" and row["decided_at"].endswith("+00:00")


def test_what_was_written_is_never_written_over(path):
    save(path, ["procurement"])
    before = path.read_bytes()
    save(path, [], note="on second thoughts\nnone")
    assert path.read_bytes().startswith(before)
    assert len(read_decisions(path, CODES).table) == 2


def test_the_later_decision_counts_and_both_are_shown(path):
    save(path, ["procurement"], who="Ada")
    save(path, ["technology"], who="Ben")
    found = read_decisions(path, CODES)
    assert found.standing["questions"].tolist() == ["technology"]
    assert found.disagreements[["who", "counts"]].to_numpy().tolist() == [["Ada", False], ["Ben", True]]
    said = " ".join(found.in_words(PASSAGES))
    assert "row 2, Ada: centre, procurement, barriers" in said and "row 3, Ben: technology" in said and "The later counts" in said


def test_later_goes_by_the_time_written_not_by_the_place_in_the_file(path):
    save(path, ["procurement"])
    save(path, ["technology"])
    lines = path.read_text().splitlines()
    path.write_text("\n".join([lines[0], lines[2], lines[1]]) + "\n")
    assert read_decisions(path, CODES).standing["questions"].tolist() == ["technology"]


def test_the_same_decision_twice_is_no_disagreement(path):
    save(path, ["technology", "treat"])
    save(path, ["treat", "technology"], who="Ben")
    assert read_decisions(path, CODES).disagreements.empty


def test_people_overrule_the_model_in_every_passage_of_the_same_words(path):
    save(path, ["procurement"])
    table = mapped(read_decisions(path, CODES)).table.set_index(["passage_id", "code"])
    for place in ("a#1", "b#2"):
        assert table.loc[(place, "procurement"), ["decision", "decided_by", "probability"]].tolist() == ["assign", "person", 0.1]
        assert table.loc[(place, "technology"), ["decision", "decided_by"]].tolist() == ["outside", "person"]
        assert bool(table.loc[(place, "centre"), "assigned"])
    assert set(table.loc["b#1"]["decided_by"]) == {"model"}


def test_a_barrier_set_by_hand_in_the_file_still_brings_the_centre(path):
    save(path, ["procurement"])
    path.write_text(path.read_text().replace("centre,procurement,barriers", ",procurement,"))
    found = mapped(read_decisions(path, CODES))
    row = found.table.set_index(["passage_id", "code"]).loc[("a#1", "centre")]
    assert (bool(row["assigned"]), row["decided_by"]) == (True, "rule")
    assert found.outcomes.to_dict() == {"a": "mapped", "b": "mapped"}


def test_dimensions_that_were_not_decided_on_are_left_to_the_model(path):
    save(path, ["procurement"])
    table = pd.read_csv(path, dtype="str", keep_default_na=False).drop(columns=["questions", "aspects", "stance"])
    table.to_csv(path, index=False)
    found = mapped(read_decisions(path, CODES)).table.set_index(["passage_id", "code"])
    assert found.loc[("a#1", "technology"), "decided_by"] == "model"
    assert found.loc[("a#1", "centre"), ["decision", "decided_by"]].tolist() == ["assign", "rule"]


def test_decisions_on_passages_that_are_not_here_are_told_and_change_nothing(path):
    decide(path, pd.Series({"passage_id": "gone#1", "text": "no longer among them"}), ["comms"], framework=CODES, who="Ada")
    found = read_decisions(path, CODES)
    assert found.unknown_to(PASSAGES)["passage_id"].tolist() == ["gone#1"]
    assert "1 decisions are on passages that are not here" in found.in_words(PASSAGES)[-1] and "gone#1" in found.in_words(PASSAGES)[-1]
    assert mapped(found).table.equals(mapped(no_decisions(CODES)).table)


def test_a_mapping_without_decisions_is_the_models(path):
    assert mapped(read_decisions(path, CODES)).table.equals(mapped(None).table)
    assert mapped(read_decisions(path, CODES)).settings["decisions"] is None


@pytest.mark.parametrize(("codes", "who", "said"), [(["money"], "Ada", '"money" is no code; codes are approach'), (["comms"], " ", "Say who decides")])
def test_what_cannot_be_saved_is_said_and_nothing_is_saved(path, codes, who, said):
    with pytest.raises(InputError, match=said + ".*Nothing was saved"):
        save(path, codes, who=who)
    assert not path.exists()


def test_every_fault_of_a_file_is_named_at_once(path):
    save(path, ["comms"])
    save(path, [])
    path.write_text(path.read_text().replace("comms", "openness").replace(text_sha256(passage()["text"]), "abc").replace("T", " yesterday ", 1))
    with pytest.raises(InputError) as error:
        read_decisions(path, CODES)
    for part in ("is not a time such as", "Row 2: passage_sha256 is not a SHA-256", 'Row 2: "openness" is no code of barriers', "the file is as it was"):
        assert part in str(error.value)


def test_a_file_of_something_else_is_refused_and_not_added_to(path):
    path.parent.mkdir()
    path.write_text("id,text\n1,x\n")
    with pytest.raises(InputError, match="Columns are missing .*decided_at"):
        read_decisions(path, CODES)
    with pytest.raises(InputError, match="Move the file away"):
        save(path, [])
    assert path.read_text() == "id,text\n1,x\n"


def test_a_line_that_was_cut_off_swallows_nothing(path):
    save(path, ["comms"])
    whole = path.read_text()
    path.write_text(whole + "2024-11-01T09:00:00+00:00,Ad")
    save(path, ["technology"], who="Ben")
    assert path.read_text().startswith(whole) and path.read_text().splitlines()[-1].split(",")[1] == "Ben"
    with pytest.raises(InputError, match="Row 3: passage_sha256 is not a SHA-256; the row may have been cut off"):
        read_decisions(path, CODES)


def test_two_people_can_save_at_the_same_time(path):
    code = ("import sys; from pathlib import Path; from analysis import framework; from analysis.review import decide; codes = framework.load()\n"
            "for n in range(15): decide(Path(sys.argv[1]), {'passage_id': f'{n}', 'text': f'text {n}'}, ['comms'], framework=codes, who=sys.argv[2])")
    both = [subprocess.Popen([sys.executable, "-c", code, str(path), who]) for who in ("Ada", "Ben")]
    assert [one.wait() for one in both] == [0, 0]
    assert read_decisions(path, CODES).table["who"].value_counts().to_dict() == {"Ada": 15, "Ben": 15}


def test_a_file_that_somebody_else_is_writing_is_left_alone(path, monkeypatch):
    save(path, ["comms"])
    monkeypatch.setattr(review, "LOCK_SECONDS", 0.05)
    before = path.read_bytes()
    with FileLock(f"{path}.lock"), pytest.raises(ReckonsError, match="being written by somebody else.*not saved"):
        save(path, [])
    assert path.read_bytes() == before


def test_a_run_uses_decisions_says_so_and_does_not_take_a_new_one_for_nothing_changed(tmp_path, path, stub_encoder, monkeypatch, capsys):
    stub_encoder.files = embedding.ModelFiles("stub", "0", None, "0" * 64)
    monkeypatch.setattr(embedding, "load_encoder", lambda *args, **kwargs: stub_encoder)
    raw = tmp_path / "raw.csv"
    pd.DataFrame({"id": ["1", "2"], "text": ["Buying takes too long.", "Thanks"]}).to_csv(raw, index=False)
    options = Options(refits=0, pages=False, decisions=path)
    with pytest.raises(InputError, match="cannot be read"):
        pipeline.run(raw, out=tmp_path / "out", options=options)  # named, but not there
    decide(path, pd.Series({"passage_id": "1#1", "text": "Buying takes too long."}), ["procurement"], framework=CODES, who="Ada")
    first = pipeline.run(raw, out=tmp_path / "out", options=options)
    assert first.mapping.query("decided_by == 'person' and assigned")["code"].tolist()[:2] == ["centre", "procurement"]
    assert first.ledger["codes"]["procurement"]["by_a_person"] == 1
    assert first.manifest["settings"]["mapping"]["decisions"]["passages"] == 1
    decide(path, pd.Series({"passage_id": "1#1", "text": "Buying takes too long."}), ["comms"], framework=CODES, who="Ben")
    second = pipeline.run(raw, out=tmp_path / "out", options=options, report=Report())
    assert "Nothing has changed" not in (said := capsys.readouterr().err) and "Decided in more than one way" in said
    assert second.mapping.query("decided_by == 'person' and assigned and dimension == 'barriers'")["code"].tolist() == ["comms"]
    pipeline.run(raw, out=tmp_path / "out", options=options, report=Report())
    assert "Nothing has changed" in capsys.readouterr().err
