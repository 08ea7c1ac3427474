"""dictionary_learning: folders as its `trainSAE` leaves them, of trainers that are given no data. What its own
`load_dictionary` makes of them is the truth."""

import importlib.metadata
import shutil
import sys
import types

import torch

from libraries.material import LAYER, MODEL, WIDTH, D, K, fill, library, thresholds, truth, weights

# It reads activations with nnsight, which is not needed here, and is large.
sys.modules.setdefault('nnsight', types.SimpleNamespace(LanguageModel=None))

from dictionary_learning import trainers
from dictionary_learning.trainers import matryoshka_batch_top_k, standard
from dictionary_learning.training import trainSAE
from dictionary_learning.utils import load_dictionary

NAME = f'dictionary_learning-{importlib.metadata.version("dictionary-learning")}'
RUN = {'steps': 10_000, 'activation_dim': D, 'dict_size': WIDTH, 'layer': LAYER, 'lm_name': MODEL, 'device': 'cpu'}


def linear(seed, **named):
    """Our weights by the names of its linear layers."""
    found = weights(seed)
    return {
        'encoder.weight': found['W_enc'].T,
        'encoder.bias': found['b_enc'],
        'decoder.weight': found['W_dec'].T,
        'b_dec': found['b_dec'],
        **named,
    }


def plain(seed):
    found = linear(seed)
    return found | {'bias': found.pop('b_dec')}


def gated(seed):
    found = linear(seed)
    return found | {
        'decoder_bias': found.pop('b_dec'),
        'gate_bias': found.pop('encoder.bias'),
        'mag_bias': torch.linspace(-1, 1, WIDTH),
        'r_mag': torch.linspace(-0.5, 0.8, WIDTH),
    }


def level(value):
    return {'threshold': torch.tensor(value)}


GROUPS = {'group_fractions': [0.25, 0.75]}
HOOK = {'submodule_name': f'resid_post_layer_{LAYER}'}
CASES = {
    'AutoEncoderTopK': (trainers.TopKTrainer, linear(50, **level(1.1)), {'k': K} | HOOK),
    'BatchTopKSAE': (trainers.BatchTopKTrainer, linear(51, **level(1.3)), {'k': K} | HOOK),
    # As long as a run is short, its threshold was never set.
    'BatchTopKSAE-unset': (trainers.BatchTopKTrainer, linear(52), {'k': K} | HOOK),
    'MatryoshkaBatchTopKSAE': (
        matryoshka_batch_top_k.MatryoshkaBatchTopKTrainer,
        weights(53) | level(1.3),
        {'k': K} | HOOK | GROUPS,
    ),
    'JumpReluAutoEncoder': (trainers.JumpReluTrainer, weights(54) | {'threshold': thresholds(54)}, HOOK),
    # Its rows are as long as they became: `load_dictionary` makes them 1 long, and its codes so much larger.
    'AutoEncoder': (standard.StandardTrainerAprilUpdate, plain(55), HOOK),
    'GatedAutoEncoder': (trainers.GatedSAETrainer, gated(56), HOOK),
}


def write():
    folder = library(NAME)
    for case, (trainer, values, keys) in CASES.items():

        def make(trainer=trainer, values=values, **settings):
            made = trainer(**settings)
            fill(made.ae, values)
            return made

        trainSAE([], [{'trainer': make, **RUN, **keys}], steps=0, save_dir=str(folder / case), device='cpu')
        opened, _ = load_dictionary(str(folder / case / 'trainer_0'), 'cpu')
        truth(folder / f'{case}.expected.safetensors', opened.encode, opened.decode)
    shutil.rmtree(folder / '__pycache__', ignore_errors=True)
