"""What all cases share: the residuals, the weights, and how a case and its truth are written."""

import pathlib
import shutil

import torch

from files.tensors import write_file
from files.whole import write_json

ROOT = pathlib.Path(__file__).parents[2] / 'fixtures/dictionaries'
# As tiny-tied-f16 is, so that a dictionary opens beside that model: 32 wide, three blocks.
D, WIDTH, K, LAYER, MODEL = 32, 36, 8, 1, 'tiny-tied-f16'
ROWS = 12
# Features stay the same when every residual grows by this factor: no code hangs by a thread.
NUDGE = 1 + 4e-6


def generator(seed):
    return torch.Generator().manual_seed(seed)


def residuals():
    """[ROWS, D]: ordinary rows around a large mean, one of zeros, one fifty times as long as the others, as sinks
    are."""
    random = generator(1)
    rows = torch.randn(ROWS, D, generator=random) * 3 + center()
    rows[3] = 0
    rows[5] *= 50
    return rows


def center():
    """What b_dec is near: large against a decoder row, so that to leave it out is seen."""
    return torch.randn(D, generator=generator(2)) * 2


def weights(seed, *, unit=False):
    """W_enc [D, WIDTH], b_enc [WIDTH], W_dec [WIDTH, D], b_dec [D]. Decoder rows are 0.3 to 3 long, or 1 if `unit`."""
    random = generator(seed)
    decoder = torch.nn.functional.normalize(torch.randn(WIDTH, D, generator=random))
    encoder = decoder.T * 0.8 + torch.randn(D, WIDTH, generator=random) * 0.1
    if not unit:
        decoder = decoder * (torch.rand(WIDTH, 1, generator=random) * 2.7 + 0.3)
    return {
        'W_enc': encoder.contiguous(),
        'b_enc': torch.rand(WIDTH, generator=random) * 2 - 1,
        'W_dec': decoder.contiguous(),
        'b_dec': center() + torch.randn(D, generator=random) * 0.3,
    }


def thresholds(seed):
    """[WIDTH], 0.2 to 3."""
    return torch.rand(WIDTH, generator=generator(seed)) * 2.8 + 0.2


def fill(module, values):
    """Puts tensors into a library's own module, by name."""
    state = module.state_dict()
    for name, value in values.items():
        assert state[name].shape == value.shape, f'{name}: {tuple(state[name].shape)}, not {tuple(value.shape)}'
        state[name].copy_(value)


def library(name):
    """An empty folder for what one library writes."""
    folder = ROOT / name
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    return folder


def truth(path, encode, decode):
    """Writes what the library computes on `residuals()`: dense `codes` [ROWS, WIDTH], and `decoded` [ROWS, D] unless
    `decode` is None. `encode` gives dense codes."""
    rows = residuals()
    with torch.no_grad():
        codes = encode(rows).float()
        assert torch.equal(codes != 0, encode(rows * NUDGE) != 0), f'{path}: a feature is at its edge'
        counts = (codes > 0).sum(1)
        assert counts.float().mean() > 2 and counts.min() < WIDTH, f'{path}: {counts.tolist()} features a row'
        found = {'codes': codes}
        if decode is not None:
            found['decoded'] = decode(codes).float()
            assert found['decoded'].isfinite().all(), f'{path}: decoded is not finite'
    write_file(path, found)


def listed():
    """Names the files of every case, for readers that cannot list a folder."""
    found = {}
    for path in sorted(ROOT.glob('*/*.expected.safetensors')):
        case = path.parent / path.name.removesuffix('.expected.safetensors')
        files = sorted(file for file in case.rglob('*') if file.is_file())
        found[str(case.relative_to(ROOT))] = [str(file.relative_to(case)) for file in files]
    write_json(ROOT / 'cases.json', found)


def shared():
    """The residuals, for whoever reads a truth."""
    ROOT.mkdir(parents=True, exist_ok=True)
    (ROOT / '.gitattributes').write_text('# Byte for byte as the libraries wrote them.\n* -text\n')
    write_file(ROOT / 'residuals.safetensors', {'residuals': residuals()})
