"""Writes the small torch files that the reader of `torch.save` is tested on, with what PyTorch says is in them.

    python3 training/fixtures_torch.py

`layer1.sae.pt` is laid out as Qwen-Scope's files are. The others are what one meets beside it: views, parameters, a
state_dict, the pickle protocol 4, and what must be refused: the format before PyTorch 1.6, gaps between numbers, tied
matrices, a call that is none of a tensor's.
"""

import collections
import os
import pathlib

import torch

from fixtures import write

TARGET = pathlib.Path(__file__).parent.parent / 'src/lens/testing/fixtures/torch'
NAMES = {
    torch.float64: 'F64',
    torch.float32: 'F32',
    torch.float16: 'F16',
    torch.bfloat16: 'BF16',
    torch.int64: 'I64',
    torch.uint8: 'U8',
    torch.bool: 'BOOL',
}


class Calls:
    """Unpickled by Python, this runs a command."""

    def __reduce__(self):
        return os.system, ('exit 0',)


def dictionary(d, width, dtype=torch.float32):
    decoder = torch.randn(d, width)
    decoder /= decoder.norm(dim=0, keepdim=True)
    tensors = {'W_enc': torch.randn(width, d), 'W_dec': decoder, 'b_enc': torch.randn(width), 'b_dec': torch.randn(d)}
    return {name: tensor.to(dtype) for name, tensor in tensors.items()}


def views():
    """A state_dict with its versions, and everything beside tensors that a checkpoint has."""
    base = torch.arange(24, dtype=torch.float32)
    dense = torch.nn.Linear(3, 2)
    state = dense.state_dict()
    state['parameter'] = torch.nn.Parameter(torch.ones(2, 2, dtype=torch.float16))
    state['whole'], state['rows'], state['columns'], state['scalar'] = (
        base.view(4, 6),
        base.view(4, 6)[1:3],
        base.view(4, 6).t(),
        base[7],
    )
    state['wide'], state['bits'], state['halves'] = (
        torch.tensor([[2**40, -3]]),
        torch.tensor([True, False]),
        torch.tensor([1.5, -2.25], dtype=torch.bfloat16),
    )
    state['row'], state['nothing'] = base.view(4, 6)[2:3], torch.zeros(0, 5)
    state['step'], state['rate'], state['name'], state['none'] = 2**40, 1e-3, '词典', None
    state['nested'] = {'list': [1, -70000, (True, False)], 'more': collections.OrderedDict(a=torch.zeros(1))}
    return state


def numbers(tensor):
    """Nine digits are float32 exactly."""
    return (
        [float(f'{value:.9g}') for value in tensor.flatten().tolist()]
        if tensor.is_floating_point()
        else tensor.long().flatten().tolist()
    )


def described(tensors):
    return {
        name: {'dtype': NAMES[tensor.dtype], 'shape': list(tensor.shape), 'numbers': numbers(tensor)}
        for name, tensor in tensors.items()
        if isinstance(tensor, torch.Tensor)
    }


def save(name, value, **options):
    torch.save(value, TARGET / name, **options)
    return described(value)


def main():
    TARGET.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(5)
    expected = {
        'layer1.sae.pt': save('layer1.sae.pt', dictionary(8, 24)),
        'views.pt': save('views.pt', views()),
        'protocol4.pt': save('protocol4.pt', dictionary(4, 6, torch.bfloat16), pickle_protocol=4),
    }
    turned = dictionary(8, 24)
    turned |= {name: turned[name].t().contiguous().t() for name in ('W_enc', 'W_dec')}
    expected['layer2.sae.pt'] = save('layer2.sae.pt', turned)
    save('legacy.pt', {'a': torch.ones(2)}, _use_new_zipfile_serialization=False)
    save('gapped.pt', {'a': torch.arange(8.0)[::2]})
    encoder = torch.randn(24, 8)
    save('layer3.sae.pt', {**dictionary(8, 24), 'W_enc': encoder, 'W_dec': encoder.t()})
    save('calls.pt', {'a': torch.ones(2), 'b': Calls()})
    torch.save(torch.ones(2), TARGET / 'bare.pt')
    write(TARGET / 'expected.json', expected)


if __name__ == '__main__':
    main()
