"""Safetensors files, read and written without any package but numpy and torch."""

import json
import pathlib
import struct

import numpy as np
import torch

WIDTHS = {'F32': 4, 'F16': 2, 'BF16': 2, 'U8': 1, 'U16': 2, 'U32': 4}
NAMES = {torch.float32: 'F32', torch.float16: 'F16', torch.bfloat16: 'BF16'}
UNSIGNED = {'U8': '<u1', 'U16': '<u2', 'U32': '<u4'}


def header(path):
    """What a file says of its tensors, by name, and under `__metadata__` of itself."""
    with open(path, 'rb') as file:
        (size,) = struct.unpack('<Q', file.read(8))
        return json.loads(file.read(size))


def read_file(path):
    """Every tensor of one file as float32, unsigned integers as int64: the stored value exactly."""
    data = pathlib.Path(path).read_bytes()
    (size,) = struct.unpack_from('<Q', data)
    header = json.loads(data[8 : 8 + size])
    body = memoryview(data)[8 + size :]
    out = {}
    for name, entry in header.items():
        if name == '__metadata__':
            continue
        begin, end = entry['data_offsets']
        if end - begin != int(np.prod(entry['shape'])) * WIDTHS[entry['dtype']]:
            raise ValueError(f'{path}: {name} has {end - begin} bytes for shape {entry["shape"]} of {entry["dtype"]}')
        out[name] = decode(body[begin:end], entry['dtype']).reshape(entry['shape'])
    return out


def decode(data, dtype):
    if dtype in UNSIGNED:
        return torch.from_numpy(np.frombuffer(data, UNSIGNED[dtype]).astype(np.int64))
    if dtype == 'F32':
        values = np.frombuffer(data, '<f4').copy()
    elif dtype == 'F16':
        values = np.frombuffer(data, '<f2').astype(np.float32)
    else:  # bfloat16 is the upper half of a float32
        values = (np.frombuffer(data, '<u2').astype(np.uint32) << 16).view(np.float32)
    return torch.from_numpy(values)


def read_folder(folder):
    """The weights of an HF folder: model.safetensors, or the shards that model.safetensors.index.json names."""
    folder = pathlib.Path(folder)
    index = folder / 'model.safetensors.index.json'
    if not index.exists():
        return read_file(folder / 'model.safetensors')
    shards = json.loads(index.read_text())['weight_map']
    files = {name: read_file(folder / name) for name in sorted(set(shards.values()))}
    return {name: files[shard][name] for name, shard in shards.items()}


def stored(tensor):
    """Safetensors' name of the dtype, and the bytes. PyTorch has no wide unsigned integers: those are numpy arrays."""
    if isinstance(tensor, np.ndarray):
        return f'U{8 * tensor.itemsize}', tensor.astype(UNSIGNED[f'U{8 * tensor.itemsize}'], casting='equiv').tobytes()
    raw = tensor.contiguous()
    return NAMES[raw.dtype], (raw.view(torch.int16) if raw.dtype == torch.bfloat16 else raw).numpy().tobytes()


def write_file(path, tensors, metadata=None):
    """Tensors of float32, float16 or bfloat16 and numpy arrays of uint8, uint16 or uint32, in the order given;
    `metadata`: strings."""
    header, blobs, at = {'__metadata__': metadata or {'format': 'pt'}}, [], 0
    for name, tensor in tensors.items():
        dtype, blob = stored(tensor)
        header[name] = {'dtype': dtype, 'shape': list(tensor.shape), 'data_offsets': [at, at + len(blob)]}
        blobs.append(blob)
        at += len(blob)
    text = json.dumps(header, separators=(',', ':')).encode()
    text += b' ' * (-len(text) % 8)
    pathlib.Path(path).write_bytes(struct.pack('<Q', len(text)) + text + b''.join(blobs))
