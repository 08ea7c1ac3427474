"""Files that are written whole or not at all, and what names their bytes."""

import contextlib
import hashlib
import os
import pathlib


@contextlib.contextmanager
def whole(path):
    """The path to write to; it becomes `path` when the block ends well. A cut while writing leaves the file that was
    there before."""
    part = pathlib.Path(f'{path}.part')
    yield part
    os.replace(part, path)


def sha256(path):
    return hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()
