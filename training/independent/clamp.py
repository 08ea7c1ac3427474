"""What SAELens gives where a feature is set on every token and the error term is kept: the clamp of
`src/lens/api/edit.ts`, by code that is not ours.

Needs SAELens, which needs a PyTorch of its own, so it runs in an environment of its own:

    pip install sae-lens==6.54.9
    python training/independent/clamp.py

Writes `clamped-by-sae-lens-VERSION.json` beside the dictionary of `tiny-sae-f16`: for each feature and value the
residual that SAELens puts in place of each of the fixture's.
"""

import importlib.metadata
import json
import pathlib

import torch
from sae_lens import SAE

FOLDER = pathlib.Path(__file__).parents[2] / 'src/lens/testing/fixtures/tiny-sae-f16'
VALUES = 0.0, 2.5


def clamped(sae, residuals, feature, value):
    """`forward` with the error term, one latent set by a hook where interventions on it are made."""

    def put(latents, hook):
        latents[:, feature] = value
        return latents

    sae.use_error_term = True
    with torch.no_grad():
        return sae.run_with_hooks(residuals, fwd_hooks=[('hook_sae_acts_post', put)])


def main():
    expected = json.loads((FOLDER / 'expected.json').read_text())
    residuals = torch.tensor(expected['residuals']).reshape(expected['rows'], -1)
    sae = SAE.load_from_disk(FOLDER, dtype='float32')
    # One that is in the top-k of some rows, the strongest of all, and one that is in none.
    counts = torch.bincount(torch.tensor(expected['ids']).clamp(max=sae.cfg.d_sae), minlength=sae.cfg.d_sae)
    features = [int(counts[: sae.cfg.d_sae].argmax()), int(counts[: sae.cfg.d_sae].argmin())]
    assert counts[features[1]] == 0, f'feature {features[1]} is in the top-k of {counts[features[1]]} rows'
    cases = [
        {
            'feature': feature,
            'value': value,
            'residuals': [float(f'{x:.7g}') for x in clamped(sae, residuals, feature, value).flatten().tolist()],
        }
        for feature in features
        for value in VALUES
    ]
    version = importlib.metadata.version('sae-lens')
    path = FOLDER / f'clamped-by-sae-lens-{version}.json'
    path.write_text(json.dumps(cases) + '\n')
    print(f'{path.name}: features {features}, values {VALUES}')


if __name__ == '__main__':
    main()
