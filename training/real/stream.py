"""What the residual stream of a real model is like, block by block: `training/cpu.sh -m real.stream --model RUN/model --ids
RUN/ids/test.npz --out RUN/stream.json`.

Over windows of held-out text, in PyTorch on the weights as they are. Of each block: the median |h| of the positions
that are no sinks, the median |h − μ| of them with μ their mean, the first token's |h| in medians, the sinks behind it (as
`src/lens/maths/sinks.ts` tells them: above 3 medians with over .8 of |h|² in one channel, or above 8 medians) with their
texts, and the channel that holds most of |h|², of sinks and of the others.

Needs the environment of `folder.py`.
"""

import argparse
import collections
import pathlib

import numpy as np
import torch

from files.whole import sha256, write_json
from real.losses import BATCH, read, spread
from real.sinks import SHARE, TIMES, TIMES_ALONE
from real.truth import open_model

SHOWN = 5


def sinks_of(norm, share):
    """Which positions [N, T] but the first are sinks; norms in medians of all positions but the first."""
    times = norm / norm[:, 1:].median()
    sinks = (times > TIMES_ALONE) | ((times > TIMES) & (share > SHARE))
    sinks[:, 0] = False
    return sinks


def largest_channel(h):
    """The channel that is most often the largest of a row of |h|, and the median share of |h|² that a row's largest
    holds."""
    squares = h.pow(2)
    share, channel = (squares / squares.sum(-1, keepdim=True)).max(-1)
    return int(channel.mode().values), float(share.median())


def describe(h, ids, decode):
    """One block's h [N, T, d]."""
    norm = h.norm(dim=-1)
    share = h.pow(2).max(-1).values / norm.pow(2)
    sinks = sinks_of(norm, share)
    others = ~sinks
    others[:, 0] = False
    rest, median = h[others], norm[others].median()
    channel, held = largest_channel(rest)
    first = largest_channel(h[:, 0])
    texts = collections.Counter(decode([int(id)]) for id in ids[sinks])
    return {
        'norm': float(median),
        'centred': float((rest - rest.mean(0)).norm(dim=-1).median()),
        'first': {'times': float((norm[:, 0] / median).median()), 'channel': first[0], 'share': first[1]},
        'channel': channel,
        'share': held,
        'sinks': {
            'count': int(sinks.sum()),
            'times': [float(end / median) for end in norm[sinks].aminmax()] if sinks.any() else None,
            'channel': largest_channel(h[sinks])[0] if sinks.any() else None,
            'texts': [[text, count] for text, count in texts.most_common(SHOWN)],
        },
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--model', type=pathlib.Path, required=True)
    parser.add_argument('--ids', type=pathlib.Path, required=True)
    parser.add_argument('--out', type=pathlib.Path, required=True)
    parser.add_argument('--windows', type=int, default=16)
    options = parser.parse_args()
    from transformers import AutoTokenizer

    model, tokenizer = open_model(options.model), AutoTokenizer.from_pretrained(options.model)
    windows = spread(np.load(options.ids)['ids'], options.windows)
    layers = range(len(model.model.layers))
    parts = [read(model, windows[at : at + BATCH], layers)[1] for at in range(0, len(windows), BATCH)]
    write_json(
        options.out,
        {
            'sha256': sha256(options.model / 'model.safetensors'),
            'windows': len(windows),
            'tokens': windows.numel(),
            'blocks': [
                describe(torch.cat([part[layer] for part in parts]), windows, tokenizer.decode) for layer in layers
            ],
        },
    )


if __name__ == '__main__':
    main()
