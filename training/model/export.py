"""A checkpoint as a Qwen3 folder: `training/cpu.sh -m model.export --run RUN --out FOLDER`; weights in float16,
everything else beside them."""

import argparse
import pathlib
import shutil

import torch

from files.tensors import write_file
from files.tokens import markers
from files.whole import write_json
from model.transformer import Shape


def write_config(folder, shape, tokens):
    """config.json and generation_config.json; `tokens`: ids of the special markers."""
    end = tokens['<|endoftext|>']
    config = {
        'architectures': ['Qwen3ForCausalLM'],
        'model_type': 'qwen3',
        'hidden_size': shape.d,
        'num_hidden_layers': shape.layers,
        'num_attention_heads': shape.heads,
        'num_key_value_heads': shape.kv_heads,
        'head_dim': shape.head_dim,
        'intermediate_size': shape.ff,
        'vocab_size': shape.vocabulary,
        'max_position_embeddings': shape.context,
        'rope_theta': shape.theta,
        'rms_norm_eps': shape.epsilon,
        'hidden_act': 'silu',
        'tie_word_embeddings': True,
        'attention_bias': False,
        'torch_dtype': 'float16',
        'bos_token_id': None,
        'eos_token_id': end,
    }
    write_json(folder / 'config.json', config)
    # A chat answer ends at its own marker, a document at the other.
    write_json(folder / 'generation_config.json', {'eos_token_id': [end, tokens['<|im_end|>']]})


def export(run, out):
    run, out = pathlib.Path(run), pathlib.Path(out)
    out.mkdir(parents=True, exist_ok=True)
    state = torch.load(run / 'model.pt', map_location='cpu')
    shape = Shape(**state['shape'])
    write_file(out / 'model.safetensors', {name: weight.half() for name, weight in state['model'].items()})
    for name in ('tokenizer.json', 'tokenizer_config.json', 'chat_template.jinja'):
        shutil.copy(run / 'tokenizer' / name, out / name)
    write_config(out, shape, markers(out))
    print(f'{out}: step {state["step"]}, {state["tokens"] / 1e6:.1f} M tokens, {state["seconds"] / 60:.0f} minutes')


if __name__ == '__main__':
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--run', required=True)
    parser.add_argument('--out', required=True)
    arguments = parser.parse_args()
    export(arguments.run, arguments.out)
