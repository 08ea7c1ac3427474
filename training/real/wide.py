"""A GGUF file with every tensor in float32: `training/cpu.sh -m real.wide --gguf FILE --out RUN/wide.gguf`.

llama.cpp rounds activations to 8 bits before it multiplies them by quantised weights. On float32 weights it does not,
and what then differs from PyTorch is the order of sums. The numbers are what `gguf`, llama.cpp's own package, makes of
the quantised ones; tokenizer, template and sizes are copied from the file, so that nothing of this project's reading of
the model is in it.

Needs the environment of `folder.py`.
"""

import argparse
import pathlib

import numpy as np
from gguf import GGUFReader, GGUFValueType, GGUFWriter
from gguf.quants import dequantize

from files.whole import whole
from real.folder import packaged

ALL_F32 = 0
# What the writer puts in itself, and what no longer holds.
OWN = ('GGUF.', 'general.architecture', 'general.file_type', 'general.quantization_version', 'split.')


def write(path, out):
    reader = GGUFReader(path)
    writer = GGUFWriter(out, reader.fields['general.architecture'].contents())
    writer.add_file_type(ALL_F32)
    for name, field in reader.fields.items():
        if name.startswith(OWN):
            continue
        kind, *inner = field.types
        sub = inner[-1] if kind == GGUFValueType.ARRAY else None
        writer.add_key_value(name, field.contents(), kind, sub_type=sub)
    for tensor in reader.tensors:
        writer.add_tensor(tensor.name, np.ascontiguousarray(dequantize(tensor.data, tensor.tensor_type), np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


if __name__ == '__main__':
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--gguf', type=pathlib.Path, help='another GGUF file than that of the package')
    parser.add_argument('--out', type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    with whole(arguments.out) as part:
        write(arguments.gguf or packaged(), part)
