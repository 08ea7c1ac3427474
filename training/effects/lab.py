"""What the search and the test share: the model with its dictionaries and texts, stages kept in files, and what edits
write after a goal's prompts."""

import json
import pathlib
import time

import torch

from effects.arms import Unedited, write
from effects.corpus import Corpus
from files.whole import sha256, write_json
from model.transformer import open_model
from reference.sae import open_saes


class Lab:
    """The model, its dictionaries, the texts, and the folder where stages are kept."""

    def __init__(self, folder, run):
        self.folder, self.kept = pathlib.Path(folder), pathlib.Path(run) / 'effects'
        self.kept.mkdir(parents=True, exist_ok=True)
        self.model, self.saes, self.corpus = open_model(folder), open_saes(folder), Corpus(run, folder)
        files = [self.folder / 'model.safetensors', *sorted(self.folder.glob('sae/*/sae_weights.safetensors'))]
        self.sha256 = {str(file.relative_to(self.folder)): sha256(file) for file in files}
        self.maxima = {layer: torch.tensor(sae.stats['max_activation']) for layer, sae in self.saes.items()}
        self.live = {
            layer: [feature for feature, share in enumerate(sae.stats['density']) if share > 0]
            for layer, sae in self.saes.items()
        }

    def stage(self, name, compute):
        """What `compute` gives, kept in a file; what was kept of other weights is computed again."""
        path = self.kept / f'{name}.json'
        if path.exists() and not self.foreign(path):
            return json.loads(path.read_text())['result']
        began = time.time()
        result = compute()
        write_json(path, {'sha256': self.sha256, 'seconds': round(time.time() - began, 1), 'result': result})
        print(f'{name}: {time.time() - began:.0f} s', flush=True)
        return result

    def foreign(self, path):
        return json.loads(path.read_text())['sha256'] != self.sha256


def measured(lab, goal, split, arms, together, seed, count=None):
    """What each arm writes after the prompts of a split, or after the first `count`: its hits, other figures, and its
    text's perplexity under the unedited model."""
    prompts = goal.prompts[split][:count]
    unedited = Unedited(lab.model, prompts)
    written = write(lab.model, lab.saes, arms, prompts, goal.tokens, goal.temperature, seed, goal.stop, together)
    return [{**goal.read(split, rows), 'perplexity': unedited.perplexity(rows)} for rows in written]


def summary(result):
    return {
        'rate': sum(result['hits']) / len(result['hits']),
        **{key: value for key, value in result.items() if key != 'hits'},
    }


def windows(lab, documents, length):
    """Windows that do not overlap, ids [N, length + 1], of documents one after another, separated by the end of
    text."""
    ids = torch.tensor([number for document in lab.corpus.encode(documents) for number in [lab.corpus.end, *document]])
    return ids[: len(ids) // (length + 1) * (length + 1)].view(-1, length + 1)
