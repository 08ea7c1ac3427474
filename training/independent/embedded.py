"""What SAELens makes of the dictionaries of lenslet-mini, opened by their folders alone: the codes of every token of the
golden texts, and what it knows of model and first token.

SAELens needs a PyTorch of its own, so it runs in an environment of its own:

    pip install sae-lens==6.54.12
    LENSLET_PYTHON=…/bin/python training/cpu.sh -m independent.embedded --model "$PWD/public/models/lenslet-mini"

Prints a line a dictionary, and fails where one disagrees: other features at a token, but for features that tie at the
edge of the top-k, a value or a reconstruction error off by more than LIMIT, a name lost, a token put first. Another
folder of dictionaries of the same texts is checked with --sae.
"""

import argparse
import json
import pathlib
import sys

import numpy as np
import torch

UNUSED = 0xFFFFFFFF
LIMIT = 1e-4  # of the largest value; of the FVU, absolute


class Golden:
    """golden.json and golden.bin, as training/README.md describes them."""

    def __init__(self, folder):
        self.head = json.loads((folder / 'golden.json').read_text())
        self.numbers = np.fromfile(folder / self.head['bin'], '<f4')

    def of(self, layer, name, width):
        """All texts' rows of one array, [tokens, width]."""
        rows = []
        for text in self.head['texts']:
            at, count = text['offsets'][str(layer)][name], len(text['ids']) * width
            rows.append(self.numbers[at : at + count].reshape(-1, width))
        return torch.from_numpy(np.concatenate(rows))

    def ids(self, layer):
        """[tokens, k]."""
        return torch.tensor([id for text in self.head['texts'] for id in text['codes'][str(layer)]]).view(
            -1, self.head['k']
        )


def compare(sae, golden, layer, mean):
    """Tokens, tokens with the same features, and the largest errors of values and FVU."""
    h = golden.of(layer, 'residual', golden.head['d'])
    with torch.no_grad():
        codes = sae.encode(h)
        decoded, codes = sae.decode(codes).float(), codes.float()
    k = golden.head['k']
    ids, values = golden.ids(layer), golden.of(layer, 'values', k)
    used = ids != UNUSED
    expected = torch.zeros_like(codes).scatter_add(1, torch.where(used, ids, 0), torch.where(used, values, 0))
    edge = golden.of(layer, 'edge', 2)
    tied = (edge[:, 0] - edge[:, 1]) < 1e-5 * edge[:, 0].abs()
    same = ((codes != 0) == (expected != 0)).all(1) | tied
    fvu = (h - decoded).pow(2).sum(1) / (h - mean).pow(2).sum(1)
    return {
        'tokens': len(h),
        'same': int(same.sum()),
        'values': float((codes - expected)[~tied].abs().max() / expected.max()),
        'fvu': float((fvu - golden.of(layer, 'fvu', 1)[:, 0]).abs().max()),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--model', type=pathlib.Path, required=True)
    parser.add_argument('--sae', type=pathlib.Path, help='folder of dictionaries; without it, the sae/ of the model')
    arguments = parser.parse_args()
    try:
        from sae_lens import SAE
    except ModuleNotFoundError as missing:
        print(f'Skipped: {missing.name} is not installed here. pip install sae-lens==6.54.12')
        return
    golden, failed = Golden(arguments.model), False
    for layer in golden.head['sites']:
        folder = (arguments.sae or arguments.model / 'sae') / f'blocks.{layer}.hook_resid_post'
        sae = SAE.load_from_disk(folder)
        stats = json.loads((folder / 'feature_stats.json').read_text())
        found = compare(sae, golden, layer, torch.tensor(stats['mean']))
        named = sae.cfg.metadata.model_name == arguments.model.name and sae.cfg.metadata.prepend_bos is False
        agrees = named and found['same'] == found['tokens'] and max(found['values'], found['fvu']) < LIMIT
        failed = failed or not agrees
        print(
            f'{sae.get_name()}, prepend_bos {sae.cfg.metadata.prepend_bos}, {sae.cfg.dtype}: '
            f'{found["same"]} of {found["tokens"]} tokens, values {found["values"]:.1e}, FVU {found["fvu"]:.1e}: '
            f'{"agrees" if agrees else "DISAGREES"}'
        )
    sys.exit(1 if failed else 0)


if __name__ == '__main__':
    main()
