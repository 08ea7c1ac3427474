"""Writes `fixtures/dictionaries/`: for each form of each library a folder as the library leaves it, and beside it, in
`….expected.safetensors`, what the library computes from the residuals in `residuals.safetensors`.

The libraries need packages of their own, so it runs in an environment of its own:

    pip install torch==2.8.0 sae-lens==6.54.12 eai-sparsify==1.3.3 schedulefree natsort zstandard
    pip install --no-deps dictionary-learning==0.1.0
    LENSLET_PYTHON=…/bin/python training/cpu.sh -m libraries
"""

import torch

from libraries import eleuther, learning, published, saelens
from libraries.material import listed, shared

if __name__ == '__main__':
    torch.set_num_threads(1)
    shared()
    for writer in saelens, eleuther, learning, published:
        writer.write()
    listed()
