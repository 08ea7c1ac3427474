"""Writes golden.json, golden.bin and golden-steer.json beside a model: what PyTorch says in float32, from the weights
as stored.

    python3 training/golden.py --model public/models/lenslet-mini

README.md beside this file documents what is written.
"""

import argparse
import base64
import json
import pathlib

import numpy as np
import torch

from files import sha256
from qwen3 import Qwen3
from sae import open_saes
from steering import Steering, continuation, control_of, effect, greedy
from tokens import tokenize

HERE = pathlib.Path(__file__).parent
TOP, PROBES, PROBE_SEED = 16, 48, 16
CONTINUATION, STEERED, MOVED = 12, 10, 12
MARGIN = 0.01  # logits

LAYOUT = (
    'golden.bin is little-endian float32. Offsets count floats. T = ids.length. Per site: residual [T, d], values [T, k] (codes[site] holds the ids, '
    '4294967295 = unused), fvu [T], norm [T] = |h|, edge [T, 2] = k-th and (k+1)-th largest pre-activation. Per text: lse [T] = log-sum-exp of the '
    'logits, topLogits [T, top] (topIds holds the ids), probeLogits [T, probes.length] at the token ids in probes. Row t of the logits predicts token t + 1.'
)


class Floats:
    """One binary file of float32, filled array by array."""

    def __init__(self):
        self.parts, self.length = [], 0

    def put(self, tensor):
        values = tensor.detach().float().reshape(-1).numpy().astype('<f4')
        self.parts.append(values)
        self.length += len(values)
        return self.length - len(values)

    def bytes(self):
        return np.concatenate(self.parts).tobytes()


def short(value):
    """Floats to 7 significant digits, through lists and objects."""
    if isinstance(value, float):
        return float(f'{value:.7g}')
    if isinstance(value, list):
        return [short(item) for item in value]
    return {key: short(item) for key, item in value.items()} if isinstance(value, dict) else value


def write_json(path, document, rows):
    """JSON with one line per item of `document[rows]` and per other key, so that a diff shows which case moved."""
    line = lambda value: json.dumps(short(value), ensure_ascii=False, separators=(',', ':'))
    fields = [f'"{key}":{line(value)}' for key, value in document.items() if key != rows]
    items = ',\n'.join(line(item) for item in document[rows])
    path.write_text('{' + ',\n'.join(fields) + f',\n"{rows}":[\n{items}\n]}}\n', encoding='utf-8')


def digests(folder):
    names = [
        'model.safetensors',
        'tokenizer.json',
        *(str(path.relative_to(folder)) for path in sorted(folder.glob('sae/*/sae_weights.safetensors'))),
    ]
    return {name: sha256(folder / name) for name in names}


def chunks_of(text, length):
    """Chunk lengths of a prefill in several steps; the last takes what is left."""
    given = text.get('chunks')
    if given is None:
        return {}
    if sum(given) >= length:
        raise ValueError(f'{text["name"]}: chunks of {sum(given)} tokens leave none of {length}')
    return {'chunks': [*given, length - sum(given)]}


def golden_text(model, saes, probes, floats, text, ids):
    residuals, logits = model.forward(ids)
    top = logits.topk(TOP)
    entry = {
        'name': text['name'],
        'text': text['text'],
        'ids': ids,
        **chunks_of(text, len(ids)),
        'continuation': [step['token'] for step in greedy(model, ids, CONTINUATION, MARGIN)],
        'codes': {},
        'topIds': top.indices.flatten().tolist(),
        'offsets': {
            'lse': floats.put(logits.logsumexp(-1)),
            'topLogits': floats.put(top.values),
            'probeLogits': floats.put(logits[:, probes]),
        },
    }
    report = f'{text["name"]:8} {len(ids):4} tokens, {len(entry["continuation"])} more'
    for layer, sae in saes.items():
        h = residuals[layer]
        codes, values, edge = sae.codes(h)
        fvu, norm = sae.fvu(h), h.norm(dim=-1)
        entry['codes'][layer] = codes.flatten().tolist()
        put = {'residual': h, 'values': values, 'fvu': fvu, 'norm': norm, 'edge': edge}
        entry['offsets'][layer] = {name: floats.put(tensor) for name, tensor in put.items()}
        rest = slice(1, None) if len(ids) > 1 else slice(None)
        report += f', FVU at site {layer} {float((fvu * (h - sae.center).pow(2).sum(-1))[rest].sum() / (h - sae.center).pow(2).sum(-1)[rest].sum()):.3f}'
    print(report)
    return entry


def write_golden(folder, model, saes):
    texts = json.loads((HERE / 'golden-texts.json').read_text(encoding='utf-8'))['texts']
    encoded = tokenize(folder, [text['text'] for text in texts])
    probes = sorted(np.random.default_rng(PROBE_SEED).choice(model.vocabulary, PROBES, replace=False).tolist())
    floats = Floats()
    entries = [golden_text(model, saes, probes, floats, text, found['ids']) for text, found in zip(texts, encoded)]
    document = {
        'format': 'lenslet-golden-1',
        'layout': LAYOUT,
        'bin': 'golden.bin',
        'sha256': digests(folder),
        'd': model.d,
        'vocabulary': model.vocabulary,
        'k': next(iter(saes.values())).k,
        'sites': list(saes),
        'top': TOP,
        'probes': probes,
        'texts': entries,
    }
    write_json(folder / 'golden.json', document, 'texts')
    (folder / 'golden.bin').write_bytes(floats.bytes())


def unit_vector(seed, d):
    values = np.random.default_rng(seed).standard_normal(d)
    return torch.from_numpy((values / np.linalg.norm(values)).astype(np.float32))


def packed(vector):
    return base64.b64encode(vector.numpy().astype('<f4').tobytes()).decode()


def resolve(edit, model, saes, ids):
    """An edit of golden-cases.json as the API takes it: `strongest` [position, rank] becomes the feature that is there
    in that place by its latent, `times` a strength in units of the feature's maximum, a vector's seed the vector."""
    done = {key: value for key, value in edit.items() if key not in ('times', 'strongest')}
    sae = saes[edit['layer']]
    if 'strongest' in edit:
        position, rank = edit['strongest']
        done['feature'] = int(sae.codes(model.forward(ids)[0][edit['layer']])[0][position][rank])
    if 'times' in edit:
        done['strength'] = round(edit['times'] * sae.stats['max_activation'][done['feature']], 3)
    if 'direction' in edit:
        done['direction'] = {**edit['direction'], 'vector': unit_vector(edit['direction']['vector'], model.d)}
    return done


def portable(edit):
    direction = edit.get('direction')
    return {**edit, 'direction': {**direction, 'vector': packed(direction['vector'])}} if direction else edit


def steering_case(case, resolved, model, saes, ids):
    control = case.get('control')
    edits = resolved[control['of'] if control else case['name']]
    steering = Steering(edits, saes, len(ids))
    entry = {'name': case['name'], 'prompt': case['prompt'], 'edits': [portable(edit) for edit in edits]}
    if control:
        entry['control'] = {'seed': control['seed']}
        source = [step['token'] for step in greedy(model, ids, STEERED, MARGIN, steering)]
        steering = control_of(model, ids, steering, source, control['seed'])
    entry.update(effect(model, ids, steering, MOVED))
    entry['generation'] = continuation(model, ids, steering, len(source) if control else STEERED, MARGIN)
    acted = ', '.join(
        f'site {report["layer"]} on {sum(a > 0 for a in report["acted"])} of {len(ids)}' for report in entry['reports']
    )
    after = f', then {len(entry["generation"]["steps"])} tokens at perplexity {entry["generation"]["perplexity"]:.1f}'
    print(f'{case["name"]}: {acted}; KL {entry["kl"]:.4f}{after}')
    return entry


def write_steering(folder, model, saes):
    source = json.loads((HERE / 'golden-cases.json').read_text(encoding='utf-8'))
    encoded = tokenize(folder, list(source['prompts'].values()))
    prompts = {
        name: {'name': name, 'text': text, 'ids': found['ids']}
        for (name, text), found in zip(source['prompts'].items(), encoded)
    }
    resolved = {
        case['name']: [resolve(edit, model, saes, prompts[case['prompt']]['ids']) for edit in case.get('edits', [])]
        for case in source['cases']
    }
    cases = [steering_case(case, resolved, model, saes, prompts[case['prompt']]['ids']) for case in source['cases']]
    document = {
        'format': 'lenslet-golden-steer-1',
        'sha256': digests(folder),
        'prompts': list(prompts.values()),
        'cases': cases,
    }
    write_json(folder / 'golden-steer.json', document, 'cases')


def main():
    parser = argparse.ArgumentParser(description='Write the golden files of a model folder.')
    parser.add_argument(
        '--model',
        type=pathlib.Path,
        required=True,
        help='HF folder with sae/*/ beside the weights, e.g. public/models/lenslet-mini',
    )
    folder = parser.parse_args().model
    torch.set_num_threads(1)
    model, saes = Qwen3(folder), open_saes(folder)
    write_golden(folder, model, saes)
    write_steering(folder, model, saes)


if __name__ == '__main__':
    main()
