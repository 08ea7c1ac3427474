"""A toy model for tests."""

import functools
import shutil

from data.toy import VOCABULARY, encoded, temporary
from model.export import export
from model.train import train
from model.transformer import Shape

SHAPE = Shape(vocabulary=VOCABULARY, d=32, layers=4, heads=2, kv_heads=1, head_dim=16, ff=48, context=64)


@functools.cache
def trained():
    """A run with a trained model, and the model's folder, made once for all tests."""
    run, folder = temporary(), temporary()
    shutil.copytree(encoded(), run, dirs_exist_ok=True)
    train(run, 80 * 4096, SHAPE)
    export(run, folder)
    return run, folder
