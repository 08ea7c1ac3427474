"""What SAELens itself makes of a few residuals with the dictionaries as they are shipped:
`training/cpu.sh -m real.round_trip --run RUN --folder FOLDER --out fixtures/dictionaries`, after real.ship.

OUT/shipped-by-sae-lens.safetensors comes out: of each layer `residuals.N` [ROWS, d] of held-out windows, and SAELens' dense
latents `codes.N` [ROWS, width] and reconstructions `decoded.N` [ROWS, d] of them. The matrices are float16, widened.

Needs sae-lens.
"""

import argparse
import json
import pathlib

import numpy as np
import torch
from sae_lens import SAE

from files.tensors import write_file

ROWS, PLACE = 3, 40


@torch.no_grad()
def write(run, folder, out):
    with np.load(sorted((run / 'held-out').glob('test-*.npz'))[0]) as found:
        residuals = {int(name): found[name][:ROWS, PLACE] for name in found if name.isdigit()}
    tensors = {}
    for hook in json.loads((folder / 'sae' / 'index.json').read_text()):
        layer, sae = int(hook.split('.')[1]), SAE.load_from_disk(str(folder / 'sae' / hook), dtype='float32')
        h = torch.from_numpy(residuals[layer]).float()
        codes = sae.encode(h)
        codes = codes.to_dense() if codes.is_sparse else codes
        tensors |= {f'residuals.{layer}': h, f'codes.{layer}': codes, f'decoded.{layer}': sae.decode(codes)}
    write_file(out / 'shipped-by-sae-lens.safetensors', tensors)


if __name__ == '__main__':
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ('run', 'folder', 'out'):
        parser.add_argument(f'--{name}', type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    write(arguments.run, arguments.folder, arguments.out)
