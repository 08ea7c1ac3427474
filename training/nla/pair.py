"""The activation verbalizer (AV) and reconstructor (AR) as modules: method of Natural Language Autoencoders
(Anthropic, 2026), section 1 of its open release.

AV: a whole copy of the model; the embedding row of one marker token is overwritten with the residual, its norm set to
SCALE. AR: blocks 0..SITE of a copy, no final norm, and a linear head without bias, begun as the identity, read at the
last token. Only directions count: errors are |p^ - g^|^2 between unit vectors.
"""

import dataclasses

import torch
import torch.nn as nn
import torch.nn.functional as F

from model.transformer import Model, UnembeddingLoss
from nla.positions import SITE

# Markers: the model's reserved tokens under the names of the release, in the tokenizers of the pair alone.
RENAMED = {
    '<|vector|>': '㈎',
    '<|vector_start|>': '<concept>',
    '<|vector_end|>': '</concept>',
    '<|explain_start|>': '<explanation>',
    '<|explain_end|>': '</explanation>',
}
AV_TEMPLATE = 'Say in words what this vector means: <concept>{injection_char}</concept>'
AR_TEMPLATE = '<text>{explanation}</text> <summary>'
CHAT = '<|im_start|>user\n{}<|im_end|>\n<|im_start|>assistant\n'
SCALE = 90.0  # a round number a bit above the mean norm at the site, as in the release
CONTEXT = 192


def original(text):
    """A text of the pair's tokenizers in the names of the model's own."""
    for name, renamed in RENAMED.items():
        text = text.replace(renamed, name)
    return text


def wrapped(explanation):
    return f'<explanation>\n{explanation}\n</explanation>'


def unit(x):
    return F.normalize(x.float(), dim=-1)


class Verbalizer(nn.Module):
    def __init__(self, model, marker):
        """`marker`: where the vector goes in the prompt."""
        super().__init__()
        self.inner, self.marker = model, marker

    def embed(self, ids, vectors):
        h = self.inner.model.embed_tokens(ids)
        row = (unit(vectors) * SCALE).to(h.dtype)
        return torch.cat((h[:, : self.marker], row[:, None], h[:, self.marker + 1 :]), 1)

    def hidden(self, ids, vectors):
        return self.inner.model.norm(self.inner.blocks(self.embed(ids, vectors)))

    def loss(self, ids, vectors, told):
        """Mean cross-entropy of the tokens at `told` [B, T], each from those before it."""
        h = self.hidden(ids[:, :-1], vectors)
        return UnembeddingLoss.apply(h[told[:, 1:]], self.inner.model.embed_tokens.weight, ids[:, 1:][told[:, 1:]])


class Reconstructor(nn.Module):
    def __init__(self, model):
        super().__init__()
        shape = dataclasses.replace(model.shape, layers=SITE + 1)
        self.inner = Model(shape)
        self.inner.load_state_dict(
            {name: weight for name, weight in model.state_dict().items() if name in self.inner.state_dict()}
        )
        self.value_head = nn.Linear(shape.d, shape.d, bias=False)
        with torch.no_grad():
            self.value_head.weight.copy_(torch.eye(shape.d))

    def forward(self, ids, lengths):
        """Vectors [B, d] of texts [B, T] padded at the right."""
        h = self.inner.blocks(self.inner.model.embed_tokens(ids))
        return self.value_head(h[torch.arange(len(ids)), lengths - 1]).float()


def errors(predicted, truth):
    """|p^ - g^|^2, [B]."""
    return (unit(predicted) - unit(truth)).pow(2).sum(-1)


def padded(rows):
    """Rows of ids as one [B, T] and their lengths; what is beyond a row's end changes nothing in it."""
    lengths = torch.tensor([len(row) for row in rows])
    ids = torch.zeros(len(rows), int(lengths.max()), dtype=torch.long)
    for place, row in enumerate(rows):
        ids[place, : len(row)] = torch.as_tensor(row)
    return ids, lengths
