"""The forward pass of a folder by its family."""

import json
import pathlib

from reference.gemma3 import Gemma3
from reference.llama import Llama
from reference.qwen2 import Qwen2
from reference.qwen3 import Qwen3

FAMILIES = {kind.family: kind for kind in (Qwen2, Qwen3, Llama, Gemma3)}


def open_decoder(folder, dtype=None):
    """By the `model_type` of its config.json, a KeyError for one that is none of these."""
    kind = FAMILIES[json.loads((pathlib.Path(folder) / 'config.json').read_text())['model_type']]
    return kind(folder) if dtype is None else kind(folder, dtype)
