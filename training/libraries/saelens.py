"""SAELens: every architecture by its training class and its save functions, checkpoints, forms of older versions as its
own reader takes them, and configurations of what is to be refused."""

import importlib.metadata
import json
import shutil
import tempfile
import warnings

import torch
from sae_lens import SAE, saes
from sae_lens.saes import sae as base
from sae_lens.training.activation_scaler import ActivationScaler
from safetensors.torch import save_file

from libraries.material import LAYER, MODEL, WIDTH, D, K, fill, library, residuals, thresholds, truth, weights

NAME = f'sae-lens-{importlib.metadata.version("sae-lens")}'
HOOK = f'blocks.{LAYER}.hook_resid_post'
SIZES = {'d_in': D, 'd_sae': WIDTH}


def metadata(**keys):
    """As a training run fills it in, which names no layer but by the hook's name."""
    return base.SAEMetadata(
        dataset_path='texts',
        hook_name=HOOK,
        model_name=MODEL,
        model_class_name='HookedTransformer',
        hook_head_index=None,
        context_size=128,
        seqpos_slice=(None,),
        model_from_pretrained_kwargs={},
        prepend_bos=True,
        exclude_special_tokens=False,
        sequence_separator_token='bos',
        disable_concat_sequences=False,
        **keys,
    )


def training(name, seed, *, values=None, **keys):
    """A training SAE of a class of SAELens, named as its configuration is, with our weights in it."""
    config = getattr(saes, f'{name}TrainingSAEConfig')(**SIZES, metadata=metadata(), **keys)
    sae = getattr(saes, f'{name}TrainingSAE')(config)
    found = weights(seed)
    if name == 'Gated':
        found['b_gate'], found['b_mag'] = found.pop('b_enc'), torch.linspace(-1, 1, WIDTH)
        found['r_mag'] = torch.linspace(-0.5, 0.8, WIDTH)
    fill(sae, found | (values or {}))
    return sae


def check(folder, case, *, decoded=True):
    """The truth of a folder that SAELens opens itself."""
    sae = SAE.load_from_disk(folder / case, dtype='float32')
    truth(folder / f'{case}.expected.safetensors', sae.encode, sae.decode if decoded else None)


def final(folder, case, sae):
    """What a run leaves at its end."""
    sae.save_inference_model(folder / case)
    check(folder, case)


def checkpoint(folder, case, sae, scaler=None):
    """What a run leaves on its way: the training class as it is. Its truth is that of the folder that SAELens would write
    from it at the end of the run, the scaling folded in."""
    sae.save_model(folder / case)
    if scaler is not None:
        scaler.save(str(folder / case / 'activation_scaler.json'))
        sae.fold_activation_norm_scaling_factor(scaler.scaling_factor)
    with tempfile.TemporaryDirectory() as scratch:
        sae.save_inference_model(scratch)
        ended = SAE.load_from_disk(scratch, dtype='float32')
        truth(folder / f'{case}.expected.safetensors', ended.encode, ended.decode)


def scaled():
    """The factor that a run with `expected_average_only_in` estimates, here of our residuals."""
    scaler = ActivationScaler()
    scaler.scaling_factor = D**0.5 / float(residuals()[:3].norm(dim=1).mean())
    return scaler


def whitened():
    scaler = ActivationScaler()
    rows = torch.randn(4096, D, generator=torch.Generator().manual_seed(9)) * torch.linspace(0.5, 3, D) + 1
    scaler.estimate_whitening(D, iter([rows]), n_batches_for_norm_estimate=1)
    return scaler.whitening


def top_k(folder):
    final(folder, 'topk', training('TopK', 10, k=K))
    save_file({'sparsity': torch.linspace(-4, -0.1, WIDTH)}, folder / 'topk/sparsity.safetensors')
    plain = {'apply_b_dec_to_input': False, 'rescale_acts_by_decoder_norm': False}
    final(folder, 'topk-plain', training('TopK', 11, k=K, **plain))
    final(folder, 'topk-subtracts', training('TopK', 12, k=K, rescale_acts_by_decoder_norm=False))
    final(folder, 'topk-bfloat16', training('TopK', 13, k=K).to(dtype=torch.bfloat16))
    checkpoint(folder, 'topk-checkpoint', training('TopK', 14, k=K))
    average = {'normalize_activations': 'expected_average_only_in'}
    checkpoint(folder, 'topk-scaled-checkpoint', training('TopK', 15, k=K, **average), scaled())
    sae = training('TopK', 17, k=K, normalize_activations='covariance_whitening')
    found = whitened()
    sae.fold_activation_whitening(found.mean, found.matrix, found.inverse_matrix)
    final(folder, 'topk-whitened', sae)
    # SAELens divides by the lengths of decoder rows when it decodes, so that one of zeros makes everything NaN there.
    dead = weights(18)['W_dec']
    dead[7] = 0
    training('TopK', 18, k=K, values={'W_dec': dead}).save_model(folder / 'topk-dead-row')
    check(folder, 'topk-dead-row', decoded=False)


def thresholded(folder):
    threshold = {'topk_threshold': torch.tensor(1.3, dtype=torch.double)}
    final(folder, 'batchtopk', training('BatchTopK', 20, k=float(K), values=threshold))
    checkpoint(folder, 'batchtopk-checkpoint', training('BatchTopK', 21, k=float(K), values=threshold))
    average = {'normalize_activations': 'expected_average_only_in'}
    sae = training('BatchTopK', 22, k=float(K), values=threshold, **average)
    checkpoint(folder, 'batchtopk-scaled-checkpoint', sae, scaled())
    levels = {'matryoshka_widths': [10, WIDTH]}
    final(folder, 'matryoshka', training('MatryoshkaBatchTopK', 23, k=float(K), values=threshold, **levels))
    final(folder, 'jumprelu', training('JumpReLU', 24, values={'threshold': thresholds(24)}))
    # Below 0 a threshold is that of a ReLU.
    config = saes.JumpReLUSAEConfig(**SIZES, metadata=metadata())
    sae = saes.JumpReLUSAE(config)
    fill(sae, weights(25) | {'threshold': thresholds(25) - 1.5})
    sae.save_model(folder / 'jumprelu-below-zero')
    check(folder, 'jumprelu-below-zero')
    final(folder, 'standard', training('Standard', 26))
    final(folder, 'gated', training('Gated', 27))


def older(folder):
    """One dictionary under the configurations of older versions: SAELens opens each, and gives the same codes."""
    target = folder / 'older'
    flat = {**SIZES, 'dtype': 'torch.float32', 'device': 'cpu', 'model_name': MODEL, 'prepend_bos': True}
    flat |= {'apply_b_dec_to_input': True, 'finetuning_scaling_factor': False, 'hook_head_index': None}
    flat |= {'hook_name': HOOK, 'hook_layer': LAYER, 'normalize_activations': 'none'}
    kwargs = {'activation_fn_str': 'topk', 'activation_fn_kwargs': {'k': K}}
    new = {'architecture': 'topk', 'k': K}
    nameless = {key: value for key, value in flat.items() if not key.startswith('hook_')}
    forms = {
        'k-in-kwargs': flat | kwargs | {'architecture': 'topk'},
        'standard-with-topk': flat | kwargs | {'architecture': 'standard'},
        'no-architecture': flat | kwargs,
        'not-normalised': flat | new | {'normalize_activations': False},
        'hook-point': nameless | new | {'hook_point': HOOK, 'hook_point_layer': LAYER, 'hook_point_head_index': None},
        'hook-of-the-next-block': flat
        | new
        | {'hook_name': f'blocks.{LAYER + 1}.hook_resid_pre', 'hook_layer': LAYER + 1},
        'hook-out': nameless | new | {'hook_name': f'blocks.{LAYER}.hook_out'},
        'module': nameless | new | {'hook_name': f'model.layers.{LAYER}'},
        'no-layer': nameless | new | {'hook_name': HOOK},
    }
    target.mkdir()
    sae = saes.TopKSAE(saes.TopKSAEConfig(**SIZES, k=K, metadata=metadata()))
    fill(sae, weights(30))
    weights_file, _ = sae.save_model(target)
    found = sae.encode(residuals())
    for name, config in forms.items():
        (target / 'cfg.json').write_text(json.dumps(config))
        opened = SAE.load_from_disk(target)
        assert torch.equal(opened.encode(residuals()), found), name
        shutil.move(target / 'cfg.json', target / f'{name}.json')
    truth(folder / 'older.expected.safetensors', sae.encode, sae.decode)
    assert weights_file.parent == target


def refused(folder):
    """Configurations alone, as their own classes write them: they are refused before a weight is read."""
    target = folder / 'refused'
    target.mkdir()
    out = {'d_out': D, 'apply_b_dec_to_input': False}
    configs = {
        'temporal': ('Temporal', {}),
        'matching-pursuit': ('MatchingPursuit', {}),
        'abstopk': ('AbsTopK', {'k': K}),
        'layer-norm': ('TopK', {'k': K, 'normalize_activations': 'layer_norm'}),
        'constant-norm': ('TopK', {'k': K, 'normalize_activations': 'constant_norm_rescale'}),
        'temporal-and-layer-norm': ('Temporal', {'normalize_activations': 'layer_norm'}),
    }
    configs = {name: (f'{kind}SAEConfig', keys) for name, (kind, keys) in configs.items()}
    kinds = 'Transcoder', 'SkipTranscoder', 'JumpReLUTranscoder', 'JumpReLUSkipTranscoder'
    configs |= {kind: (f'{kind}Config', out) for kind in kinds}
    for name, (kind, keys) in configs.items():
        config = getattr(saes, kind)(**SIZES, metadata=metadata(), **keys)
        (target / f'{name}.json').write_text(json.dumps(config.to_dict()))
    bare = saes.TopKSAEConfig(**SIZES, k=K)
    (target / 'no-hook.json').write_text(json.dumps(bare.to_dict()))


def write():
    warnings.filterwarnings('ignore')
    folder = library(NAME)
    with torch.no_grad():
        top_k(folder)
        thresholded(folder)
        older(folder)
        refused(folder)
