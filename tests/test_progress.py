import pytest

from analysis.progress import Report


@pytest.mark.parametrize("verbosity, told", [(1, False), (2, True)])
def test_the_memory_of_a_stage_is_told_where_more_was_asked_for_and_is_kept_either_way(verbosity, told, capsys):
    report = Report(verbosity=verbosity)
    with report.stage("read", 3) as stage:
        stage.rows_out = 2
    said = capsys.readouterr().err
    assert ("MB at most so far" in said) == told and said.startswith("read                  3 in        2 out")
    assert report.stages[0].peak_memory_mb > 10
