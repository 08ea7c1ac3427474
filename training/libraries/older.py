"""SAELens of earlier versions, by their own classes. Each runs in an environment of its own, where that version is the
one installed:

    LENSLET_PYTHON=…/bin/python training/cpu.sh -m libraries.older

Versions 3.23.4, 4.4.5 and 5.11.0 are among the fixtures; with `pip install --no-deps` they run on the packages of the
newest."""

import importlib.metadata

import torch
from sae_lens import SAE, SAEConfig

from libraries.material import LAYER, MODEL, WIDTH, D, K, fill, library, listed, thresholds, truth, weights

VERSION = importlib.metadata.version('sae-lens')
PLAIN = {'activation_fn_str': 'relu', 'hook_name': f'blocks.{LAYER}.hook_resid_post', 'hook_layer': LAYER}


def opened(folder, case, architecture, values, **keys):
    """Writes one dictionary and reads it again."""
    config = SAEConfig(
        architecture=architecture,
        d_in=D,
        d_sae=WIDTH,
        apply_b_dec_to_input=True,
        finetuning_scaling_factor=False,
        context_size=128,
        model_name=MODEL,
        hook_head_index=None,
        prepend_bos=True,
        dataset_path='texts',
        dataset_trust_remote_code=False,
        normalize_activations='none',
        dtype='float32',
        device='cpu',
        sae_lens_training_version=VERSION,
        **(PLAIN | keys),
    )
    sae = SAE(config)
    fill(sae, values)
    sae.save_model(str(folder / case))
    sae = SAE.load_from_pretrained(str(folder / case))
    truth(folder / f'{case}.expected.safetensors', sae.encode, sae.decode)


def main():
    folder = library(f'sae-lens-{VERSION}')
    top = {'activation_fn_str': 'topk', 'activation_fn_kwargs': {'k': K}}
    with torch.no_grad():
        if VERSION.startswith('3.'):
            opened(folder, 'topk', 'standard', weights(70), **top)
            found = weights(71)
            found |= {'b_gate': found.pop('b_enc'), 'b_mag': torch.linspace(-1, 1, WIDTH)}
            opened(folder, 'gated', 'gated', found | {'r_mag': torch.linspace(-0.5, 0.8, WIDTH)})
        elif VERSION.startswith('4.'):
            before = {'hook_name': f'blocks.{LAYER + 1}.hook_resid_pre', 'hook_layer': LAYER + 1}
            opened(folder, 'jumprelu', 'jumprelu', weights(72) | {'threshold': thresholds(72)}, **before)
        else:
            opened(folder, 'topk', 'topk', weights(73), **top)
    listed()


if __name__ == '__main__':
    main()
