"""Files that are written whole or not at all, and what names their bytes."""

import contextlib
import hashlib
import json
import os
import pathlib


@contextlib.contextmanager
def whole(path):
    """The path to write to; it becomes `path` when the block ends well. A cut while writing leaves the file that was
    there before."""
    part = pathlib.Path(f'{path}.part')
    yield part
    os.replace(part, path)


def write_json(path, document):
    with whole(path) as part:
        part.write_text(json.dumps(document, ensure_ascii=False, indent=1) + '\n', encoding='utf-8')


def sha256(path):
    return hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()
