import tracemalloc

import numpy as np

from analysis.vectors import KEY, MAX_SEGMENTS, VectorStore


def keys(*names):
    return np.array([name.ljust(32, "0") for name in names], dtype=KEY)


def test_finds_what_was_added_and_nothing_else(tmp_path):
    store = VectorStore(tmp_path, "recipe", 2)
    store.add(keys("b", "a"), np.array([[1, 0], [0, 1]], dtype=np.float32))
    store.reload()
    found = store.find(keys("a", "c", "b"))
    assert found[1] == -1
    assert store.rows(found[[0, 2]]).tolist() == [[0, 1], [1, 0]]


def test_another_recipe_shares_nothing(tmp_path):
    VectorStore(tmp_path, "one", 2).add(keys("a"), np.ones((1, 2), dtype=np.float32))
    assert len(VectorStore(tmp_path, "one", 2)) == 1
    assert len(VectorStore(tmp_path, "two", 2)) == 0


def test_a_file_that_was_not_finished_is_passed_over(tmp_path):
    store = VectorStore(tmp_path, "recipe", 2)
    store.add(keys("a"), np.ones((1, 2), dtype=np.float32))
    (store.folder / ".half.unfinished").write_bytes(b"\x00\x01")
    assert len(VectorStore(tmp_path, "recipe", 2)) == 1


def test_many_small_files_become_one(tmp_path):
    store = VectorStore(tmp_path, "recipe", 2)
    for n in range(MAX_SEGMENTS + 1):
        store.add(keys(str(n)), np.full((1, 2), n, dtype=np.float32))
    store.reload()
    assert len(list(store.folder.iterdir())) == 1
    again = VectorStore(tmp_path, "recipe", 2)
    assert again.rows(again.find(keys("3"))).tolist() == [[3, 3]]


def test_vectors_of_several_files_are_found_whatever_their_order(tmp_path):
    store = VectorStore(tmp_path, "recipe", 2)
    for names in (("d", "b"), ("c", "a"), ("e",)):
        store.add(keys(*names), np.array([[ord(name), 1] for name in names], dtype=np.float32))
    store.reload()
    assert len(store) == 5
    assert store.rows(store.find(keys("e", "a", "d", "b", "c")))[:, 0].tolist() == [ord(name) for name in "eadbc"]
    assert store.find(keys("f", "0")).tolist() == [-1, -1]


def test_opening_reads_headers_only(tmp_path):
    n = 20_000
    store = VectorStore(tmp_path, "recipe", 64)
    store.add(np.array([f"{number:032}" for number in range(n)], dtype=KEY), np.ones((n, 64), dtype=np.float32))
    tracemalloc.start()
    again = VectorStore(tmp_path, "recipe", 64)
    assert len(again) == n and again.rows(again.find(keys("0".ljust(32, "0")))).shape == (1, 64)
    assert tracemalloc.get_traced_memory()[1] < 200_000, "the store was loaded"
    tracemalloc.stop()
