"""Trains the language model: `training/cpu.sh -m model.train --run RUN --tokens 22e6`; run again after a cut, it
goes on where it was.

RUN/ids comes from data/prepare.py, data/tokenizer.mjs and data/encode-texts.mjs. RUN/model.pt is the newest checkpoint
(weights and optimizer), RUN/train.jsonl the curve. Windows of 256 tokens for the first 3/4 of the tokens, then of the
full context; they begin anywhere for the first half, then where a line begins, and from there on there is more
arithmetic among them.
"""

import argparse
import dataclasses
import json
import pathlib
import time

import torch

from data.batches import LATE_MIX, Texts
from files.whole import whole
from model.optimizer import Optimizer
from model.transformer import Model, Shape

TOKENS_A_STEP = 4096
CHECKPOINT_SECONDS = 180
WARM_UP, FLAT, LINES, SHORT = 60, 0.4, 0.51, 0.75


def rate(step, steps):
    """Warm-up, flat, then linearly to nothing."""
    done = step / steps
    return min(1, (step + 1) / WARM_UP) * (1 if done < FLAT else (1 - done) / (1 - FLAT))


@torch.no_grad()
def held_out(model, texts, length, rows=8):
    """Loss in nats per domain and over the mix, on the same few windows every time."""
    losses = {}
    for domain in texts.mix:
        windows = texts.windows(domain, length + 1, rows)
        with torch.autocast('cpu', dtype=torch.bfloat16):
            losses[domain] = float(model.loss(windows))
    losses['mix'] = sum(losses[domain] * share for domain, share in zip(texts.mix, texts.shares))
    return {domain: round(loss, 3) for domain, loss in losses.items()}


def train(run, tokens, shape=None, muon_rate=0.03, adam_rate=5e-3, seed=1, stop_after=None):
    """Trains up to `tokens` tokens, or stops earlier after `stop_after` steps of this call (and can be called
    again)."""
    run = pathlib.Path(run)
    shape = shape or Shape()
    torch.manual_seed(seed)
    anywhere, lines, dev = Texts(run, 'train'), Texts(run, 'train', LATE_MIX, lines=True), Texts(run, 'dev')
    model = Model(shape)
    optimizer = Optimizer(model, muon_rate, adam_rate)
    steps, step, seconds = int(tokens // TOKENS_A_STEP), 0, 0.0
    if (run / 'model.pt').exists():
        state = torch.load(run / 'model.pt')
        model.load_state_dict(state['model'])
        optimizer.restore(state['optimizer'])
        step, seconds = state['step'], state['seconds']
        print(f'going on at step {step} of {steps}', flush=True)
    last = steps if stop_after is None else min(steps, step + stop_after)
    average, saved, began = None, time.time(), time.time() - seconds

    def checkpoint():
        state = dict(
            model=model.state_dict(),
            optimizer=optimizer.state(),
            step=step,
            seconds=time.time() - began,
            shape=dataclasses.asdict(shape),
            tokens=step * TOKENS_A_STEP,
        )
        with whole(run / 'model.pt') as part:
            torch.save(state, part)

    with open(run / 'train.jsonl', 'a') as curve:
        while step < last:
            length = min(256, shape.context) if step < SHORT * steps else shape.context
            texts = anywhere if step < LINES * steps else lines
            ids = texts.batch([seed, step], max(1, TOKENS_A_STEP // length), length + 1)
            with torch.autocast('cpu', dtype=torch.bfloat16):
                loss = model.loss(ids)
            loss.backward()
            optimizer.step(rate(step, steps))
            model.zero_grad(set_to_none=True)
            step += 1
            average = loss.item() if average is None else 0.98 * average + 0.02 * loss.item()
            if step % 100 == 0 or step == last:
                entry = dict(
                    step=step, tokens=step * TOKENS_A_STEP, seconds=round(time.time() - began), loss=round(average, 4)
                )
                if step % 500 == 0 or step == last:
                    entry['dev'] = held_out(model, dev, min(256, shape.context))
                print(json.dumps(entry), flush=True)
                curve.write(json.dumps(entry) + '\n')
                curve.flush()
            if time.time() - saved > CHECKPOINT_SECONDS:
                checkpoint()
                saved = time.time()
    checkpoint()
    return model


if __name__ == '__main__':
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--run', required=True)
    parser.add_argument('--tokens', type=float, default=22e6)
    parser.add_argument('--stop-after', type=int)
    arguments = parser.parse_args()
    torch.set_flush_denormal(True)
    train(arguments.run, arguments.tokens, stop_after=arguments.stop_after)
