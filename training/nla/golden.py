"""Writes golden-nla.json beside a model: what PyTorch says in float32 of its trained pair, from the files as they are
stored.

    training/cpu.sh -m nla.golden --model public/models/lenslet-mini

Positions of the golden texts (golden-texts.json): the model's residual at the pair's site, the verbalizer's greedy
answer, the reconstructor's vector of that answer. README.md of training/ documents what is written.
"""

import argparse
import json
import pathlib

import torch

from files import sha256
from golden import packed, write_json
from nla.decode import EXPLANATION
from nla.reference import Reconstructor, Verbalizer, read_meta
from qwen3 import Qwen3
from tokens import decode, encode

TEXTS = pathlib.Path(__file__).parent.parent / 'golden-texts.json'
SHARES = (0.25, 0.6, 1)  # of a text's length
MOST, MARGIN = 160, 0.01  # tokens; logits
LAYOUT = (
    'vector, reconstruction: base64 of little-endian float32 [d]. vector: the residual behind block `layer` at token `position` of the text. answer: ids of the '
    'greedy answer behind the prompt, its closing tag included; it stops before a token that wins by less than `margin` in logits, and is complete where it does '
    'not. explanation: what stands between the tags of a complete answer, trimmed; of others what there is. reconstruction: the AR of it. cosine: of the two vectors.'
)


def positions(length):
    """Never the first token, where attention goes that has nowhere to go."""
    return sorted({round(share * (length - 1)) for share in SHARES} - {0})


def explanation(av, ids):
    said = [id for id in ids if id not in av.eos]
    text = decode(av.folder, [said])[0] if said else ''
    match = EXPLANATION.search(text)
    return (match[1] if match else text).strip()


def case(name, position, vector, av, ar):
    answer, complete = av.greedy(vector, MOST, MARGIN)
    text = explanation(av, answer)
    made = ar.vector(text)
    cosine = float(torch.cosine_similarity(made, vector, dim=0))
    print(
        f'{name} {position}: {len(answer)} tokens{"" if complete else ", cut off"}, cosine {cosine:.3f}: {text[:100]!r}'
    )
    return {
        'text': name,
        'position': position,
        'vector': packed(vector),
        'answer': answer,
        'complete': complete,
        'explanation': text,
        'reconstruction': packed(made),
        'cosine': cosine,
    }


def write(folder):
    index = json.loads((folder / 'nla/index.json').read_text())
    places = {role: folder / 'nla' / index[role] for role in ('av', 'ar')}
    model, av, ar = Qwen3(folder), Verbalizer(places['av']), Reconstructor(places['ar'])
    layer = read_meta(places['av'])['extraction']['layer_index']
    texts = json.loads(TEXTS.read_text(encoding='utf-8'))['texts']
    cases = []
    for text, ids in zip(texts, encode(folder, [text['text'] for text in texts])):
        residual = model.forward(ids)[0][layer]
        cases += [case(text['name'], position, residual[position], av, ar) for position in positions(len(ids))]
    files = [
        place / file for place in places.values() for file in ('model.safetensors', 'tokenizer.json', 'nla_meta.yaml')
    ] + [places['ar'] / 'value_head.safetensors']
    write_json(
        folder / 'golden-nla.json',
        {
            'format': 'lenslet-golden-nla-1',
            'layout': LAYOUT,
            'sha256': {str(file.relative_to(folder)): sha256(file) for file in files},
            'd': model.d,
            'layer': layer,
            'margin': MARGIN,
            'prompt': av.prompt,
            'marker': av.marker,
            'texts': {
                text['name']: text['text'] for text in texts if any(entry['text'] == text['name'] for entry in cases)
            },
            'cases': cases,
        },
        'cases',
    )


if __name__ == '__main__':
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--model', type=pathlib.Path, required=True, help='HF folder with nla/ beside the weights')
    torch.set_num_threads(1)
    write(parser.parse_args().model)
