"""Reinforcement of the warm start: `training/cpu.sh -m nla.reinforce --model MODEL --run RUN`. Run again after a cut,
it goes on where it was.

GRPO (Shao et al., 2024, https://arxiv.org/abs/2402.03300) on the verbalizer, strictly on its own samples: each of
PROMPTS vectors is explained GROUP times, the reward is -log |p^ - g^|^2 of the reconstruction, PENALTY where the answer
does not end in its tag; an advantage is a reward against its group. The KL to the warm start is in the loss. The
reconstructor is trained on the same explanations at every update, so that the reward is the live one's, and on half as
many true descriptions of the same positions, so that it goes on reading words and no private code grows between the
two. RUN/nla/reinforced.pt is the newest checkpoint, RUN/nla/reinforced.jsonl the curve.
"""

import argparse
import copy
import json
import pathlib
import random
import time

import numpy as np
import torch
import torch.nn.functional as F

from files.whole import whole
from model.transformer import open_model
from nla import positions, texts
from nla.decode import Decoder, answers
from nla.pair import errors, padded
from nla.warm import fresh
from nla.wordings import describe

UPDATES, PROMPTS, GROUP, MOST = 300, 16, 8, 104
BETA, PENALTY = 0.02, -2.0
RATES = dict(av=1e-4, ar=3e-4)
WARM_UP, CHECKPOINT_SECONDS, HELD_OUT_EVERY = 10, 240, 20


class PolicyLoss(torch.autograd.Function):
    """Sum over tokens of weight * -log p, the weight advantage - BETA d KL / d log p with the KL's k3 estimator, [N,
    V] chunk by chunk. Its value is the mean log p of the tokens; what counts is its gradient."""

    CHUNK = 512

    @staticmethod
    def forward(ctx, h, embedding, targets, advantages, reference):
        h16, weight16 = h.bfloat16(), embedding.bfloat16()
        grad_h, grad_weight, total, apart = torch.empty_like(h), torch.zeros(embedding.shape[::-1]), 0.0, 0.0
        for begin in range(0, len(h), PolicyLoss.CHUNK):
            part = slice(begin, begin + PolicyLoss.CHUNK)
            target = targets[part, None]
            logs = F.log_softmax((h16[part] @ weight16.T).float(), -1)
            own = logs.gather(1, target)[:, 0]
            ratio = reference[part] - own
            total, apart = total + float(own.sum()), apart + float((ratio.exp() - ratio - 1).sum())
            weight = (advantages[part] - BETA * (1 - ratio.exp())) / len(h)
            slope = logs.exp_().scatter_add_(1, target, torch.full(target.shape, -1.0)).mul_(weight[:, None]).bfloat16()
            grad_h[part] = slope @ weight16
            grad_weight += h16[part].T.contiguous() @ slope
        ctx.save_for_backward(grad_h, grad_weight.T)
        PolicyLoss.kl = apart / len(h)
        return h.new_tensor(total / len(h))

    @staticmethod
    def backward(ctx, scale):
        grad_h, grad_weight = ctx.saved_tensors
        return grad_h * scale, grad_weight * scale, None, None, None


@torch.no_grad()
def log_probabilities(half, ids, vectors, told):
    """log p of the tokens at `told`, [sum of told]."""
    with torch.autocast('cpu', dtype=torch.bfloat16):
        h = half.hidden(ids[:, :-1], vectors)[told[:, 1:]]
    weight, targets = half.inner.model.embed_tokens.weight.bfloat16(), ids[:, 1:][told[:, 1:]]
    return torch.cat(
        [
            F.log_softmax((h[at : at + 512].bfloat16() @ weight.T).float(), -1).gather(1, targets[at : at + 512, None])[
                :, 0
            ]
            for at in range(0, len(h), 512)
        ]
    )


def advantages_of(rewards):
    """Rewards [P, G] against their groups, [P * G]."""
    centred = rewards - rewards.mean(1, keepdim=True)
    return (centred / (rewards.std(1, unbiased=False, keepdim=True) + 1e-4)).flatten()


def reconstruct(ar, encoder, explanations, grad=False):
    ids, lengths = padded(encoder.read(explanations))
    with torch.set_grad_enabled(grad), torch.autocast('cpu', dtype=torch.bfloat16):
        return ar(ids, lengths)


def update(av, ar, reference, encoder, decoder, rows, vectors, optimizers, scale, seed):
    """One step on P positions, their claims and vectors [P, d]; what it measured."""
    many = vectors.repeat_interleave(GROUP, 0)
    drawn = answers(av, encoder, many, MOST, 1.0, seed)
    found = [decoder.explanation(row) for row in drawn]
    tagged = torch.tensor([ok for _, ok in found])
    predicted = reconstruct(ar, encoder, [text for text, _ in found], grad=True)
    wrong = errors(predicted, many)
    rewards = torch.where(tagged, -wrong.detach().clamp(min=1e-6).log(), torch.tensor(PENALTY))
    rng = random.Random(seed)
    true = [
        describe(texts.some_of(row['claims'], rng), rng, blur=texts.BLUR) for row in rows for _ in range(GROUP // 2)
    ]
    rehearsed = errors(reconstruct(ar, encoder, true, grad=True), vectors.repeat_interleave(GROUP // 2, 0)).mean()
    (wrong.mean() + rehearsed).backward()
    ids, lengths = padded([encoder.prompt + row for row in drawn])
    told = (torch.arange(ids.shape[1])[None] >= len(encoder.prompt)) & (
        torch.arange(ids.shape[1])[None] < lengths[:, None]
    )
    known = log_probabilities(reference, ids, many, told)
    each = advantages_of(rewards.view(-1, GROUP))[:, None].expand(told.shape)[:, 1:][told[:, 1:]]
    with torch.autocast('cpu', dtype=torch.bfloat16):
        h = av.hidden(ids[:, :-1], many)[told[:, 1:]]
        PolicyLoss.apply(h.float(), av.inner.model.embed_tokens.weight, ids[:, 1:][told[:, 1:]], each, known).backward()
    for name, half in (('av', av), ('ar', ar)):
        torch.nn.utils.clip_grad_norm_(half.parameters(), 1.0)
        for group in optimizers[name].param_groups:
            group['lr'] = RATES[name] * scale
        optimizers[name].step()
        optimizers[name].zero_grad(set_to_none=True)
    return dict(
        reward=float(rewards.mean()),
        error=float(wrong.detach().mean()),
        rehearsed=float(rehearsed.detach()),
        kl=PolicyLoss.kl,
        tagged=float(tagged.float().mean()),
        tokens=float(lengths.float().mean()) - len(encoder.prompt),
    )


def held_out(av, ar, encoder, decoder, vectors, variance):
    """FVE of greedy explanations."""
    wrong = []
    for at in range(0, len(vectors), 64):
        part = vectors[at : at + 64]
        found = [decoder.explanation(row)[0] for row in answers(av, encoder, part, MOST, 0)]
        wrong.append(errors(reconstruct(ar, encoder, found), part))
    return 1 - float(torch.cat(wrong).mean()) / variance


def variance_of(vectors):
    g = F.normalize(vectors, dim=-1)
    return float((g - g.mean(0)).pow(2).sum(-1).mean())


def train(model, run, updates=UPDATES, stop_after=None, seed=23):
    run = pathlib.Path(run)
    encoder = texts.Encoder(run)
    decoder = Decoder(encoder)
    pair, warm = {}, {}
    for role in ('av', 'ar'):
        pair[role] = fresh(role, copy.deepcopy(model), encoder)
        warm[role] = torch.load(run / 'nla' / f'warm-{role}.pt')['half']
        pair[role].load_state_dict(warm[role])
    reference = copy.deepcopy(pair['av']).requires_grad_(False)
    optimizers = {
        role: torch.optim.AdamW(half.parameters(), lr=RATES[role], betas=(0.9, 0.95), weight_decay=0)
        for role, half in pair.items()
    }
    step, seconds, checkpoint, curve = 0, 0.0, run / 'nla' / 'reinforced.pt', run / 'nla' / 'reinforced.jsonl'
    if checkpoint.exists():
        state = torch.load(checkpoint)
        for role, half in pair.items():
            half.load_state_dict(state[role])
            optimizers[role].load_state_dict(state['optimizers'][role])
        step, seconds = state['step'], state['seconds']
    rows, vectors = texts.positions(run, 'further')
    _, dev = texts.positions(run, 'dev')
    dev, variance = dev[:192], variance_of(texts.positions(run, 'train')[1])
    began = time.time() - seconds
    saved = time.time()
    last = updates if stop_after is None else min(updates, step + stop_after)

    def save():
        with whole(checkpoint) as part:
            torch.save(
                dict(
                    {role: half.state_dict() for role, half in pair.items()},
                    step=step,
                    seconds=time.time() - began,
                    optimizers={role: optimizer.state_dict() for role, optimizer in optimizers.items()},
                ),
                part,
            )

    def note(entry):
        print(json.dumps(entry), flush=True)
        with open(curve, 'a') as file:
            file.write(json.dumps(entry) + '\n')

    if step == 0:
        note(dict(step=0, seconds=0, fve=round(held_out(pair['av'], pair['ar'], encoder, decoder, dev, variance), 4)))
    while step < last:
        order = np.random.default_rng([seed, step * PROMPTS // len(vectors)]).permutation(len(vectors))
        picks = order[(np.arange(PROMPTS) + step * PROMPTS) % len(vectors)]
        scale = min(1, (step + 1) / WARM_UP) * max(0.1, 1 - step / updates)
        measured = update(
            pair['av'],
            pair['ar'],
            reference,
            encoder,
            decoder,
            [rows[pick] for pick in picks],
            vectors[picks],
            optimizers,
            scale,
            seed * 100_000 + step,
        )
        step += 1
        entry = dict(
            step=step, seconds=round(time.time() - began), **{name: round(value, 4) for name, value in measured.items()}
        )
        if step % HELD_OUT_EVERY == 0 or step == last:
            entry['fve'] = round(held_out(pair['av'], pair['ar'], encoder, decoder, dev, variance), 4)
        note(entry)
        if time.time() - saved > CHECKPOINT_SECONDS or step == last:
            save()
            saved = time.time()
    return pair


if __name__ == '__main__':
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--model', required=True)
    parser.add_argument('--run', required=True)
    parser.add_argument('--updates', type=int, default=UPDATES)
    parser.add_argument('--stop-after', type=int)
    arguments = parser.parse_args()
    torch.set_flush_denormal(True)
    opened = open_model(arguments.model)
    if not (pathlib.Path(arguments.run) / 'nla' / 'further.npy').exists():
        positions.collect(opened, arguments.run, 'further', positions.FURTHER, 200, 'train')
    train(opened, arguments.run, arguments.updates, arguments.stop_after)
