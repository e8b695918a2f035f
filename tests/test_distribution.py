import pytest

from analysis.distribution import encoder_on
from analysis.embedding import load_encoder
from analysis.errors import ReckonsError


def test_a_scheduler_that_does_not_answer_is_one_message(stub_encoder):
    with pytest.raises(ReckonsError, match="does not answer.*tcp://host:8786.*Nothing was computed"), \
            encoder_on("not-an-address", stub_encoder, model=None):
        pass


@pytest.mark.model
def test_a_cluster_gives_the_vectors_of_this_machine_in_their_order():
    texts = [f"Remark {n} " + "on shared platforms " * (n % 5) for n in range(150)]
    local = load_encoder()
    with encoder_on("local", local, model=None) as encoder:
        assert encoder.recipe == local.recipe
        # Last bits may differ between processes with other libraries loaded; meaning and order may not.
        assert (encoder.encode(texts) * local.encode(texts)).sum(axis=1).min() > 0.9999
