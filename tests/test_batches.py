import numpy as np

from analysis.batches import fixed_batches, make_pack, packed


def test_every_text_is_in_one_pack_and_no_pack_holds_more_than_it_has_room_for():
    lengths = [9, 3, 30, 12, 5, 5, 17, 3]
    packs = packed(lengths, 32)
    assert sorted(place for pack in packs for place in pack) == list(range(8))
    assert all(sum(lengths[place] for place in pack) <= 32 for pack in packs)
    assert packs[0] == [2] and packs[1] == [6, 3, 1], "the longest first, each into the first pack with room for it"


def test_a_pack_is_filled_up_and_groups_texts_of_equal_length():
    tokens = [[7, 8, 9], [1, 2, 3, 4], [4, 5, 6]]
    pack = make_pack([1, 0, 2], tokens, room=12)
    assert pack.tokens.tolist() == [1, 2, 3, 4, 7, 8, 9, 4, 5, 6, 0, 0]
    assert pack.positions.tolist() == [0, 1, 2, 3, 0, 1, 2, 0, 1, 2, 0, 0]
    assert pack.groups == [(0, 1, 4), (4, 2, 3)]


def test_padded_batches_have_lengths_in_steps_of_eight():
    found = [(rows.tolist(), length) for rows, length in fixed_batches([3, 9, 8, 300], longest=256)]
    assert found == [([0, 2], 8), ([1], 16), ([3], 256)]
    assert [len(rows) for rows, _ in fixed_batches([5] * 20, longest=256)] == [16, 4]
    assert np.concatenate([rows for rows, _ in fixed_batches([], longest=256)] or [[]]).size == 0
