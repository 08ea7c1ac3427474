"""Muon for the hidden matrices (momentum, orthogonalised by Newton-Schulz: Keller Jordan, 2024,
https://kellerjordan.github.io/posts/muon/), AdamW for the rest."""

import torch


class Muon:
    def __init__(self, weights, decay=0.05, momentum=0.95):
        self.weights, self.decay, self.momentum = list(weights), decay, momentum
        self.buffers = [torch.zeros_like(weight) for weight in self.weights]

    def groups(self):
        """Indices of weights of one shape: their iterations are one batched product."""
        shapes = {}
        for index, weight in enumerate(self.weights):
            shapes.setdefault(tuple(weight.shape), []).append(index)
        return shapes.items()

    @torch.no_grad()
    def step(self, rate):
        for (rows, columns), members in self.groups():
            updates = []
            for index in members:
                grad = self.weights[index].grad
                self.buffers[index].lerp_(grad, 1 - self.momentum)
                updates.append(grad.lerp(self.buffers[index], self.momentum))
            x = torch.stack(updates)
            x = orthogonal(x.transpose(1, 2)).transpose(1, 2) if rows > columns else orthogonal(x)
            for index, update in zip(members, x):
                self.weights[index].mul_(1 - rate * self.decay).add_(
                    update, alpha=-rate * max(1, rows / columns) ** 0.5
                )


def orthogonal(x, steps=5):
    """[N, rows, columns], rows <= columns: every matrix with its singular values near 1."""
    x = (x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)).bfloat16()
    for _ in range(steps):
        square = x @ x.transpose(1, 2)
        x = 3.4445 * x + (-4.7750 * square + 2.0315 * (square @ square)) @ x
    return x.float()


class Optimizer:
    def __init__(self, model, muon_rate, adam_rate):
        named = list(model.named_parameters())
        hidden = [weight for name, weight in named if weight.dim() == 2 and 'embed' not in name]
        self.rest = [weight for name, weight in named if not (weight.dim() == 2 and 'embed' not in name)]
        self.muon_rate, self.adam_rate, self.muon = muon_rate, adam_rate, Muon(hidden)
        self.adam = torch.optim.AdamW(self.rest, lr=adam_rate, betas=(0.9, 0.95), weight_decay=0.01)

    def step(self, scale):
        torch.nn.utils.clip_grad_norm_(self.rest, 1.0)
        self.muon.step(self.muon_rate * scale)
        for group in self.adam.param_groups:
            group['lr'] = self.adam_rate * scale
        self.adam.step()

    def state(self):
        return dict(muon=self.muon.buffers, adam=self.adam.state_dict())

    def restore(self, state):
        self.muon.buffers = state['muon']
        self.adam.load_state_dict(state['adam'])
