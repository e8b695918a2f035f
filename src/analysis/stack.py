"""The layers of a BERT encoder, worked through on texts that lie end to end, without padding."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

# What a model must be for these layers; others are worked through by their own library.
PLAIN = {"model_type": "bert", "hidden_act": "gelu", "position_embedding_type": "absolute"}
POOLED = ("Transformer", "Pooling", "Normalize")


@dataclass(frozen=True)
class Layer:
    """One layer: weights and biases of its four products and two norms; queries, keys and values are one product."""

    seen: tuple
    out: tuple
    norm: tuple
    wide: tuple
    narrow: tuple
    last: tuple

    def __call__(self, states, groups, heads: int):
        """States (tokens, width) to states; ``groups`` are (begin, texts, length) of texts of equal length that follow each other."""
        from torch.nn import functional as F

        width = states.shape[1]
        states = F.layer_norm(states + F.linear(attended(F.linear(states, *self.seen), groups, heads), *self.out), (width,), *self.norm)
        return F.layer_norm(states + F.linear(F.gelu(F.linear(states, *self.wide)), *self.narrow), (width,), *self.last)


def attended(seen, groups, heads: int):
    """What every token takes from those of its own text: (tokens, width) of (tokens, 3 widths)."""
    import torch
    from torch.nn import functional as F

    width = seen.shape[1] // 3
    out = torch.zeros(len(seen), width, dtype=seen.dtype)
    for begin, texts, length in groups:
        rows = slice(begin, begin + texts * length)
        asks, keys, values = seen[rows].view(texts, length, 3, heads, width // heads).permute(2, 0, 3, 1, 4)
        out[rows] = F.scaled_dot_product_attention(asks, keys, values).transpose(1, 2).reshape(-1, width)
    return out


class Stack:
    """Embeddings and layers of a BERT encoder, read from its file of weights.

    Each text's numbers come from products of one fixed shape and from its own tokens alone, so that they do not depend on its company.
    Loading it takes a tenth of a second; the library that the model was made with takes four.
    """

    def __init__(self, folder: Path, *, precision: str):
        import torch
        from safetensors.torch import load_file

        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        self.heads, self.depth, self.width = config["num_attention_heads"], config["num_hidden_layers"], config["hidden_size"]
        self.epsilon, self.dtype = config["layer_norm_eps"], getattr(torch, precision)
        self.weights = load_file(folder / "model.safetensors")
        self.layers = [self.layer(number) for number in range(self.depth)]

    def layer(self, number: int, changed: Callable[[str, str], Mapping] | None = None) -> Layer:
        """Layer ``number``, its weights changed by ``changed(name, part)`` where that is given; sums are made in single precision."""
        import torch

        prefix = f"encoder.layer.{number}."

        def both(name: str):
            parts = {part: self.weights[f"{prefix}{name}.{part}"] for part in ("weight", "bias")}
            parts = {part: values + (changed(name, part) if changed else 0) for part, values in parts.items()}
            return parts["weight"].to(self.dtype), parts["bias"].to(self.dtype)

        three = [both(f"attention.self.{name}") for name in ("query", "key", "value")]
        norms = [(*both(name), self.epsilon) for name in ("attention.output.LayerNorm", "output.LayerNorm")]
        return Layer((torch.cat([w for w, _ in three]), torch.cat([b for _, b in three])), both("attention.output.dense"), norms[0],
                     both("intermediate.dense"), both("output.dense"), norms[1])

    def below(self, pack, layers: int):
        """States (tokens, width) of a pack's tokens after the first ``layers`` layers."""
        from torch.nn import functional as F

        table = {name: self.weights[f"embeddings.{name}_embeddings.weight"] for name in ("word", "position", "token_type")}
        states = table["word"][pack.tokens] + table["position"][pack.positions] + table["token_type"][0]
        norm = (self.weights["embeddings.LayerNorm.weight"], self.weights["embeddings.LayerNorm.bias"], self.epsilon)
        return self.through(F.layer_norm(states, (self.width,), *norm).to(self.dtype), pack, self.layers[:layers])

    def through(self, states, pack, layers: list[Layer]):
        """States after further layers."""
        for layer in layers:
            states = layer(states, pack.groups, self.heads)
        return states


def mean_of_texts(states, pack):
    """The mean state of every text of a pack, (texts, width) in single precision."""
    import torch

    return torch.cat([states[begin:begin + texts * length].view(texts, length, -1).float().mean(dim=1) for begin, texts, length in pack.groups])


def is_plain(folder: Path) -> bool:
    """Whether the model in ``folder`` is a BERT encoder whose vectors are the mean of its last states, made length 1."""
    try:
        config, modules, pooling = (json.loads((folder / name).read_text(encoding="utf-8"))
                                    for name in ("config.json", "modules.json", "1_Pooling/config.json"))
    except (OSError, ValueError):
        return False
    modes = [name for name, used in pooling.items() if name.startswith("pooling_mode_") and used]
    return (all(config.get(name, wanted) == wanted for name, wanted in PLAIN.items()) and config.get("model_type") == "bert"
            and modes == ["pooling_mode_mean_tokens"] and tuple(module["type"].rpartition(".")[2] for module in modules) == POOLED)

