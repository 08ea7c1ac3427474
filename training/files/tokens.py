"""A model folder's tokenizer, from Python: the page's own encodes and decodes (tokens.mjs), and the bytes of every
id."""

import json
import pathlib
import subprocess

HERE = pathlib.Path(__file__).parent
# How Qwen2's tokenizer splits text, and every tokenizer here.
QWEN2_SPLIT = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)


def run(folder, given, *options):
    command = ['node', str(HERE / 'tokens.mjs'), str(folder), *options]
    return json.loads(
        subprocess.run(command, input=json.dumps(given), capture_output=True, text=True, check=True).stdout
    )


def definition(folder):
    return json.loads((pathlib.Path(folder) / 'tokenizer.json').read_text(encoding='utf-8'))


def tokenize(folder, texts):
    """{ids, tokens} of each text; `tokens` is what each id alone decodes to."""
    return run(folder, texts)


def encode(folder, texts):
    return [entry['ids'] for entry in tokenize(folder, texts)]


def decode(folder, rows):
    return run(folder, rows, '--decode')


def byte_alphabet():
    """The character by which a byte-level tokenizer.json writes each byte, as {character: byte}."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    rest = [byte for byte in range(256) if byte not in plain]
    return {**{chr(byte): byte for byte in plain}, **{chr(256 + i): byte for i, byte in enumerate(rest)}}


def byte_pieces(folder):
    """The bytes of every id of a byte-level tokenizer; a special marker's are its name."""
    tokenizer, alphabet = definition(folder), byte_alphabet()
    pieces = {
        id: bytes(alphabet[character] for character in piece) for piece, id in tokenizer['model']['vocab'].items()
    }
    pieces.update({token['id']: token['content'].encode() for token in tokenizer['added_tokens']})
    return [pieces[id] for id in range(len(pieces))]


def markers(folder):
    """{content: id} of the special markers."""
    return {token['content']: token['id'] for token in definition(folder)['added_tokens']}
