"""The dictionaries of a real model, trained by SAELens: `training/cpu.sh -m real.dictionaries --run RUN NAME…`, NAME of
PLANS; run again after a cut, it goes on from its last checkpoint.

RUN/sae/NAME/ is the folder that SAELens' `save_inference_model` leaves: a top-k SAE as `topk`, a batch-top-k one as
`jumprelu` with the threshold that it has learnt. `frozen` ones are controls: their decoder stays the random one that they
began with, and only the encoder and the biases learn.

Settings of the SAEs are SAELens' defaults for their kind, but for width and k; inputs are scaled to a norm of √d on
average, which SAELens folds into the weights at the end. b_dec begins at the mean. What is trained on are the residuals
of residuals.py without sinks, in an order drawn once a pass.

Needs an environment of its own: `pip install torch==2.8.0 sae-lens==6.54.12`.
"""

import argparse
import json
import logging
import pathlib
import shutil
import time

import numpy as np
import torch
from sae_lens import saes
from sae_lens.config import SAETrainerConfig
from sae_lens.saes.sae import SAEMetadata
from sae_lens.training.sae_trainer import SAETrainer

from real.residuals import SOURCES, batches
from real.sinks import counted, median_norm

D, WIDTH, K = 576, 4608, 32
BATCH, RATE = 2048, 1e-3
SEED = 19
PLANS = {
    'blocks.10.hook_resid_post': dict(layer=10, kind='TopK'),
    'blocks.19.hook_resid_post': dict(layer=19, kind='BatchTopK'),
    'frozen.10': dict(layer=10, kind='TopK', frozen=True),
    'frozen.19': dict(layer=19, kind='BatchTopK', frozen=True),
}


def collected(run, layer):
    """All residuals of a site that count, float16 [N, d]. SystemExit where real.residuals is not through."""
    paths = [run / 'residuals' / f'{source}-{number:03}.npz' for source in SOURCES for number, _ in batches(run, source)]
    missing = [path.name for path in paths if not path.exists()]
    if missing:
        raise SystemExit(f'{len(missing)} batches of residuals are missing, {missing[0]} first: run real.residuals.')
    kept, median = [], None
    for path in paths:
        h = torch.from_numpy(np.load(path)[str(layer)])
        median = median or median_norm(h)
        kept.append(h[counted(h, median)])
    return torch.cat(kept)


def order(rows, passes):
    """The rows of every pass, each in an order of its own."""
    generator = torch.Generator().manual_seed(SEED)
    return torch.cat([torch.randperm(rows, generator=generator) for _ in range(passes)])


def rows_of(residuals, places, done):
    """Batches from place `done` on, for ever, so that SAELens may look ahead; the first ones serve its estimate."""
    while True:
        for at in range(done, len(places) - BATCH + 1, BATCH):
            yield residuals[places[at : at + BATCH]].float()
        done = 0


def begun(plan, residuals):
    """An SAE before its first step."""
    torch.manual_seed(SEED + plan['layer'])
    made = getattr(saes, f'{plan["kind"]}TrainingSAEConfig')(
        d_in=D,
        d_sae=WIDTH,
        k=K,
        normalize_activations='expected_average_only_in',
        metadata=SAEMetadata(
            model_name='HuggingFaceTB/SmolLM2-135M-Instruct',
            hook_name=f'blocks.{plan["layer"]}.hook_resid_post',
            prepend_bos=False,
            context_size=256,
        ),
    )
    sae = getattr(saes, f'{plan["kind"]}TrainingSAE')(made)
    if plan.get('frozen'):
        sae.W_dec.requires_grad = False
    return sae


def train(run, name, passes, minutes):
    plan, out = PLANS[name], run / 'sae' / name
    if (out / 'cfg.json').exists():
        return
    residuals = collected(run, plan['layer'])
    places = order(len(residuals), passes)
    steps, sae = len(places) // BATCH, begun(plan, residuals)
    config = SAETrainerConfig(
        total_training_samples=steps * BATCH,
        train_batch_size_samples=BATCH,
        lr=RATE,
        lr_end=RATE / 10,
        lr_warm_up_steps=steps // 20,
        lr_decay_steps=steps // 3,
        dead_feature_window=150,
        n_batches_for_norm_estimate=20,
    )
    trainer = SAETrainer(config, sae, iter(()))
    checkpoint, of = run / 'sae' / f'{name}.part', dict(tokens=len(residuals), passes=passes)
    before = pathlib.Path(f'{checkpoint}.before')
    if before.exists() and not checkpoint.exists():
        before.rename(checkpoint)
    if (checkpoint / 'cfg.json').exists():
        sae.load_weights_from_checkpoint(checkpoint)
        trainer.load_trainer_state(checkpoint)
        if json.loads((checkpoint / 'of.json').read_text()) != of:
            raise SystemExit(f'{checkpoint} is of other residuals or passes. Remove it to begin anew.')
    else:
        scaler = trainer.activation_scaler
        scaler.estimate_scaling_factor(D, rows_of(residuals, places, 0), config.n_batches_for_norm_estimate)
        mean = residuals[places[: 100 * BATCH]].float().mean(0)
        sae.b_dec.data = mean * scaler.scaling_factor
    data, saved, began = rows_of(residuals, places, trainer.n_training_samples), time.time(), time.time()
    resumed = trainer.n_training_steps
    for batch in data:
        if trainer.n_training_samples >= config.total_training_samples:
            break
        answer = trainer.step(batch)
        trainer.n_training_steps += 1
        if trainer.n_training_steps % 25 == 0:
            spread = (batch - batch.mean(0)).square().sum() * trainer.activation_scaler.scaling_factor**2
            fvu = float(answer.losses['mse_loss']) * len(batch) / float(spread)
            dead = int(trainer.dead_neurons.sum())
            pace = (time.time() - began) / (trainer.n_training_steps - resumed)
            print(
                f'{name}: step {trainer.n_training_steps} of {steps}, FVU {fvu:.4f}, dead {dead}, {pace:.2f} s',
                flush=True,
            )
        if time.time() - saved > minutes * 60:
            keep(trainer, checkpoint, of)
            saved = time.time()
    finish(trainer, out, {**of, 'steps': steps})
    for left in (checkpoint, before):
        shutil.rmtree(left, ignore_errors=True)


def keep(trainer, checkpoint, of):
    """Writes a checkpoint with what it is of; a cut leaves it or the one before, whole."""
    part, before = pathlib.Path(f'{checkpoint}.new'), pathlib.Path(f'{checkpoint}.before')
    for left in (part, before):
        shutil.rmtree(left, ignore_errors=True)
    trainer.save_checkpoint(part.name, base_path=part.parent)
    (part / 'of.json').write_text(json.dumps(of))
    if checkpoint.exists():
        checkpoint.rename(before)
    part.rename(checkpoint)
    shutil.rmtree(before, ignore_errors=True)


def finish(trainer, out, facts):
    trainer.sae.fold_activation_norm_scaling_factor(trainer.activation_scaler.scaling_factor)
    trainer.activation_scaler.scaling_factor = None
    trainer.set_final_sae_metadata()
    trainer.sae.save_inference_model(f'{out}.new')
    (pathlib.Path(f'{out}.new') / 'training.json').write_text(json.dumps(facts) + '\n')
    pathlib.Path(f'{out}.new').rename(out)


if __name__ == '__main__':
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--run', type=pathlib.Path, required=True)
    parser.add_argument('--passes', type=int, default=2)
    parser.add_argument('--minutes', type=float, default=4, help='between checkpoints')
    parser.add_argument('names', nargs='*', default=list(PLANS))
    arguments = parser.parse_args()
    torch.set_flush_denormal(True)
    logging.disable(logging.WARNING)
    (arguments.run / 'sae').mkdir(exist_ok=True)
    for name in arguments.names or PLANS:
        train(arguments.run, name, arguments.passes, arguments.minutes)
