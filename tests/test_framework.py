import pytest

from analysis import framework
from analysis.errors import InputError

CODEBOOK = {
    "questions": {"approach", "technology", "centre"},
    "barriers": {"procurement", "budgeting", "whole_service", "comms"},
    "aspects": {"prioritise", "treat", "deliver", "public", "businesses_charities", "public_sector_workers",
                "intermediaries", "developers", "accountability", "attitude", "community_learning", "commons",
                "barriers", "engagement"},
    "stance": {"problem", "proposal", "example", "question"},
}


def test_holds_every_code_of_the_codebook():
    loaded = framework.load()
    assert {d: set(loaded.codes_of(d)) for d in loaded.dimensions} == CODEBOOK


def test_every_code_is_defined_and_shown_by_examples_and_near_misses():
    loaded = framework.load()
    assert (loaded.codes["definition"].str.len() > 15).all()
    for kind in ("example", "near_miss"):
        shown = loaded.examples.loc[loaded.examples["kind"] == kind, "code"]
        assert set(shown) == set(loaded.codes["code"]), kind


def test_a_barrier_implies_the_centre_also_through_its_aspect():
    loaded = framework.load()
    for barrier in CODEBOOK["barriers"]:
        assert loaded.implied_by(barrier) == {"centre", "barriers"}
    assert loaded.implied_by("engagement") == set()


def test_survives_being_written_to_a_manifest_and_read_again():
    loaded = framework.load()
    again = framework.from_record(framework.to_record(loaded))
    assert again.codes.equals(loaded.codes)
    assert again.examples.equals(loaded.examples)
    assert again.implies == loaded.implies


def test_all_faults_of_a_file_are_named_at_once(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("""
dimensions:
  topics:
    codes:
      parks: {definition: Parks and playgrounds.}
      roads: {under: transport}
  empty: {codes: {}}
implies: {parks: [nature]}
""")
    with pytest.raises(InputError) as error:
        framework.load(path)
    message = str(error.value)
    assert message.startswith("mine.yaml has 4 problems.")
    for part in ('"roads" has no definition', '"transport", which is not a code', '"empty" has no codes', '"nature", which is not'):
        assert part in message


@pytest.mark.parametrize("content", ["dimensions: [", "just words", "", "dimensions: 3"])
def test_a_file_that_is_no_framework_is_refused_in_words(tmp_path, content):
    path = tmp_path / "broken.yaml"
    path.write_text(content)
    with pytest.raises(InputError, match="^broken.yaml: "):
        framework.load(path)
