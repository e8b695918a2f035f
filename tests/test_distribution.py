import gc
import os
import signal
import threading
from collections import Counter

import numpy as np
import pandas as pd
import pytest

from analysis import coefficients, contributions, distribution, ledger, parts, pipeline
from analysis.adapted import AdaptedEncoder
from analysis.distribution import Workers, workers_at
from analysis.embedding import load_encoder
from analysis.errors import InputError, ReckonsError
from analysis.passages import split

TEXTS = [f"Remark {n} " + "on shared platforms " * (n % 5) for n in range(300)]


def test_a_scheduler_that_does_not_answer_is_one_message():
    with pytest.raises(ReckonsError, match="does not answer.*tcp://host:8786.*Nothing was computed"), workers_at("not-an-address"):
        pass


@pytest.mark.parametrize("address", ["not-an-address", "tcp://127.0.0.1:9"])
def test_nothing_half_connected_is_left_behind(address, monkeypatch):
    from distributed import Client

    monkeypatch.setattr(distribution, "ANSWERING", "1s")
    before = {id(found) for found in gc.get_objects() if type(found) is Client}
    with pytest.raises(ReckonsError), workers_at(address):
        pass
    assert not [found for found in gc.get_objects() if type(found) is Client and id(found) not in before]


def study(raw):
    """Two tables, one of which a file beside it explains, and a post; personal details, a control character and a faulty row among them."""
    raw.mkdir()
    pd.DataFrame({"id": [f"{n:03}" for n in range(90)], "author": [f"p{n % 40}" for n in range(90)],
                  "created_at": ["31/02/2025" if n == 5 else "01/02/2025" for n in range(90)],
                  "text": [f"{subject} in our town: remark {n}, write to p{n}@example.org\a " + "and that is why it matters to people. " * (n % 4)
                           for n, subject in enumerate(["Buying software", "Sharing data", "Opening hours"] * 30)]}).to_csv(raw / "answers.csv", index=False)
    pd.DataFrame({"who": ["a", "b", "a"], "said": ["Forms are long and ask twice.", "No.", "Call 020 7946 0958 about forms."]}).to_csv(raw / "more.csv", index=False)
    (raw / "more.columns.yaml").write_text("text: said\nauthor: who\n")
    (raw / "post.md").write_text("---\ntitle: On forms\nauthor: Somebody\n---\n" + "Forms should be short, and be asked for once. " * 60)
    return raw


@pytest.fixture(scope="module")
def local():
    return load_encoder()


@pytest.fixture(scope="module")
def workers():
    with workers_at("local") as found:
        yield found


@pytest.fixture(scope="module")
def cluster(local, workers):
    return workers.encoder(local, model=None)


@pytest.mark.model
class TestCluster:
    def test_it_gives_the_vectors_of_this_machine_to_the_last_bit_in_their_order(self, cluster, local):
        assert cluster.recipe == local.recipe
        assert (cluster.encode(TEXTS) == local.encode(TEXTS)).all()

    def test_a_cluster_that_is_there_already_is_found_by_its_address(self, workers, local):
        with workers_at(workers.client.scheduler.address) as found:
            assert (found.encoder(local, model=None).encode(TEXTS[:5]) == local.encode(TEXTS[:5])).all()

    def test_so_do_the_adapters(self, cluster, local):
        trained = coefficients.load()
        assert (cluster.adapted(trained).encode(TEXTS[:40]) == AdaptedEncoder(local, trained).encode(TEXTS[:40])).all()

    def test_so_do_both_in_one_pass(self, cluster, local):
        trained = coefficients.load()
        assert (cluster.adapted(trained).encode_both(TEXTS[:40]) == AdaptedEncoder(local, trained).encode_both(TEXTS[:40])).all()

    def test_passages_are_those_of_this_machine(self, cluster, local):
        kept = pd.DataFrame({"contribution_id": ["b", "a"], "text": ["One sentence here. " * 90, "Short."], "contributor": ["x", "y"], "lang": ["en", "en"]})
        here = split(kept, count_tokens=local.count_tokens)
        assert len(here) > 2
        pd.testing.assert_frame_equal(cluster.split(kept, reads=("en",)), here)

    def test_a_whole_run_leaves_the_same_bytes_and_reads_splits_embeds_maps_and_counts_there(self, workers, tmp_path, monkeypatch):
        raw = study(tmp_path / "raw")
        for module, name, size in ((contributions, "RECORDS_TOGETHER", 20), (ledger, "COUNTED_TOGETHER", 50), (distribution, "CONTRIBUTIONS_PER_TASK", 30)):
            monkeypatch.setattr(module, name, size)  # several parts of each kind
        done = Counter()
        each = Workers.each
        monkeypatch.setattr(Workers, "each", lambda self, work, parts, **shared: done.update({getattr(work, "func", work).__name__: len(parts)}) or each(self, work, parts, **shared))
        for name, scheduler in (("here", None), ("there", workers.client.scheduler.address)):
            pipeline.run(raw, out=tmp_path / name, options=pipeline.Options(refits=1, pages=False, scheduler=scheduler))
        for file in ("contributions.parquet", "passages.parquet", "themes.parquet", "membership.parquet", "mapping.parquet", "mapping.csv", "set_aside.csv",
                     "check_by_eye.csv", "ledger.json"):
            assert (tmp_path / "here" / file).read_bytes() == (tmp_path / "there" / file).read_bytes(), file
        assert done["_attempt"] == 3 and done["_ready"] == 5 and done["_split_part"] == 4 and done["_read_part"] >= 1 and done["_count"] > 20

    def test_what_cannot_be_read_is_told_in_the_same_words(self, workers, tmp_path):
        raw = study(tmp_path / "raw")
        (raw / "empty.csv").write_text("")
        (raw / "broken.xlsx").write_bytes(b"PK no workbook")
        (raw / "answers.csv").write_text("id,created_at\n1,31/02/2025\n")
        said = []
        for each in (parts.here, workers.each):
            with pytest.raises(InputError) as error:
                contributions.read(raw, each=each)
            said.append(str(error.value))
        assert said[0] == said[1] and "broken.xlsx" in said[0] and "31/02/2025" in said[0]

    def test_a_worker_with_other_code_is_refused(self, workers, monkeypatch):
        monkeypatch.setattr(distribution, "code_sha256", lambda: "another")
        with pytest.raises(ReckonsError, match="another version of the code.*Nothing was written"):
            workers.each(len, ["ab"])

    def test_a_worker_that_is_killed_costs_nothing_but_time(self, workers, cluster, local):
        info = workers.client.run(os.getpid)
        assert len(info) >= 1
        victim = threading.Timer(0.3, os.kill, (next(iter(info.values())), signal.SIGKILL))
        victim.start()
        found = cluster.encode(TEXTS[::-1])
        victim.join()
        assert next(iter(info.values())) not in workers.client.run(os.getpid).values(), "the worker was not killed"
        assert np.array_equal(found, local.encode(TEXTS[::-1]))
