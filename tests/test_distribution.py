import gc
import os
import signal
import threading

import numpy as np
import pandas as pd
import pytest

from analysis import coefficients, distribution, pipeline
from analysis.adapted import AdaptedEncoder
from analysis.distribution import encoder_on
from analysis.embedding import load_encoder
from analysis.errors import ReckonsError
from analysis.passages import split

TEXTS = [f"Remark {n} " + "on shared platforms " * (n % 5) for n in range(300)]


def test_a_scheduler_that_does_not_answer_is_one_message(stub_encoder):
    with pytest.raises(ReckonsError, match="does not answer.*tcp://host:8786.*Nothing was computed"), \
            encoder_on("not-an-address", stub_encoder, model=None):
        pass


@pytest.mark.parametrize("address", ["not-an-address", "tcp://127.0.0.1:9"])
def test_nothing_half_connected_is_left_behind(stub_encoder, address, monkeypatch):
    from distributed import Client

    monkeypatch.setattr(distribution, "ANSWERING", "1s")
    before = {id(found) for found in gc.get_objects() if type(found) is Client}
    with pytest.raises(ReckonsError), encoder_on(address, stub_encoder, model=None):
        pass
    assert not [found for found in gc.get_objects() if type(found) is Client and id(found) not in before]


@pytest.fixture(scope="module")
def local():
    return load_encoder()


@pytest.fixture(scope="module")
def cluster(local):
    with encoder_on("local", local, model=None) as encoder:
        yield encoder


@pytest.mark.model
class TestCluster:
    def test_it_gives_the_vectors_of_this_machine_to_the_last_bit_in_their_order(self, cluster, local):
        assert cluster.recipe == local.recipe
        assert (cluster.encode(TEXTS) == local.encode(TEXTS)).all()

    def test_a_cluster_that_is_there_already_is_found_by_its_address(self, cluster, local):
        with encoder_on(cluster.client.scheduler.address, local, model=None) as found:
            assert (found.encode(TEXTS[:5]) == local.encode(TEXTS[:5])).all()

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

    def test_a_whole_run_leaves_the_same_bytes(self, cluster, tmp_path):
        pd.DataFrame({"id": [f"{n:03}" for n in range(90)], "author": [f"p{n % 40}" for n in range(90)],
                      "text": [f"{subject} in our town: remark {n}, " + "and that is why it matters to people. " * (n % 4)
                               for n, subject in enumerate(["Buying software", "Sharing data", "Opening hours"] * 30)]}).to_csv(tmp_path / "raw.csv", index=False)
        for name, scheduler in (("here", None), ("there", cluster.client.scheduler.address)):
            pipeline.run(tmp_path / "raw.csv", out=tmp_path / name, options=pipeline.Options(refits=1, pages=False, scheduler=scheduler))
        for file in ("contributions.parquet", "passages.parquet", "themes.parquet", "membership.parquet", "mapping.parquet", "mapping.csv", "set_aside.csv", "ledger.json"):
            assert (tmp_path / "here" / file).read_bytes() == (tmp_path / "there" / file).read_bytes(), file

    def test_a_worker_that_is_killed_costs_nothing_but_time(self, cluster, local):
        info = cluster.client.run(os.getpid)
        assert len(info) >= 1
        victim = threading.Timer(0.3, os.kill, (next(iter(info.values())), signal.SIGKILL))
        victim.start()
        found = cluster.encode(TEXTS[::-1])
        victim.join()
        assert next(iter(info.values())) not in cluster.client.run(os.getpid).values(), "the worker was not killed"
        assert np.array_equal(found, local.encode(TEXTS[::-1]))
