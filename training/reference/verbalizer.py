"""A trained pair in the released layout as a plain float32 forward pass: the truth that the browser's engine is
compared with. Nothing here is shared with the training of a pair (nla/pair.py)."""

import json
import pathlib

import torch
import torch.nn.functional as F

from files.tensors import read_file
from files.tokens import encode, markers
from reference.families import open_decoder

CHAT = '<|im_start|>user\n{}<|im_end|>\n<|im_start|>assistant\n'


def read_meta(folder):
    """nla_meta.yaml of this project's own writing: keys at two levels, a value on its key's line, strings as JSON or
    bare."""
    meta, section = {}, None
    for line in (pathlib.Path(folder) / 'nla_meta.yaml').read_text(encoding='utf-8').splitlines():
        key, value = line.strip().split(':', 1)
        if not line.startswith(' '):
            section = meta
        try:
            section[key] = json.loads(value) if value.strip() else {}
        except json.JSONDecodeError:
            section[key] = value.strip()
        if not value.strip():
            section = section[key]
    return meta


class Verbalizer:
    def __init__(self, folder):
        self.folder, self.model, meta = folder, open_decoder(folder), read_meta(folder)
        generation = pathlib.Path(folder) / 'generation_config.json'
        eos = json.loads(generation.read_text())['eos_token_id'] if generation.exists() else self.model.eos
        self.eos = eos if isinstance(eos, list) else [eos]
        self.scale, tokens = meta['extraction']['injection_scale'], meta['tokens']
        message = meta['prompt_templates']['av'].format(injection_char=tokens['injection_char'])
        self.prompt = encode(folder, [CHAT.format(message)])[0]
        self.marker = self.prompt.index(tokens['injection_token_id'])
        self.close = markers(folder).get('</explanation>')

    @torch.no_grad()
    def logits(self, ids, vector):
        """Of the token after `ids`, which begin with the prompt, [V]."""
        h = F.embedding(torch.tensor(ids), self.model.weights['model.embed_tokens.weight'])
        h[self.marker] = vector.float() * (self.scale / vector.float().norm())
        for layer in range(self.model.layers):
            h = self.model.block(layer, h)
        return self.model.linear(self.model.norm(h[-1:], 'model.norm'), 'lm_head')[0]

    def greedy(self, vector, most, margin):
        """Ids of the likeliest answer, at most `most`, up to where it ends; and whether it was not cut off before a
        token that wins by less than `margin` in logits, where another machine's rounding may choose differently."""
        ids = list(self.prompt)
        while len(ids) < len(self.prompt) + most:
            values, places = self.logits(ids, vector).topk(2)
            if float(values[0] - values[1]) < margin:
                return ids[len(self.prompt) :], False
            ids.append(int(places[0]))
            if ids[-1] in self.eos or ids[-1] == self.close:
                break
        return ids[len(self.prompt) :], True


class Reconstructor:
    def __init__(self, folder):
        folder = pathlib.Path(folder)
        self.folder, self.model = folder, open_decoder(folder)
        self.template = read_meta(folder)['prompt_templates']['ar']
        self.head = read_file(folder / 'value_head.safetensors')['weight']

    def prompt(self, text):
        return encode(self.folder, [self.template.format(explanation=text)])[0]

    @torch.no_grad()
    def vector(self, text):
        h = F.embedding(torch.tensor(self.prompt(text)), self.model.weights['model.embed_tokens.weight'])
        for layer in range(self.model.layers):
            h = self.model.block(layer, h)
        return F.linear(h[-1], self.head)
