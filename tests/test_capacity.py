import pandas as pd
import pytest

from analysis import capacity, pipeline, runs
from analysis.capacity import free_mb, must_fit, needed_mb, sampled
from analysis.contributions import read
from analysis.errors import ReckonsError
from analysis.pipeline import Options


@pytest.fixture
def answers(tmp_path):
    path = tmp_path / "answers.csv"
    pd.DataFrame({"id": [f"{n:03}" for n in range(80)], "author": [f"p{n}" for n in range(80)],
                  "text": [f"Remark {n % 40} on the opening hours of libraries" for n in range(80)]}).to_csv(path, index=False)
    return path


def texts(count):
    return pd.DataFrame({"text": pd.Series(["Short remark."] * count, dtype="str")})


def test_more_passages_and_refits_need_more():
    few, many, refitted = (needed_mb(count, refits=refits) for count, refits in ((1_000, 0), (100_000, 0), (1_000, 30)))
    assert all(few[stage] < many[stage] for stage in few)
    assert refitted["themes"] > few["themes"]


def test_a_run_that_does_not_fit_says_so_and_what_to_do(monkeypatch):
    monkeypatch.setattr(capacity, "free_mb", lambda: 4_096)
    with pytest.raises(ReckonsError, match=r'"framework" needs about \d+\.\d GB for 1,000,000 contributions.*4\.0 GB are free.*--sample \d+\. Nothing was computed'):
        must_fit(texts(1_000_000), refits=30)
    must_fit(texts(1_000), refits=30)


def test_the_sample_that_is_named_fits(monkeypatch):
    monkeypatch.setattr(capacity, "free_mb", lambda: 4_096)
    with pytest.raises(ReckonsError) as error:
        must_fit(texts(1_000_000), refits=0)
    must_fit(texts(int(str(error.value).split("--sample ")[1].split(".")[0])), refits=0)


def test_a_long_text_counts_as_several_passages(monkeypatch):
    monkeypatch.setattr(capacity, "free_mb", lambda: 4_096)
    with pytest.raises(ReckonsError, match="about 500,000 passages"):
        must_fit(pd.DataFrame({"text": ["x" * 7_000] * 50_000}), refits=0)


@pytest.mark.parametrize("line, folder, names", [("0::/box", "box", ("memory.max", "memory.current")),
                                                 ("4:cpu,memory:/box", "memory/box", ("memory.limit_in_bytes", "memory.usage_in_bytes"))])
def test_a_limit_of_the_control_group_is_what_counts(tmp_path, line, folder, names):
    here = tmp_path / "groups" / folder
    here.mkdir(parents=True)
    for name, value in zip(names, (3_000, 1_000), strict=True):
        (here / name).write_text(f"{value}\n")
    (tmp_path / "own").write_text(line + "\n")
    assert capacity._left_in_groups(tmp_path / "groups", tmp_path / "own") == [2_000]
    (here / names[0]).write_text("max\n")
    assert capacity._left_in_groups(tmp_path / "groups", tmp_path / "own") == []


def test_without_control_groups_the_system_tells(monkeypatch):
    monkeypatch.setattr(capacity, "_left_in_groups", lambda: [])
    assert free_mb() > 0
    monkeypatch.setattr(capacity, "_left_in_groups", lambda: [5 * capacity.MB])
    assert free_mb() == 5


def test_nothing_is_begun_by_a_run_that_does_not_fit(answers, tmp_path, monkeypatch):
    monkeypatch.setattr(capacity, "free_mb", lambda: 10)
    monkeypatch.setattr(capacity, "needed_mb", lambda passages, **_: {"themes": 10 * passages})
    with pytest.raises(ReckonsError, match="would not fit"):
        pipeline.run(answers, out=tmp_path / "out", options=Options(refits=0, pages=False))
    assert not (tmp_path / "out").exists()


def test_a_sample_sets_the_others_aside_with_the_reason(answers):
    found = sampled(read(answers), 30, seed=7)
    assert len(found.kept) == 30 and len(found.kept) + len(found.set_aside) == found.records_read == 80
    assert set(found.set_aside["reason"]) == {"not among the 30 contributions that were drawn"}
    assert list(found.kept["contribution_id"]) == sorted(found.kept["contribution_id"])
    assert list(sampled(read(answers), 30, seed=7).kept["contribution_id"]) == list(found.kept["contribution_id"])
    assert list(sampled(read(answers), 30, seed=8).kept["contribution_id"]) != list(found.kept["contribution_id"])
    assert found.settings["sample"] == {"drawn": 30, "of": 80, "seed": 7}


def test_copies_in_a_sample_have_an_original_in_it(answers):
    found = sampled(read(answers), 30, seed=7).kept
    assert set(found["duplicate_of"].dropna()) <= set(found["contribution_id"])
    assert found["duplicate_of"].isna().sum() == found["text"].nunique()


def test_a_sample_as_large_as_all_is_all(answers):
    whole = read(answers)
    assert sampled(whole, 80, seed=7) is whole and sampled(whole, None, seed=7) is whole


def test_a_run_on_a_sample_adds_up(answers, tmp_path, stub_encoder, monkeypatch):
    stub_encoder.files = type("Files", (), {"sha256": "0" * 64, "name": "stub", "revision": "0"})
    monkeypatch.setattr(pipeline.embedding, "load_encoder", lambda *args, **kwargs: stub_encoder)
    pipeline.run(answers, out=tmp_path / "out", options=Options(refits=0, pages=False, sample=20))
    counted = runs.open_run(tmp_path / "out").ledger["contributions"]
    assert (counted["read"], counted["kept"], counted["set_aside"]) == (80, 20, 60)
