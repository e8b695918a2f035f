"""What somebody withdrew is nowhere any more: searched for in every byte that a run and its tools leave behind."""

from __future__ import annotations

import base64
import csv
import gzip
import hashlib
import json
import os
import re
import zlib

import numpy as np
import pandas as pd
import pytest
from safetensors.numpy import load_file, save_file

from analysis import embedding, erasure, pipeline, register, runs, traces
from analysis.contributions import read
from analysis.errors import InputError
from analysis.pipeline import Options
from analysis.provenance import text_sha256
from analysis.withdrawals import withdraw

SUBJECTS = ["contracts", "broadband", "funding", "publishing"]
GONE = "at://did:plc:zebra/app.bsky.feed.post/3zebrazebra2"
TEXT = "funding Zebrawood was what our hall asked for and nobody in Quagmire Lane ever answered"
URL = "https://bsky.app/profile/did:plc:zebra/post/3zebrazebra2"
NEEDLES = [GONE, URL, TEXT, "3zebrazebra2", "Zebrawood", text_sha256(TEXT), text_sha256(TEXT)[:32], text_sha256(TEXT)[:16]]


@pytest.fixture
def stubbed(stub_encoder, monkeypatch):
    stub_encoder.files = embedding.ModelFiles("stub", "0", None, "0" * 64)
    monkeypatch.setattr(embedding, "load_encoder", lambda *args, **kwargs: stub_encoder)
    return stub_encoder


def write_raw(folder, count=80):
    """A table of ``count`` contributions, one of which will be withdrawn, and two of which answer or repeat it."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = [{"id": f"{n:03}", "author": f"person {n % 37}", "url": "", "parent_id": "", "text": f"{SUBJECTS[n % 4]} remark {n} about {SUBJECTS[n % 4]}"}
            for n in range(count)]
    rows += [{"id": GONE, "author": "zebra", "url": URL, "parent_id": "", "text": TEXT},
             {"id": "reply", "author": "somebody", "url": "", "parent_id": GONE, "text": "funding I agree with the neighbour about the hall"},
             {"id": "survey-1:Q1", "author": "s1", "url": "https://survey.example/", "parent_id": "", "text": "contracts are too long for a small firm"},
             {"id": "survey-1:Q2", "author": "s1", "url": "https://survey.example/", "parent_id": "", "text": "broadband is slow on our island"},
             {"id": "survey-2:Q1", "author": "s2", "url": "https://survey.example/", "parent_id": "", "text": "contracts ought to be shorter than that"}]
    pd.DataFrame(rows).to_csv(folder / "answers.csv", index=False)
    return folder


def leave_traces(out):
    """What pages, review, selections and earlier copies keep of a contribution."""
    (out / "html" / ".cache").mkdir(parents=True)
    packed = base64.b64encode(gzip.compress(json.dumps({"text": TEXT}).encode())).decode()
    (out / "html" / "index.html").write_text(f"<p>{TEXT}</p><script>x='{packed}'</script>")
    (out / "html" / ".cache" / "02-landscape.json").write_text(json.dumps({"html": f"<p>{TEXT}</p>"}))
    earlier = out / "earlier" / "2024-11-01"
    earlier.mkdir(parents=True)
    for name in erasure.CORE:
        (earlier / f"{name}.parquet").write_bytes((out / f"{name}.parquet").read_bytes())
    (out / "selections.json").write_text(json.dumps([{"note": "the hall", "passage_ids": [f"{GONE}#1", "001#1"]},
                                                     {"note": "mine", "passage_id": f"{GONE}#1", "text": TEXT}]))
    (out / "notes.jsonl").write_text(json.dumps({"contribution_id": GONE, "note": "x"}) + "\n" + json.dumps({"contribution_id": "001"}) + "\n")
    (out / "export").mkdir()
    (out / "export" / "contributions.xlsx").write_bytes(zlib.compress(TEXT.encode()))
    (out / "log.bin").write_bytes(b"\x00" + TEXT.encode() + b"\x00")
    review = out.parent / "review"
    review.mkdir()
    with (review / "decisions.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["when", "who", "passage", "codes", "note"],
                                    ["2024-11-02", "A", text_sha256(TEXT), "centre", ""],
                                    ["2024-11-02", "A", text_sha256("funding remark 2 about funding"), "centre", "keep me"]])


def everything_in(folder):
    """Every byte under a folder, and what it stands for once decoded: tables, vectors' keys, compressed payloads, names."""
    for path in folder.rglob("*"):
        yield path, str(path).encode()
        if not path.is_file():
            continue
        content = path.read_bytes()
        yield path, content
        if path.suffix == ".parquet":
            yield path, pd.read_parquet(path).to_csv().encode()
        if path.suffix == ".safetensors":
            yield path, load_file(path)["keys"].tobytes()
        for piece in re.findall(rb"[A-Za-z0-9+/]{40,}={0,2}", content):
            try:
                yield path, gzip.decompress(base64.b64decode(piece + b"=" * (-len(piece) % 4)))
            except (ValueError, OSError, EOFError, zlib.error):
                continue


def found_in(folder):
    return sorted({(path.name, needle) for path, content in everything_in(folder) for needle in NEEDLES if needle.encode() in content})


@pytest.fixture
def finished(tmp_path, stubbed):
    raw, out = write_raw(tmp_path / "raw"), tmp_path / "processed"
    pipeline.run(raw, out=out, options=Options(refits=0, pages=False))
    leave_traces(out)
    return raw, out


def test_every_byte_of_a_withdrawn_contribution_goes_and_everything_else_stays(finished):
    raw, out = finished
    assert len({needle for _, needle in found_in(out)}) >= 6, "the search itself must be able to find what is there"
    before = runs.open_run(out).contributions
    done = withdraw([URL], raw=raw, out=out)
    assert found_in(out.parent / "processed") == [] and found_in(out.parent / "review") == []
    after = runs.open_run(out)
    assert set(before["contribution_id"]) - set(after.contributions["contribution_id"]) == {GONE}
    assert after.contributions.set_index("contribution_id").loc["reply", "parent_id"] is None or pd.isna(
        after.contributions.set_index("contribution_id").loc["reply", "parent_id"])
    assert json.loads((out / "selections.json").read_text()) == [{"note": "the hall", "passage_ids": ["001#1"]}]
    assert (out / "notes.jsonl").read_text() == '{"contribution_id": "001"}\n'
    assert pd.read_csv(out.parent / "review" / "decisions.csv")["note"].tolist() == ["keep me"]
    assert len(pd.read_parquet(out / "earlier" / "2024-11-01" / "contributions.parquet")) == len(before) - 1
    assert done.contributions == 1 and "answers.csv (row 82)" in " ".join(done.in_words())


def test_the_run_adds_up_afterwards_and_says_how_many_were_withdrawn(finished):
    raw, out = finished
    withdraw([GONE], raw=raw, out=out)
    run = runs.open_run(out)
    counts = run.ledger["contributions"]
    assert (counts["read"], counts["kept"], counts["set_aside_by_reason"]) == (85, 84, {"withdrawn": 1})
    assert run.ledger["withdrawn_since_last_run"] == 1
    assert run.set_aside.to_dict("records")[0]["row"] == "82"
    assert runs.is_as_written(run)


def test_the_register_holds_hashes_and_dates_only_and_a_row_written_by_hand_does_the_same(finished):
    raw, out = finished
    (raw / "withdrawn.csv").write_text(f"sha256,withdrawn_on\n{hashlib.sha256(GONE.encode()).hexdigest()},2024-11-03\n")
    pipeline.run(raw, out=out, options=Options(refits=0, pages=False))
    assert found_in(out) == [] and found_in(out.parent / "review") == []
    assert runs.open_run(out).ledger["withdrawn_since_last_run"] == 1
    withdraw(["001"], raw=raw, out=out)
    rows = [line.split(",") for line in (raw / "withdrawn.csv").read_text().splitlines()]
    assert rows[0] == ["sha256", "withdrawn_on"] and rows[1][1] == "2024-11-03"
    assert all(len(digest) == 64 and re.fullmatch(r"\d{4}-\d\d-\d\d", day) for digest, day in rows[1:])


def test_a_later_run_still_sets_it_aside_under_another_file_name_but_nobody_else_with_that_id(finished):
    raw, out = finished
    withdraw(["001"], raw=raw, out=out)
    (raw / "answers.csv").rename(raw / "answers-2.csv")
    assert "001" not in set(read(raw).kept["contribution_id"])
    pd.DataFrame({"id": ["001"], "author": ["another"], "text": ["a different survey, a different person"]}).to_csv(raw / "spring.csv", index=False)
    kept = read(raw).kept
    assert kept.loc[kept["source_file"] == "spring.csv", "text"].tolist() == ["a different survey, a different person"]
    assert not kept["text"].str.startswith("broadband remark 1 about").any()


def test_all_answers_of_a_respondent_go_together_and_an_address_of_several_people_is_refused(finished):
    raw, out = finished
    with pytest.raises(InputError, match="address of 3 contributions by 2 people.*Nothing was withdrawn"):
        withdraw(["https://survey.example/", "001"], raw=raw, out=out)
    assert not (raw / "withdrawn.csv").exists()
    withdraw(["survey-1"], raw=raw, out=out)
    left = set(runs.open_run(out).contributions["contribution_id"])
    assert not left & {"survey-1:Q1", "survey-1:Q2"} and "survey-2:Q1" in left


def test_an_unknown_name_is_said_and_nothing_is_changed(finished):
    raw, out = finished
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*")}
    with pytest.raises(InputError, match='No contribution goes by the name "nobody-7"'):
        withdraw([GONE, "nobody-7"], raw=raw, out=out)
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*")} == before
    done = withdraw(["at://did:plc:x/app.bsky.feed.post/3later"], raw=raw, out=out, allow_unknown=True)
    assert done.contributions == 0 and text_sha256("at://did:plc:x/app.bsky.feed.post/3later") in register.load(raw)


def test_what_two_people_said_in_the_same_words_stays_for_the_other(tmp_path, stubbed):
    raw, out = tmp_path / "raw", tmp_path / "processed"
    raw.mkdir()
    pd.DataFrame({"id": ["a", "b", "c"], "author": ["x", "y", "z"], "text": ["please answer the telephone in the town hall"] * 3}).to_csv(raw / "t.csv", index=False)
    pipeline.run(raw, out=out, options=Options(refits=0, pages=False))
    assert runs.open_run(out).contributions["duplicate_of"].isna().tolist() == [True, False, False]
    withdraw(["a"], raw=raw, out=out)
    kept = runs.open_run(out).contributions
    assert kept["contribution_id"].tolist() == ["b", "c"] and kept["duplicate_of"].isna().tolist() == [True, False]


def test_an_earlier_run_that_is_named_brings_nothing_back(tmp_path, stubbed):
    raw = write_raw(tmp_path / "raw")
    old, out = tmp_path / "autumn", tmp_path / "spring"
    pipeline.run(raw, out=old, options=Options(refits=0, pages=False))
    register.add(raw, [text_sha256(GONE)])
    pipeline.run(raw, out=out, options=Options(refits=0, pages=False, previous=old))
    assert found_in(out) == [] and found_in(old) == []


def test_decisions_and_selections_go_wherever_the_output_folder_is(tmp_path, stubbed, monkeypatch):
    monkeypatch.chdir(tmp_path)
    raw, out = write_raw(tmp_path / "raw"), tmp_path / "elsewhere" / "results"
    pipeline.run(raw, out=out, options=Options(refits=0, pages=False))
    for name in ("review/decisions.csv", "selections/selections.csv"):
        path = tmp_path / "data" / name
        path.parent.mkdir(parents=True)
        path.write_text(f"decided_at,who,passage_sha256,passage_id,questions,barriers,aspects,stance,note\n"
                        f"2024-11-02T10:00:00+00:00,A,{text_sha256(TEXT)},{GONE}#1,centre,,,,\n"
                        f"2024-11-02T10:00:00+00:00,A,{text_sha256('funding remark 2 about funding')},002#1,centre,,,,stays\n")
    withdraw([GONE], raw=raw, out=out)
    assert found_in(tmp_path / "data") == []
    assert all(len(pd.read_csv(path)) == 1 for path in (tmp_path / "data").rglob("*.csv"))


@pytest.mark.parametrize("step", range(9))
def test_killed_at_any_step_the_next_command_completes_it(finished, monkeypatch, step):
    raw, out = finished
    real, calls = os.replace, []

    def killed(*args):
        calls.append(args)
        if len(calls) > step * 3:
            raise KeyboardInterrupt
        return real(*args)

    monkeypatch.setattr(os, "replace", killed)
    with pytest.raises(KeyboardInterrupt):
        withdraw([GONE], raw=raw, out=out)
    monkeypatch.setattr(os, "replace", real)
    run = runs.open_run(out)  # what report, export, compare and the notebooks begin with
    if (out / "html").exists():  # nothing had begun
        assert step == 0
        withdraw([GONE], raw=raw, out=out)
        run = runs.open_run(out)
    assert found_in(out) == [] and found_in(out.parent / "review") == []
    assert runs.is_as_written(run)
    assert run.ledger["contributions"]["kept"] == len(run.contributions) == 84
    assert text_sha256(GONE) in register.load(raw)
    assert not (out / runs.WITHDRAWING).exists()


def test_a_short_id_in_a_cell_that_means_something_else_is_left_alone(tmp_path):
    pd.DataFrame({"contribution_id": ["17", "18"], "row": ["3", "17"]}).to_csv(tmp_path / "t.csv", index=False)
    found = traces.Traces(exact=frozenset({"17"}))
    assert traces.cleaned(tmp_path / "t.csv", tmp_path / "new.csv", found)
    assert (tmp_path / "new.csv").read_text() == "contribution_id,row\n18,17\n"


def test_a_register_that_is_no_register_is_named_with_its_rows(tmp_path):
    (tmp_path / "t.csv").write_text("text\nhello there, all of you\n")
    (tmp_path / "withdrawn.csv").write_text("sha256,withdrawn_on\n17,2024-01-01\n")
    with pytest.raises(InputError, match="Row 2: the SHA-256 of an id or address is expected"):
        read(tmp_path)


def test_a_register_above_the_folder_counts_where_that_is_called_raw(tmp_path):
    folder = write_raw(tmp_path / "raw" / "autumn")
    register.add(folder, [text_sha256(GONE)])
    assert (tmp_path / "raw" / "withdrawn.csv").exists()
    assert GONE not in set(read(folder).kept["contribution_id"]) and GONE not in set(read(folder / "answers.csv").kept["contribution_id"])


def test_only_the_named_vectors_leave_a_file_of_the_cache(tmp_path):
    keys = np.array([text_sha256(t)[:32] for t in "abc"], dtype="S32").view(np.uint8).reshape(3, -1)
    save_file({"keys": keys, "vectors": np.arange(6, dtype=np.float16).reshape(3, 2)}, tmp_path / "v.safetensors")
    from analysis.vectors import key_of, write_without
    assert write_without(tmp_path / "v.safetensors", tmp_path / "w.safetensors", frozenset({key_of("b")}))
    assert load_file(tmp_path / "w.safetensors")["vectors"].tolist() == [[0, 1], [4, 5]]
    assert not write_without(tmp_path / "w.safetensors", tmp_path / "x.safetensors", frozenset({key_of("b")}))
