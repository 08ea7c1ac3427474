"""Writes a dictionary as Qwen-Scope's are published, and its codes over the planted models, which fixtures_large.py
has written.

    python3 training/fixtures_rehearsal.py

`planted-dictionary-L0_8/layer2.sae.pt` is a real torch.save; k stands in the folder's name. `codes.json` has, for each
planted model and each format of its weights, what PyTorch computes in float64 from the residual behind block 2: with
the dictionary as it is kept, in float16, and for `f32` as it is stored. The first token's residual is a sink there.
"""

import torch

from fixtures import TARGET, write
from tensors import read_file

K, D, WIDTH, LAYER = 8, 64, 256, 2
FOLDER = TARGET / f'planted-dictionary-L0_{K}'


def dictionary():
    torch.manual_seed(11)
    decoder = torch.randn(D, WIDTH)
    decoder /= decoder.norm(dim=0, keepdim=True)
    return {
        'W_enc': decoder.t() * 0.7 + 0.05 * torch.randn(WIDTH, D),
        'W_dec': decoder,
        'b_enc': torch.randn(WIDTH),
        'b_dec': torch.randn(D),
    }


def codes(h, sae, halves):
    """z = topk(relu(h W_enc^T + b_enc)), h^ = z W_dec^T + b_dec; |h - h^|^2 / |h - b_dec|^2."""
    weights = {
        name: (tensor.half() if halves and tensor.ndim == 2 else tensor).double() for name, tensor in sae.items()
    }
    values, ids = (h @ weights['W_enc'].t() + weights['b_enc']).topk(K + 1)
    # No k-th place hangs by a thread: float32 must find the same features.
    assert ((values[:, :-1] - values[:, 1:]) / values[:, :1]).min() > 1e-6 and values[:, K - 1].min() > 0
    values, ids = values[:, :K], ids[:, :K]
    reconstruction = (
        torch.zeros(len(h), WIDTH, dtype=torch.double).scatter_(1, ids, values) @ weights['W_dec'].t()
        + weights['b_dec']
    )
    fvu = (h - reconstruction).pow(2).sum(1) / (h - weights['b_dec']).pow(2).sum(1)
    return {
        'ids': ids.flatten().tolist(),
        'values': [float(f'{x:.9g}') for x in values.flatten().tolist()],
        'fvu': [float(f'{x:.9g}') for x in fvu.tolist()],
    }


def main():
    FOLDER.mkdir(exist_ok=True)
    sae = dictionary()
    torch.save({name: tensor.contiguous() for name, tensor in sae.items()}, FOLDER / f'layer{LAYER}.sae.pt')
    found = {}
    for model in sorted(TARGET.glob('planted-qwen*')):
        expected = read_file(model / 'expected.safetensors')
        residuals = {'f32': expected['f32.residuals'][LAYER], 'q8': expected['q8.final'], 'q4': expected['q4.final']}
        found[model.name] = {kind: codes(h.double(), sae, kind != 'f32') for kind, h in residuals.items()}
    write(FOLDER / 'codes.json', found)


if __name__ == '__main__':
    main()
