"""What PyTorch says: the logits of `reference/qwen3.py` in float32, over whole texts at once and without a cache.

Reads {"model": FOLDER, "texts": [{"ids": [...], "from": n}, ...]} from stdin. Writes the logits that predict the ids
from index n on, [ids - n, V] of every text, as little-endian float32 to stdout.
"""

import json
import sys

import torch

from reference.qwen3 import Qwen3


def main():
    torch.set_num_threads(1)
    asked = json.load(sys.stdin)
    model = Qwen3(asked['model'])
    for text in asked['texts']:
        _, logits = model.forward(text['ids'][:-1])
        sys.stdout.buffer.write(logits[text['from'] - 1 :].contiguous().numpy().astype('<f4').tobytes())


if __name__ == '__main__':
    main()
