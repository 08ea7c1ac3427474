"""The pair as folders in the layout of the open release: `training/cpu.sh -m nla.export --model MODEL --run RUN
[--warm]`.

MODEL/nla/av and MODEL/nla/ar: config.json, model.safetensors, tokenizer, nla_meta.yaml, and value_head.safetensors in
the second; weights in float16. MODEL/nla/index.json names the two. `--out` writes elsewhere, `--warm` the pair before
reinforcement.
"""

import argparse
import dataclasses
import json
import pathlib
import shutil

import torch

from files.tensors import write_file
from files.tokens import definition, markers
from files.whole import write_json
from model.export import write_config
from model.transformer import open_model
from nla import pair, texts
from nla.positions import SITE


def states(run, warm):
    """Weights of both halves, by role."""
    folder = pathlib.Path(run) / 'nla'
    if warm:
        return {role: torch.load(folder / f'warm-{role}.pt')['half'] for role in ('av', 'ar')}
    reinforced = torch.load(folder / 'reinforced.pt')
    return {role: reinforced[role] for role in ('av', 'ar')}


def suffix(encoder):
    """The ids that every filled template of the reconstructor ends with."""
    rows = encoder.read(['x', 'One.', 'The token is “ a”.'])
    count = 0
    while len({row[-1 - count] for row in rows}) == 1:
        count += 1
    return rows[0][-count:]


def meta(role, model, encoder, tokens):
    """nla_meta.yaml. Strings are written as JSON, which YAML reads."""
    start = encoder.prompt.index(tokens['<|vector|>'])
    template = pair.AV_TEMPLATE if role == 'av' else pair.AR_TEMPLATE
    text = lambda value: json.dumps(value, ensure_ascii=False)
    return '\n'.join(
        (
            'kind: nla_model',
            'schema_version: 1',
            f'role: {role}',
            f'd_model: {model.shape.d}',
            'extraction:',
            '  base_model: lenslet-mini',
            f'  layer_index: {SITE}',
            f'  injection_scale: {pair.SCALE if role == "av" else "null"}',
            f'  mse_scale: {text("sqrt_d_model") if role == "ar" else "null"}',
            'tokens:',
            f'  injection_char: {text(pair.RENAMED["<|vector|>"])}',
            f'  injection_token_id: {tokens["<|vector|>"]}',
            f'  injection_left_neighbor_id: {encoder.prompt[start - 1]}',
            f'  injection_right_neighbor_id: {encoder.prompt[start + 1]}',
            f'  critic_suffix_ids: {json.dumps(suffix(encoder)) if role == "ar" else "null"}',
            'prompt_templates:',
            f'  {role}: {text(template)}',
            '',
        )
    )


def tokenizer_files(run, into):
    tokenizer = definition(pathlib.Path(run) / 'tokenizer')
    for token in tokenizer['added_tokens']:
        token['content'] = pair.RENAMED.get(token['content'], token['content'])
    (into / 'tokenizer.json').write_text(
        json.dumps(tokenizer, ensure_ascii=False, separators=(',', ':')), encoding='utf-8'
    )
    for name in ('tokenizer_config.json', 'chat_template.jinja'):
        shutil.copy(pathlib.Path(run) / 'tokenizer' / name, into / name)


def export(model_folder, run, out=None, warm=False):
    model, encoder = open_model(model_folder), texts.Encoder(run)
    out = pathlib.Path(out or pathlib.Path(model_folder) / 'nla')
    tokens = markers(encoder.folder)
    for role, state in states(run, warm).items():
        into = out / role
        into.mkdir(parents=True, exist_ok=True)
        weights = {
            name.removeprefix('inner.'): weight.half() for name, weight in state.items() if name.startswith('inner.')
        }
        shape = model.shape
        if role == 'ar':
            weights.pop('model.norm.weight')
            write_file(into / 'value_head.safetensors', {'weight': state['value_head.weight'].half()})
            shape = dataclasses.replace(shape, layers=SITE + 1)
        write_file(into / 'model.safetensors', weights)
        write_config(into, shape, tokens)
        tokenizer_files(run, into)
        (into / 'nla_meta.yaml').write_text(meta(role, model, encoder, tokens), encoding='utf-8')
    sizes = {role: sum(file.stat().st_size for file in (out / role).glob('*.safetensors')) for role in ('av', 'ar')}
    index = {'format': 'lenslet-nla-1', 'av': 'av', 'ar': 'ar', 'controls': 'controls.json', 'bytes': sizes}
    write_json(out / 'index.json', index)


if __name__ == '__main__':
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--model', required=True)
    parser.add_argument('--run', required=True)
    parser.add_argument('--out')
    parser.add_argument('--warm', action='store_true')
    arguments = parser.parse_args()
    export(arguments.model, arguments.run, arguments.out, arguments.warm)
