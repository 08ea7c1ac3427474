"""What transformers computes with a real model: `training/cpu.sh -m real.truth --model RUN/model --out RUN/truth`.

The model runs in float32 on a CPU, once on its weights as they are and once on each format's rounding of them
(`src/lens/formats/quantise.ts`, repeated by `fixtures/planted.py`), so that what remains of a difference is the order of
float32 sums. OUT/{format}/{text}.safetensors comes out: `residuals` [layers, T, d] behind every block, `logits` [T, V].
OUT/truth.json says of which bytes, with the texts' ids as transformers' own tokenizer gives them, conversations as it
renders them, and the greedy texts, each token with its lead over the second in logits. What is there already is not
computed again. Another model's texts and formats are named with --texts and --formats.

Needs the environment of `folder.py`.
"""

import argparse
import contextlib
import json
import pathlib

import torch

from files.tensors import write_file
from files.whole import sha256, whole, write_json
from fixtures.planted import kept

FORMATS = ('f32', 'f16', 'q8', 'q4')
GENERATED = 256
HERE = pathlib.Path(__file__).parent


def open_model(folder, form='f32'):
    """The model with the numbers that a format keeps of its weights; a tied unembedding is the embedding."""
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation='eager').eval()
    if form != 'f32':
        own = dict(model.named_parameters())
        with torch.no_grad():
            for name, rounded in kept({name: value.data for name, value in own.items()}, form)[0].items():
                own[name].copy_(rounded)
    return model


@contextlib.contextmanager
def reading(model, layers):
    """While it is entered, every run of the model leaves the residuals behind the blocks `layers` in the dictionary that
    it gives, [B, T, d] each, before the final norm."""
    found, hooks = {}, []
    for layer in layers:
        keep = lambda _, __, out, layer=layer: found.__setitem__(layer, out[0] if isinstance(out, tuple) else out)
        hooks.append(model.model.layers[layer].register_forward_hook(keep))
    try:
        yield found
    finally:
        for hook in hooks:
            hook.remove()


@torch.no_grad()
def read(model, ids):
    """Residuals behind every block [layers, T, d], and logits [T, V], of one text."""
    with reading(model, range(len(model.model.layers))) as found:
        logits = model(torch.tensor([ids]), use_cache=False).logits[0]
    return torch.cat(list(found.values())), logits


@torch.no_grad()
def greedy(model, ids, count):
    """The likeliest token, over and over, with a cache, up to an end token: ids, and by how much each leads."""
    made = model.generate(
        torch.tensor([ids]),
        attention_mask=torch.ones(1, len(ids), dtype=torch.long),
        do_sample=False,
        max_new_tokens=count,
        output_logits=True,
        return_dict_in_generate=True,
        temperature=None,
        top_p=None,
        top_k=None,
    )
    leads = [row[0].topk(2).values.tolist() for row in made.logits]
    return {'ids': made.sequences[0, len(ids) :].tolist(), 'leads': [first - second for first, second in leads]}


def encoded(tokenizer, text):
    """A text of the list with its ids; of a conversation also what the template makes of it."""
    if 'text' in text:
        return {**text, 'ids': tokenizer(text['text'])['input_ids']}
    rendered = tokenizer.apply_chat_template(text['chat'], tokenize=False, add_generation_prompt=True)
    return {**text, 'rendered': rendered, 'ids': tokenizer(rendered, add_special_tokens=False)['input_ids']}


def write(folder, texts, formats, out, count=GENERATED):
    import transformers
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    told = {kind: [encoded(tokenizer, text) for text in texts[kind]] for kind in ('texts', 'greedy')}
    names = [path for path in ('config.json', 'model.safetensors', 'tokenizer.json') if (folder / path).exists()]
    digests = {name: sha256(folder / name) for name in names}
    path = out / 'truth.json'
    known = json.loads(path.read_text()) if path.exists() else {}
    if known.get('sha256', digests) != digests:
        raise SystemExit(f'{out} is the truth of another model. Name another folder.')
    greedy_texts = known.get('generated', {})
    for form in formats:
        (out / form).mkdir(parents=True, exist_ok=True)
        files = {text['name']: out / form / f'{text["name"]}.safetensors' for text in told['texts']}
        missing = [text for text in told['texts'] if not files[text['name']].exists()]
        unwritten = [text for text in told['greedy'] if text['name'] not in greedy_texts.get(form, {})]
        model = open_model(folder, form) if missing or unwritten else None
        for text in missing:
            residuals, logits = read(model, text['ids'])
            with whole(files[text['name']]) as part:
                write_file(part, {'residuals': residuals, 'logits': logits})
            print(f'{form}, {text["name"]}: {len(text["ids"])} tokens', flush=True)
        for text in unwritten:
            greedy_texts.setdefault(form, {})[text['name']] = greedy(model, text['ids'], count)
            print(f'{form}, {text["name"]}: {len(greedy_texts[form][text["name"]]["ids"])} greedy tokens', flush=True)
        facts = {
            'format': 'lenslet-truth-1',
            'sha256': digests,
            'source': json.loads((folder / 'source.json').read_text()) if (folder / 'source.json').exists() else None,
            'versions': {'transformers': transformers.__version__, 'torch': torch.__version__},
            'formats': [form for form in FORMATS if (out / form).exists()],
            **told,
            'generated': greedy_texts,
        }
        write_json(path, facts)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--model', type=pathlib.Path, required=True, help='HF folder')
    parser.add_argument('--out', type=pathlib.Path, required=True)
    parser.add_argument('--texts', type=pathlib.Path, default=HERE / 'parity-texts.json')
    parser.add_argument('--formats', nargs='+', choices=FORMATS, default=FORMATS)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    write(options.model, json.loads(options.texts.read_text(encoding='utf-8')), options.formats, options.out)


if __name__ == '__main__':
    main()
