"""A low-rank adapter on the encoder: its top layers, corrected for the codes that people gave."""

from __future__ import annotations

import numpy as np

from analysis.layers import length_batches, mean_state, pad_states


def corrected(model, settings, generator):
    """Wrap every Linear and LayerNorm of the layers; returns {name: small fp32 correction}."""
    import torch
    from torch import nn
    from torch.nn import functional as F

    class Corrected(nn.Module):
        def __init__(self, base):
            super().__init__()
            self.base, rank = base, min(settings.rank, *base.weight.shape)
            self.down = nn.Parameter(torch.randn(rank, base.in_features, generator=generator) * base.in_features**-0.5)
            self.up = nn.Parameter(torch.zeros(base.out_features, rank))
            self.bias = nn.Parameter(torch.zeros(base.out_features))

        def forward(self, x):
            low = F.linear(x, self.down.to(x.dtype))
            if self.training and settings.dropout:
                low = low * keep(low, settings.dropout)
            return self.base(x) + F.linear(low, self.up.to(x.dtype), self.bias.to(x.dtype))

    class Norm(nn.Module):
        def __init__(self, base):
            super().__init__()
            self.base = base
            self.weight, self.bias = nn.Parameter(torch.zeros(base.weight.shape)), nn.Parameter(torch.zeros(base.bias.shape))

        def forward(self, x):
            w, b = self.base.weight + self.weight.to(x.dtype), self.base.bias + self.bias.to(x.dtype)
            return F.layer_norm(x, self.base.normalized_shape, w, b, self.base.eps)

    def keep(low, share):
        return (torch.rand(low.shape[0], *[1] * (low.dim() - 2), low.shape[-1]) > share).to(low.dtype) / (1 - share)

    for name, module in list(model.named_modules()):
        wrapper = {nn.Linear: Corrected, nn.LayerNorm: Norm}.get(type(module))
        if wrapper:
            parent, _, child = name.rpartition(".")
            setattr(model.get_submodule(parent), child, wrapper(module))
    return {n: p for n, p in model.named_parameters() if n.rpartition(".")[2] in ("down", "up") or p.requires_grad}


class AdapterModel:
    """Upper layers with corrections, and one linear head over all codes."""

    def __init__(self, encoder, codes, settings, *, files=1, seed=0):
        import torch

        generator = torch.Generator().manual_seed(seed)
        self.encoder, self.settings = encoder, settings
        self.upper, self.stack = encoder.upper()
        self.small = corrected(self.upper, settings, generator)
        zeros = lambda *shape: torch.zeros(*shape, requires_grad=True)
        self.head, self.bias = zeros(codes, encoder.width), zeros(codes)
        self.file_head, self.file_bias = zeros(files, codes, encoder.width), zeros(files, codes)

    def trained(self):
        return [*self.small.values(), self.head, self.bias, self.file_head, self.file_bias]

    def kept(self, prefix):
        """The parameters that are stored, by name; what a noisier file's own head learnt is not among them."""
        named = {f"adapter.{name}": p for name, p in self.small.items()} | {"head.weight": self.head, "head.bias": self.bias}
        return {prefix + name: p for name, p in named.items()}

    def restore(self, tensors, prefix):
        """Take over stored numbers; returns the model, ready to predict: nothing is dropped."""
        import torch

        with torch.no_grad():
            for name, parameter in self.kept(prefix).items():
                parameter.copy_(torch.from_numpy(tensors[name]))
        self.upper.eval()
        return self

    def folded(self):
        """The model for predicting alone: corrections added to the weights that they correct, which is four times as fast."""
        import torch

        with torch.no_grad():
            for name, module in list(self.upper.named_modules()):
                if type(module).__name__ not in ("Corrected", "Norm"):
                    continue
                base = module.base
                by = module.up @ module.down if type(module).__name__ == "Corrected" else module.weight
                base.weight.copy_(base.weight.float() + by)
                base.bias.copy_(base.bias.float() + module.bias)
                parent, _, child = name.rpartition(".")
                setattr(self.upper.get_submodule(parent), child, base)
        self.small = {}
        return self

    def groups(self):
        s = self.settings
        low = [p for n, p in self.small.items() if n.endswith(("down", "up"))]
        rest = [p for n, p in self.small.items() if not n.endswith(("down", "up"))]
        plan = [(low, s.rate, 0.0), (rest, s.rate_small, 0.0), ([self.head], s.rate_head, s.decay), ([self.bias], s.rate_head, 0.0),
                ([self.file_head], s.rate_head * s.file_head, s.decay), ([self.file_bias], s.rate_head, 0.0)]
        return [{"params": p, "lr": rate, "weight_decay": decay} for p, rate, decay in plan]

    def features(self, states, mask):
        from torch.nn import functional as F

        pooled = mean_state(self.upper(inputs_embeds=states, attention_mask=mask).last_hidden_state, mask)
        return F.normalize(pooled, dim=-1) * 8  # length 8: logits of a useful size at the head's learning rate

    def logits(self, pooled, file=None):
        import torch

        out = pooled @ self.head.T + self.bias
        if file is not None:
            own = (torch.einsum("bh,bch->bc", pooled, self.file_head[file]) + self.file_bias[file])
            out = out + own * (file > 0).float()[:, None]
        return out

    def predict(self, below):
        """Log-odds, passages x codes."""
        import torch

        self.upper.eval()
        out = np.zeros((len(below), len(self.bias)), np.float32)
        with torch.no_grad():
            for rows in length_batches([len(b) for b in below], 48):
                out[rows] = self.logits(self.features(*pad_states([below[i] for i in rows]))).numpy()
        return out


def fit_adapter(encoder, below, wanted, table, *, main, settings, seed):
    """Train corrections and heads on ``table``'s rows; returns the model with its averaged weights."""
    import torch
    from torch.nn import functional as F

    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    reference = table.reference.to_numpy(bool)
    file = torch.tensor(np.where(reference, 0, 1 + table.file.to_numpy(int)))
    weight, y = torch.tensor(table.weight.to_numpy(np.float32)), torch.tensor(wanted)
    share = ((y * weight[:, None]).sum(0) / weight.sum()).clamp(0.003, 0.99)
    boost = ((1 - share) / share) ** settings.rare_boost
    task = torch.where(torch.tensor(main), 1.0, settings.side_task)
    model = AdapterModel(encoder, wanted.shape[1], settings, files=int(file.max()) + 1, seed=seed)
    with torch.no_grad():
        model.bias.copy_(torch.log(share / (1 - share)) + torch.log(boost))
    parameters = model.trained()
    average = [p.detach().clone() for p in parameters]
    optimiser = torch.optim.AdamW(model.groups(), betas=(0.9, 0.98))
    rates = [g["lr"] for g in optimiser.param_groups]
    skippable, step, steps = ~reference & (wanted.sum(1) == 0), 0, None
    for _ in range(settings.epochs):
        rows = np.where(~skippable | (rng.random(len(y)) < settings.keep_empty))[0]
        batches = length_batches([len(below[i]) for i in rows], settings.batch, rng)
        steps = steps or len(batches) * settings.epochs
        model.upper.eval()  # the encoder's own dropout is slow on a CPU; the corrections have theirs
        for module in model.upper.modules():
            if type(module).__name__ == "Corrected":
                module.train()
        for batch in batches:
            chosen = rows[batch]
            pace = min(1, (step + 1) / (settings.warm_up * steps)) * max(0.02, 1 - step / steps)
            for group, rate in zip(optimiser.param_groups, rates):
                group["lr"] = rate * pace
            pooled = model.features(*pad_states([below[i] for i in chosen]))
            scores = model.logits(F.dropout(pooled, settings.head_dropout), file[chosen])
            loss = F.binary_cross_entropy_with_logits(scores, y[chosen], pos_weight=boost, reduction="none")
            loss = ((loss * task).sum(1) * weight[chosen]).sum() / weight[chosen].sum() / max(1, sum(main))
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(parameters, 1.0)
            optimiser.step()
            step += 1
            with torch.no_grad():
                for kept, now in zip(average, parameters):
                    kept.lerp_(now, 1 - min(settings.averaging, (1 + step) / (10 + step)))
    with torch.no_grad():
        for kept, now in zip(average, parameters):
            now.copy_(kept)
    return model
