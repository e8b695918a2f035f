"""From vectors to the points that are grouped, and to the two dimensions that are drawn."""

from __future__ import annotations

from contextlib import suppress
from functools import cache

import numpy as np

from analysis.neighbours import Neighbours

# Each point is averaged with about this times the natural logarithm of the number of points: 15 among 4,464, 11 among 495. Neighbours in that
# proportion keep every group of a neighbour graph in one piece (Maier, Hein and von Luxburg 2009); a fixed number that suits thousands
# reaches, among hundreds, beyond a subject that 25 people speak of (with 15 it was found again in 9 of 10 seeds, mixed with others' remarks; with
# 11 in 10 of 10). Among thousands, two to four times as many gave themes that fit less well.
AVERAGED_PER_LOG, FEWEST_AVERAGED = 1.75, 5
# As many as UMAP takes by default.
MAP_NEIGHBOURS = 15
# How often every point is moved to the mean of its neighbours. On four collections of 4,400 texts
# the agreement with their true groups rose up to 8 times and was flat beyond.
ROUNDS = 8
# The first 64 principal components keep what the groups differ in and make the rest six times as fast.
COMPONENTS = 64
# UMAP needs some more points than neighbours; below this the picture is two principal components.
FEWEST_FOR_UMAP = 20
MAP_EPOCHS = 200
# Density is looked for in five dimensions, where 100 epochs agreed with true groups as well as 200 did, in under half the time.
REDUCED, REDUCED_NEIGHBOURS, REDUCED_EPOCHS = 5, 30, 100


def averaged(n: int) -> int:
    """With how many of its neighbours, itself included, each of ``n`` points is averaged."""
    return max(FEWEST_AVERAGED, round(AVERAGED_PER_LOG * np.log(max(n, 1))))


def smooth(vectors: np.ndarray, edges) -> np.ndarray:
    """Points (n, up to 64) float32 of length 1: each vector averaged with those of its neighbours, again and again.

    ``edges`` is an (n, n) sparse matrix of weights, from :func:`near_edges`. Low-pass filtering on the neighbour graph,
    as in simple graph convolution (Wu et al. 2019): what a single text happens to say is averaged out, what it
    shares with its neighbours stays. Nothing here is drawn at random.
    """
    from scipy import sparse

    total = np.maximum(np.asarray(edges.sum(axis=1)).ravel(), 1e-12)
    step = (sparse.diags(1.0 / total) @ edges).astype(np.float32).tocsr()
    points = principal_components(vectors, COMPONENTS)
    for _ in range(ROUNDS):
        points = step @ points
    return (points / np.maximum(np.linalg.norm(points, axis=1, keepdims=True), 1e-12)).astype(np.float32)


def near_edges(neighbours: Neighbours):
    """Who is averaged with whom: (n, n) sparse, 2 where both are among each other's nearest, 1 where one is."""
    from scipy import sparse

    near = neighbours.first(averaged(len(neighbours)))
    n, k = near.indices.shape
    one_way = sparse.csr_matrix((np.ones(n * k, dtype=np.float32), near.indices.ravel(), np.arange(0, n * k + 1, max(k, 1))), shape=(n, n))
    both = (one_way + one_way.T).tocsr()
    both.sort_indices()
    return both


def principal_components(vectors: np.ndarray, components: int) -> np.ndarray:
    """The first principal components, (n, components) float32; signs are fixed so that runs agree."""
    centred = vectors - vectors.mean(axis=0)
    _, axes = np.linalg.eigh(centred.T @ centred)
    axes = axes[:, ::-1][:, :components]
    axes = axes * np.where(axes[np.abs(axes).argmax(axis=0), np.arange(axes.shape[1])] < 0, -1.0, 1.0)
    return (centred @ axes).astype(np.float32)


def reduce(vectors: np.ndarray, neighbours: Neighbours, *, seed: int) -> np.ndarray:
    """Places in five dimensions, (n, 5) float64, in which dense groups are looked for: UMAP on the known neighbour graph."""
    return _places(vectors, neighbours.first(min(REDUCED_NEIGHBOURS, len(vectors) - 1)), seed=seed, dimensions=REDUCED, epochs=REDUCED_EPOCHS, gap=0.0)


def layout(vectors: np.ndarray, neighbours: Neighbours, *, seed: int) -> np.ndarray:
    """Places on the map, (n, 2) float64: UMAP on the known neighbour graph; for drawing only, nothing is computed from it."""
    return _places(vectors, neighbours.first(min(MAP_NEIGHBOURS, len(vectors) - 1)), seed=seed, dimensions=2, epochs=MAP_EPOCHS, gap=0.1)


def _places(vectors: np.ndarray, near: Neighbours, *, seed: int, dimensions: int, epochs: int, gap: float) -> np.ndarray:
    n = len(vectors)
    if n < FEWEST_FOR_UMAP or not (near.distances > 1e-6).any():
        flat = principal_components(vectors, dimensions) if n else np.zeros((0, dimensions))
        return np.pad(flat, ((0, 0), (0, dimensions - flat.shape[1]))).astype(np.float64)
    import warnings

    from umap import UMAP

    _keep_compiled()
    mapper = UMAP(n_neighbors=near.indices.shape[1], n_components=dimensions, min_dist=gap, metric="cosine", init="pca",
                  random_state=seed, n_epochs=epochs, n_jobs=1, precomputed_knn=(near.indices, near.distances, None))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # that new points could not be placed: none will be
        return mapper.fit_transform(vectors).astype(np.float64)


@cache
def _keep_compiled() -> None:
    """Have numba keep the machine code of these functions between processes, as umap does for its others.

    Compiling them takes 6 s in every process, running them on 500 points a tenth of a second. Where no folder
    can be written to, they are compiled each time.
    """
    from umap import layouts, umap_

    names = [(umap_, "smooth_knn_dist"), (umap_, "compute_membership_strengths"), (layouts, "_nb_optimize_layout_euclidean_single_epoch")]
    for compiled in filter(None, (getattr(module, name, None) for module, name in names)):
        with suppress(RuntimeError):
            compiled.enable_caching()
