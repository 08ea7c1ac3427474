"""Which edit of one feature has which effect, chosen on dev and tested once: `training/cpu.sh -m effects --model
FOLDER --run RUN`.

For each of three goals (effects/goals.py):
1. candidates: over all sites, the features whose latents differ most between two kinds of dev text, then the 32 of them
   whose edit moves the next token after dev prompts most (of more of them those whose first sketches reach the goal,
   where no one token tells);
2. search: five edits of each on 50 dev prompts, scored by the rate of the goal less a penalty for damage; of the ten
   best, the one is chosen that is furthest above an equal change along the best of four random directions;
3. test, once, on 100 other prompts: unedited, edited, and the same |change| along 20 random directions and 20 random
   live features.

Every stage is kept in RUN/effects, so that a cut run goes on. A test is not done twice without --again NAME, since a
test that is repeated until it pleases is none: what came before is kept, counted, and told with the figures.
RUN/effects/effects.json holds all figures, FOLDER/effects.json what the page shows.
"""

import argparse
import json
import math
import pathlib
import random
import time

import torch

from effects.arms import Arm, Unedited, batches, cross_entropy, half, next_token, padded, write
from effects.corpus import Corpus
from effects.goals import Arithmetic, SuppressChinese, Verse
from effects.page import for_page, percent, shown_prompt
from effects.rates import over_draws, separates
from files.whole import sha256, write_json
from model.evaluate import wilson
from model.transformer import open_model
from reference.sae import open_saes
from reference.steering import random_direction

KEPT, SKETCH = 32, 3  # a sketch is on one dev prompt in three
FINALISTS, DEV_DIRECTIONS = 10, range(101, 105)  # seeds that the test does not use
DRAWS = 20
SEARCH_SEED, TEST_SEED, RESAMPLING_SEED = 1, 2, 3
TOGETHER = 5  # arms in a batch of the search
LOW_BASELINE = 0.5  # below this share of right products, one digit by one is asked instead
# Held-out text on which an edit's cross-entropy is taken.
DOMAINS, WINDOWS, WINDOW = ('en_simple', 'zh_novel', 'zh_modern'), 32, 96


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


@torch.no_grad()
def contrasts(lab, goal):
    """Per site, each feature's mean latent on positive less that on negative positions, over the pooled standard
    deviation: {layer: [width]}. The first position of a text is left out; a feature that fires on neither side has
    contrast 0."""
    counts = torch.zeros(2)
    sums = {layer: torch.zeros(2, sae.width) for layer, sae in lab.saes.items()}
    squares = {layer: torch.zeros(2, sae.width) for layer, sae in lab.saes.items()}
    for part in batches(sorted(goal.contexts(), key=lambda context: len(context[0])), 32):
        ids, padding = padded([ids for ids, _ in part])
        signs = torch.tensor([[0.0] * (ids.shape[1] - len(own) + 1) + own[1:] for _, own in part])
        sides = torch.stack((signs > 0, signs < 0))
        counts += sides.sum((1, 2))

        def observe(layer, h):
            if layer in lab.saes:
                for side in (0, 1):
                    with torch.autocast('cpu', enabled=False):
                        z = top(lab.saes[layer], h[sides[side]].float())
                    sums[layer][side] += z.sum(0)
                    squares[layer][side] += z.pow(2).sum(0)
            return h

        with half():
            lab.model.blocks(lab.model.model.embed_tokens(ids), last=max(lab.saes) + 1, padding=padding, site=observe)
    out = {}
    for layer in lab.saes:
        means = sums[layer] / counts[:, None]
        spread = (squares[layer] / counts[:, None] - means.pow(2)).clamp(min=0).mean(0).sqrt()
        out[layer] = (means[0] - means[1]) / (spread + 1e-3 * lab.maxima[layer].clamp(min=1e-6))
    return out


def top(sae, h):
    """Latents after the top-k, dense: `Sae.dense` without its stable sort of a whole row."""
    values, ids = sae.preactivations(h).topk(sae.k)
    return torch.zeros(len(h), sae.width).scatter_(1, ids, values.clamp(min=0))


def candidates(lab, goal):
    """The KEPT features whose edit moves the next token after the probes most to the goal, of the goal's `contrasted`
    by activation."""
    found = []
    for layer, contrast in contrasts(lab, goal).items():
        alive = torch.zeros_like(contrast)
        alive[lab.live[layer]] = 1
        best = (contrast * alive).topk(min(goal.contrasted // len(lab.saes), len(contrast)))
        features = [(int(feature), float(value)) for value, feature in zip(*best) if value > 0]
        if not features:
            continue
        # Strength 0: unedited.
        edits = [dict(layer=layer, feature=feature, mode='add', strength=0) for feature, _ in features[:1]]
        edits += [
            goal.edits(layer, feature, float(lab.maxima[layer][feature]))[goal.first_look] for feature, _ in features
        ]
        worths = [
            float(worth)
            for log_p in next_token(lab.model, lab.saes, goal.probes, edits, TOGETHER)
            for worth in goal.worth(log_p)
        ]
        found += [
            dict(layer=layer, feature=feature, contrast=value, shift=worth - worths[0])
            for (feature, value), worth in zip(features, worths[1:])
        ]
    found.sort(key=lambda one: -one['shift'])
    return (sketched(lab, goal, found[: goal.sketched]) if goal.sketched else found)[:KEPT]


def sketched(lab, goal, found):
    """Candidates by the rate of a first look at what is written after some dev prompts: for a goal that no single
    token tells."""
    edits = [
        goal.edits(one['layer'], one['feature'], float(lab.maxima[one['layer']][one['feature']]))[goal.first_look]
        for one in found
    ]
    prompts = goal.prompts['dev'][::SKETCH]
    written = write(
        lab.model,
        lab.saes,
        list(map(Arm, edits)),
        prompts,
        goal.tokens,
        goal.temperature,
        SEARCH_SEED,
        goal.stop,
        TOGETHER * SKETCH,
    )
    rates = [{**one, 'rate': sum(goal.read('dev', rows)['hits']) / len(rows)} for one, rows in zip(found, written)]
    return sorted(rates, key=lambda one: -one['rate'])  # stable: of equals the further shift


def measured(lab, goal, split, arms, together, seed):
    """What each arm writes after the prompts of a split: its hits, other figures, and its text's perplexity under the
    unedited model."""
    prompts = goal.prompts[split]
    unedited = Unedited(lab.model, prompts)
    written = write(lab.model, lab.saes, arms, prompts, goal.tokens, goal.temperature, seed, goal.stop, together)
    return [{**goal.read(split, rows), 'perplexity': unedited.perplexity(rows)} for rows in written]


def search(lab, goal, kept):
    """Every edit's score; of the best ones, the one whose score is furthest above what an equal change in any of a few
    directions gives."""
    edits = [
        edit
        for one in kept
        for edit in goal.edits(one['layer'], one['feature'], float(lab.maxima[one['layer']][one['feature']]))
    ]
    baseline, *results = map(summary, measured(lab, goal, 'dev', [Arm(), *map(Arm, edits)], TOGETHER, SEARCH_SEED))
    natural = math.exp(cross_entropy(lab.model, lab.saes, Arm(), windows(lab, goal.real(), goal.tokens)))
    tried = [
        {'edit': edit, 'score': result['rate'] - goal.penalty(result, baseline, natural), **result}
        for edit, result in zip(edits, results)
    ]
    # Of equals the least strange.
    best = sorted(tried, key=lambda one: (-one['score'], one['perplexity'] or math.inf))[:FINALISTS]
    directions = {
        layer: [torch.tensor(random_direction(seed, layer, lab.model.shape.d)) for seed in DEV_DIRECTIONS]
        for layer in lab.saes
    }
    arms = [Arm(one['edit'], direction) for one in best for direction in directions[one['edit']['layer']]]
    draws = batches(
        [result['rate'] for result in map(summary, measured(lab, goal, 'dev', arms, TOGETHER, SEARCH_SEED))],
        len(DEV_DIRECTIONS),
    )
    finalists = [{**one, 'anyDirection': max(rates)} for one, rates in zip(best, draws)]
    chosen = max(finalists, key=lambda one: one['score'] - one['anyDirection'])
    return {'baseline': baseline, 'natural': natural, 'chosen': chosen, 'finalists': finalists, 'tried': tried}


def summary(result):
    return {
        'rate': sum(result['hits']) / len(result['hits']),
        **{key: value for key, value in result.items() if key != 'hits'},
    }


def control_directions(lab, goal, edit):
    """20 random unit directions and the decoder rows, at length 1, of 20 random live features of the edit's site."""
    sae = lab.saes[edit['layer']]
    directions = [
        torch.tensor(random_direction(seed, edit['layer'], sae.decoder.shape[1])) for seed in range(1, DRAWS + 1)
    ]
    others = [feature for feature in lab.live[edit['layer']] if feature != edit['feature']]
    features = random.Random(f'controls of {goal.name}').sample(others, DRAWS)
    return directions, [sae.decoder[feature] / sae.decoder[feature].norm() for feature in features], features


def windows(lab, documents, length):
    """Windows that do not overlap, ids [N, length + 1], of documents one after another, separated by the end of
    text."""
    ids = torch.tensor([number for document in lab.corpus.encode(documents) for number in [lab.corpus.end, *document]])
    return ids[: len(ids) // (length + 1) * (length + 1)].view(-1, length + 1)


def test(lab, goal, edit):
    directions, rows, features = control_directions(lab, goal, edit)
    arms = [Arm(), Arm(edit), *(Arm(edit, direction) for direction in directions + rows)]
    results = measured(lab, goal, 'test', arms, 1, TEST_SEED)
    baseline, edited = results[:2]
    groups = dict(randomDirections=results[2 : 2 + DRAWS], randomFeatures=results[2 + DRAWS :])
    rates = {
        'baseline': wilson(sum(baseline['hits']), len(baseline['hits'])),
        'edited': wilson(sum(edited['hits']), len(edited['hits'])),
        **{name: over_draws([draw['hits'] for draw in draws], RESAMPLING_SEED) for name, draws in groups.items()},
    }
    texts = {
        domain: windows(lab, lab.corpus.documents('test', domain)[: 4 * WINDOWS], WINDOW)[:WINDOWS]
        for domain in DOMAINS
    }
    entropies = {
        domain: {
            name: cross_entropy(lab.model, lab.saes, arm, ids)
            for name, arm in (('baseline', Arm()), ('edited', Arm(edit)))
        }
        for domain, ids in texts.items()
    }
    return {
        'edit': edit,
        'rates': rates,
        'separates': separates(rates['edited'], [rate for name, rate in rates.items() if name != 'edited']),
        'bestSingleDrawBeaten': rates['edited']['rate'] > max(rates[name]['best'] for name in groups),
        'arms': {
            'baseline': summary(baseline),
            'edited': summary(edited),
            **{name: list(map(summary, draws)) for name, draws in groups.items()},
        },
        'controlFeatures': features,
        'crossEntropy': entropies,
    }


def arithmetic_goal(lab):
    """Products of two digits by one, or, where the unedited model gets fewer than half of them right on dev, of one
    digit by one."""
    goal = Arithmetic(lab.corpus)
    hits = lab.stage('arithmetic.baseline', lambda: measured(lab, goal, 'dev', [Arm()], 1, SEARCH_SEED)[0]['hits'])
    right = 1 - sum(hits) / len(hits)
    print(f'arithmetic: {100 * right:.0f} % of the dev products of two digits by one are right unedited')
    return goal if right >= LOW_BASELINE else Arithmetic(lab.corpus, '1x1')


def earlier_tests(lab, name):
    """Results of the tests of these weights that were done before the present one, oldest first."""
    return [
        json.loads(path.read_text())['result']
        for path in sorted(lab.kept.glob(f'{name}.test.*.json'))
        if not lab.foreign(path)
    ]


def put_aside(lab, name):
    """Makes room for a new choice and its test, without losing those before."""
    number = len(list(lab.kept.glob(f'{name}.test.*.json'))) + 1
    for stage in ('candidates', 'search', 'test'):
        path = lab.kept / f'{name}.{stage}.json'
        if path.exists():
            path.rename(lab.kept / f'{name}.{stage}.{number}.json')


def effect(lab, goal):
    tested = lab.kept / f'{goal.name}.test.json'
    if tested.exists() and lab.foreign(tested):
        raise SystemExit(
            f'{tested} is a test of other weights. With --again {goal.name} it is put aside and a new one is made.'
        )
    kept = lab.stage(f'{goal.name}.candidates', lambda: candidates(lab, goal))
    if not kept:
        raise SystemExit(f'{goal.name}: no live feature tells the two kinds of text apart')
    found = lab.stage(f'{goal.name}.search', lambda: search(lab, goal, kept))
    result = lab.stage(f'{goal.name}.test', lambda: test(lab, goal, found['chosen']['edit']))
    prompt = shown_prompt(lab, goal, result['edit'])
    page = for_page(goal, result, prompt)
    print(
        f'{goal.name}: {page["claim"]}\n  {"separates" if result["separates"] else "DOES NOT SEPARATE"} from its controls'
        f'{"" if prompt else "; SHOWS ON NONE of the prompts written for the project"}; edit {json.dumps(result["edit"])}',
        flush=True,
    )
    return page, {
        'candidates': kept,
        'search': found,
        'test': result,
        'shownPrompt': prompt,
        'claim': page['claim'],
        'shipped': page['shipped'],
        'earlier': earlier_tests(lab, goal.name),
    }


def main():
    parser = argparse.ArgumentParser(description='Choose and test the three effects of a model folder.')
    parser.add_argument('--model', type=pathlib.Path, required=True, help='HF folder with sae/*/ beside the weights')
    parser.add_argument(
        '--run',
        type=pathlib.Path,
        required=True,
        help='folder with text/dev and text/test; stages are kept in its effects/',
    )
    parser.add_argument(
        '--again',
        choices=('suppress-chinese', 'verse', 'arithmetic'),
        action='append',
        default=[],
        help='choose and test this one anew',
    )
    arguments = parser.parse_args()
    began, lab = time.time(), Lab(arguments.model, arguments.run)
    for name in arguments.again:
        put_aside(lab, name)
    verse = Verse(lab.corpus, len(earlier_tests(lab, 'verse')))
    pages, figures = [], {'detector': lab.stage('verse.detector', verse.detector)}
    for goal in (SuppressChinese(lab.corpus), verse, arithmetic_goal(lab)):
        page, figures[goal.name] = effect(lab, goal)
        pages.append(page)
    figures['detector'] = {kind: wilson(hits, n) for kind, (hits, n) in figures['detector'].items()}
    print('verse detector: ' + ', '.join(f'{kind} {percent(rate)}' for kind, rate in figures['detector'].items()))
    write_json(lab.kept / 'effects.json', {'sha256': lab.sha256, **figures})
    write_json(lab.folder / 'effects.json', {'format': 'lenslet-effects-1', 'effects': pages})
    print(f'{sum(page["shipped"] for page in pages)} of {len(pages)} effects are shipped; {time.time() - began:.0f} s')


if __name__ == '__main__':
    main()
