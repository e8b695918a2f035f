"""A sentence encoder split at a layer: the lower layers run once for a text, the upper ones can be adapted."""

from __future__ import annotations

import copy

import numpy as np

from analysis.coefficients import TrainingSettings
from analysis.embedding import SentenceEncoder


class LayeredEncoder:
    """A sentence encoder split at a layer: the lower part runs once, the upper part is what adapts."""

    def __init__(self, encoder: SentenceEncoder, settings: TrainingSettings):
        import torch

        self.folder, self.settings, self.files = encoder.files.folder, settings, encoder.files
        self.tokenizer = encoder.model.tokenizer
        self.model = encoder.model[0].auto_model.eval().requires_grad_(False).float()
        self.depth, self.width = self.model.config.num_hidden_layers, self.model.config.hidden_size
        self.split = max(0, self.depth - settings.layers)
        self.dtype = torch.bfloat16 if encoder.precision == "bfloat16" else torch.float32

    def _stack(self, model):
        for name, module in model.named_modules():
            if module.__class__.__name__ == "ModuleList" and len(module) == self.depth:
                return name, module
        raise ValueError(f"{self.folder}: no stack of {self.depth} layers found in {type(model).__name__}. Nothing was trained.")

    def upper(self):
        """A copy of the layers above the split, fed with the states below it through ``inputs_embeds``."""
        import torch

        class Passed(torch.nn.Module):
            def forward(self, *args, **kwargs):
                given = [v for v in (*args, *kwargs.values()) if torch.is_tensor(v) and v.dim() == 3]
                return given[0]

        model = copy.deepcopy(self.model)
        name, stack = self._stack(model)
        parent = model.get_submodule(name.rpartition(".")[0])
        setattr(parent, name.rpartition(".")[2], torch.nn.ModuleList(stack[self.split:]))
        model.config.num_hidden_layers = self.depth - self.split
        model.embeddings = Passed()
        model.config._attn_implementation = "eager"  # plain attention: its backward pass is four times faster on a CPU
        return model.to(self.dtype), name

    def lower(self):
        """A copy of the layers below the split; its output is what the upper ones are fed with."""
        import torch

        model = copy.deepcopy(self.model)
        name, stack = self._stack(model)
        parent = model.get_submodule(name.rpartition(".")[0])
        setattr(parent, name.rpartition(".")[2], torch.nn.ModuleList(stack[: self.split]))
        model.config.num_hidden_layers = self.split
        return model

    def states(self, texts, batch=48):
        """Per text the token states below the split; the upper layers start from these."""
        import torch

        tokens = self.tokenizer(list(texts), truncation=True, max_length=self.settings.max_tokens)["input_ids"]
        below = [None] * len(tokens)
        with torch.no_grad(), torch.autocast("cpu", self.dtype, enabled=self.dtype != torch.float32):
            for rows in length_batches([len(t) for t in tokens], batch):
                ids, mask = pad_ids([tokens[i] for i in rows], self.tokenizer.pad_token_id or 0)
                hidden = self.model(input_ids=ids, attention_mask=mask, output_hidden_states=True).hidden_states
                for r, i in enumerate(rows):
                    below[i] = hidden[self.split][r, : len(tokens[i])].to(self.dtype).clone()
        return below


def length_batches(lengths, size, rng=None):
    """Index batches of similar length; with ``rng`` the lengths are jittered and the batches shuffled."""
    lengths = np.asarray(lengths, float)
    order = np.argsort(lengths if rng is None else lengths + rng.uniform(-8, 8, len(lengths)), kind="stable")
    batches = [order[i:i + size] for i in range(0, len(order), size)]
    if rng is not None:
        rng.shuffle(batches)
    return batches


def pad_ids(rows, fill):
    import torch

    width = max(map(len, rows))
    ids, mask = torch.full((len(rows), width), fill), torch.zeros(len(rows), width, dtype=torch.long)
    for r, row in enumerate(rows):
        ids[r, : len(row)], mask[r, : len(row)] = torch.tensor(row), 1
    return ids, mask


def pad_states(rows):
    import torch

    width = max(map(len, rows))
    states = torch.zeros(len(rows), width, rows[0].shape[1], dtype=rows[0].dtype)
    mask = torch.zeros(len(rows), width, dtype=torch.long)
    for r, row in enumerate(rows):
        states[r, : len(row)], mask[r, : len(row)] = row, 1
    return states, mask


def mean_state(states, mask):
    mask = mask[..., None].float()
    return (states.float() * mask).sum(1) / mask.sum(1)
