"""The warm start: `training/cpu.sh -m nla.warm --role av --model MODEL --run RUN`, and the same with `--role ar`. Run
again after a cut, it goes on where it was. RUN/nla/warm-{role}.pt is the newest checkpoint, RUN/nla/warm-{role}.jsonl
the curve.

The verbalizer learns to say the claims of a position from its residual, the reconstructor to give the residual's
direction for the claims; each of the two sees half of the positions, and wordings drawn anew every time.
"""

import argparse
import json
import pathlib
import random
import time

import numpy as np
import torch

from files.whole import whole
from model.optimizer import Optimizer
from model.transformer import open_model
from nla import texts
from nla.pair import Reconstructor, Verbalizer, errors, padded
from nla.wordings import describe

STEPS, BATCH = dict(av=3000, ar=4000), dict(av=32, ar=64)
RATES = dict(av=(0.015, 2e-3), ar=(0.015, 2e-3))
CHUNK = 40  # batches whose descriptions are written together, and mixed by length
WARM_UP, CHECKPOINT_SECONDS = 60, 240


def rate(step, steps):
    """Warm-up, then linearly to nothing."""
    return min(1, (step + 1) / WARM_UP) * (1 - step / steps)


def fresh(role, model, encoder):
    """A trainable half of the pair, begun as a copy of the model."""
    half = Verbalizer(model, encoder.marker) if role == 'av' else Reconstructor(model)
    return half.train().requires_grad_(True)


def own_half(role, count):
    """Which positions a role is trained on: none of them is shared."""
    return np.flatnonzero(np.arange(count) % 2 == (role == 'ar'))


def loss_of(role, half, rows, vectors, encoder):
    ids, lengths = padded(rows)
    with torch.autocast('cpu', dtype=torch.bfloat16):
        if role == 'av':
            place = torch.arange(ids.shape[1])[None]
            return half.loss(ids, vectors, (place >= len(encoder.prompt)) & (place < lengths[:, None]))
        return errors(half(ids, lengths), vectors).mean()


@torch.no_grad()
def held_out(role, half, encoder, rows, vectors):
    told = (
        texts.chunk(encoder, role, rows, 0)
        if role == 'av'
        else encoder.read([describe(row['claims'], random.Random(place)) for place, row in enumerate(rows)])
    )
    return float(
        np.mean(
            [
                loss_of(role, half, told[at : at + 64], vectors[at : at + 64], encoder).item()
                for at in range(0, len(rows), 64)
            ]
        )
    )


def train(role, model, run, steps=None, stop_after=None, seed=7):
    steps, batch = steps or STEPS[role], BATCH[role]
    run = pathlib.Path(run)
    checkpoint, curve = run / 'nla' / f'warm-{role}.pt', run / 'nla' / f'warm-{role}.jsonl'
    torch.manual_seed(seed)
    encoder = texts.Encoder(run)
    half = fresh(role, model, encoder)
    optimizer, step, seconds = Optimizer(half, *RATES[role]), 0, 0.0
    if checkpoint.exists():
        state = torch.load(checkpoint)
        half.load_state_dict(state['half'])
        optimizer.restore(state['optimizer'])
        step, seconds = state['step'], state['seconds']
    rows, vectors = texts.positions(run, 'train')
    own, (dev, dev_vectors) = own_half(role, len(rows)), texts.positions(run, 'dev')
    dev, dev_vectors = dev[:640], dev_vectors[:640]
    variance = float((torch.nn.functional.normalize(vectors[own], dim=-1).var(0, unbiased=False)).sum())
    average, began, saved = None, time.time() - seconds, time.time()
    last = steps if stop_after is None else min(steps, step + stop_after)

    def save():
        with whole(checkpoint) as part:
            torch.save(
                dict(
                    half=half.state_dict(),
                    optimizer=optimizer.state(),
                    step=step,
                    seconds=time.time() - began,
                    steps=steps,
                ),
                part,
            )

    while step < last:
        # A chunk depends on the seed and its number alone, so that a resumed run sees what it would have.
        number, inside = divmod(step, CHUNK)
        size = CHUNK * batch
        epoch, place = divmod(number * size, len(own) // size * size)
        order = own[np.random.default_rng([seed, epoch]).permutation(len(own))][place : place + size]
        told = texts.chunk(encoder, role, [rows[index] for index in order], f'{seed} {role} {number}')
        by_length = sorted(range(size), key=lambda index: len(told[index]))
        groups = np.random.default_rng([seed, number]).permutation(CHUNK)
        for group in groups[inside:]:
            picks = by_length[group * batch : (group + 1) * batch]
            loss = loss_of(role, half, [told[index] for index in picks], vectors[order[picks]], encoder)
            loss.backward()
            optimizer.step(rate(step, steps))
            half.zero_grad(set_to_none=True)
            step += 1
            average = loss.item() if average is None else 0.98 * average + 0.02 * loss.item()
            if step % 250 == 0 or step == last:
                entry = dict(step=step, seconds=round(time.time() - began), loss=round(average, 4))
                entry['dev'] = round(held_out(role, half, encoder, dev, dev_vectors), 4)
                if role == 'ar':
                    entry['fve'] = round(1 - entry['dev'] / variance, 4)
                print(json.dumps(entry), flush=True)
                with open(curve, 'a') as file:
                    file.write(json.dumps(entry) + '\n')
            if time.time() - saved > CHECKPOINT_SECONDS or step == last:
                save()
                saved = time.time()
            if step == last:
                break
    return half


if __name__ == '__main__':
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--role', choices=('av', 'ar'), required=True)
    parser.add_argument('--model', required=True)
    parser.add_argument('--run', required=True)
    parser.add_argument('--steps', type=int)
    parser.add_argument('--stop-after', type=int)
    arguments = parser.parse_args()
    torch.set_flush_denormal(True)
    train(arguments.role, open_model(arguments.model), arguments.run, arguments.steps, arguments.stop_after)
