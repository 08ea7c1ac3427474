"""Which edits have which effect, chosen on dev and tested once: `training/cpu.sh -m effects --model FOLDER --run
RUN`.

For each of three goals (effects/goals.py), with edits that keep every feature within what it does by itself:
1. candidates: over all sites, the features whose latents differ most between two kinds of dev text, then those of them
   whose edit moves the next token after dev prompts most,
2. search: groups of one to five of them, edited together, each round one more (effects/search.py), on 50 dev prompts,
   scored by the rate of the goal less a penalty for damage,
3. test, once, on 100 other prompts: unedited, edited, and the same |change| along 20 random directions and 20 random
   groups of live features; where the edits ablate, also 20 random groups of features that fire there, ablated.

Every stage is kept in RUN/effects, so that a cut run goes on. A test is not done twice without --again NAME, since a
test that is repeated until it pleases is none: what came before is kept, counted, and told with the figures.
RUN/effects/effects.json holds all figures, FOLDER/effects.json what the page shows. Effects beyond the natural range
that stand in FOLDER/effects.json stay where no effect within it takes their place.
"""

import argparse
import json
import pathlib
import random
import time

import torch

from effects.arms import Arm, cross_entropy
from effects.goals import Arithmetic, SuppressChinese, Verse
from effects.lab import Lab, measured, summary, windows
from effects.page import for_page, percent, shown_prompt
from effects.rates import over_draws, separates
from effects.search import SEARCH_SEED, candidates, search, top
from files.whole import write_json
from model.evaluate import wilson
from reference.steering import random_direction

DRAWS = 20
TEST_SEED, RESAMPLING_SEED = 2, 3
LOW_BASELINE = 0.5  # below this share of right products, one digit by one is asked instead
# Held-out text on which an edit's cross-entropy is taken.
DOMAINS, WINDOWS, WINDOW = ('en_simple', 'zh_novel', 'zh_modern'), 32, 96
NAMES = ('arithmetic', 'suppress-chinese', 'verse')
BEYOND = '-beyond'  # ends the name of an effect beyond the natural range


def directions(lab, edits):
    """20 times a random unit direction a site."""
    return [
        {
            layer: torch.tensor(random_direction(seed, layer, lab.model.shape.d))
            for layer in {edit['layer'] for edit in edits}
        }
        for seed in range(1, DRAWS + 1)
    ]


def others(edits, alive, seed):
    """20 random groups of features, each of the site of the edit in whose place it stands, none of them edited or twice
    in a group."""
    rng, own = random.Random(seed), {(edit['layer'], edit['feature']) for edit in edits}
    pools = {layer: [feature for feature in alive[layer] if (layer, feature) not in own] for layer, _ in own}
    groups = []
    while len(groups) < DRAWS:
        group = [dict(layer=edit['layer'], feature=rng.choice(pools[edit['layer']])) for edit in edits]
        if len({(one['layer'], one['feature']) for one in group}) == len(group):
            groups.append(group)
    return groups


@torch.no_grad()
def firing(lab, goal):
    """The features of every site that fire on a dev prompt."""
    found = {layer: set() for layer in lab.saes}
    for ids in goal.prompts['dev'][: goal.counted['dev']]:

        def observe(layer, h):
            if layer in lab.saes:
                found[layer].update(top(lab.saes[layer], h[0]).amax(0).nonzero()[:, 0].tolist())
            return h

        lab.model.blocks(lab.model.model.embed_tokens(torch.tensor([ids])), site=observe)
    return {layer: sorted(features) for layer, features in found.items()}


def controls(lab, goal, edits):
    """Arms by the name of their control, and the features of those that have any."""

    def unit(one):
        row = lab.saes[one['layer']].decoder[one['feature']]
        return row / row.norm()

    random_features = others(edits, lab.live, f'controls of {goal.name}')
    arms = {
        'randomDirections': [Arm(edits, along=drawn) for drawn in directions(lab, edits)],
        'randomFeatures': [Arm(edits, directions=list(map(unit, group))) for group in random_features],
    }
    features = {'randomFeatures': random_features}
    if all(edit['mode'] == 'ablate' for edit in edits):
        features['ablatedFeatures'] = others(edits, firing(lab, goal), f'ablated beside {goal.name}')
        arms['ablatedFeatures'] = [
            Arm([{**edit, **one} for edit, one in zip(edits, group)]) for group in features['ablatedFeatures']
        ]
    return arms, features


def test(lab, goal, edits):
    arms, features = controls(lab, goal, edits)
    baseline, edited = measured(lab, goal, 'test', [Arm(), Arm(edits)], 1, TEST_SEED)
    groups = {
        name: measured(lab, goal, 'test', drawn, 1, TEST_SEED, len(baseline['hits'])) for name, drawn in arms.items()
    }
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
            for name, arm in (('baseline', Arm()), ('edited', Arm(edits)))
        }
        for domain, ids in texts.items()
    }
    return {
        'edits': edits,
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
    result = lab.stage(f'{goal.name}.test', lambda: test(lab, goal, found['chosen']['edits']))
    prompt = shown_prompt(lab, goal, result['edits'])
    page = for_page(lab, goal, result, prompt)
    print(
        f'{goal.name}: {page["claim"]}\n  {"separates" if result["separates"] else "DOES NOT SEPARATE"} from its controls'
        f'{"" if prompt else "; SHOWS ON NONE of the prompts written for the project"}; edits {json.dumps(result["edits"])}',
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
        choices=NAMES,
        action='append',
        default=[],
        help='choose and test this one anew',
    )
    parser.add_argument(
        '--only', choices=NAMES, action='append', help='take this goal as far as its test, and write nothing'
    )
    arguments = parser.parse_args()
    began, lab = time.time(), Lab(arguments.model, arguments.run)
    for name in arguments.again:
        put_aside(lab, name)
    verse = Verse(lab.corpus, len(earlier_tests(lab, 'verse')))
    goals = [arithmetic_goal(lab), SuppressChinese(lab.corpus), verse]
    found = {goal.name: effect(lab, goal) for goal in goals if goal.name in (arguments.only or NAMES)}
    if arguments.only:
        return
    figures = {name: figures for name, (_, figures) in found.items()}
    pages = [page for page, _ in found.values()]
    detector = lab.stage('verse.detector', verse.detector)
    figures['detector'] = {kind: wilson(hits, n) for kind, (hits, n) in detector.items()}
    print('verse detector: ' + ', '.join(f'{kind} {percent(rate)}' for kind, rate in figures['detector'].items()))
    file = lab.folder / 'effects.json'
    taken = {page['name'] for page in pages if page['shipped']}
    pages += [page for page in beyond(file) if page['name'].removesuffix(BEYOND) not in taken]
    write_json(lab.kept / 'effects.json', {'sha256': lab.sha256, **figures})
    write_json(file, {'format': 'lenslet-effects-2', 'effects': pages})
    print(f'{sum(page["shipped"] for page in pages)} of {len(pages)} effects are shipped; {time.time() - began:.0f} s')


def beyond(file):
    """The effects beyond the natural range that a folder has."""
    effects = json.loads(file.read_text(encoding='utf-8'))['effects'] if file.exists() else []
    return [effect for effect in effects if effect.get('range') == 'beyond']


if __name__ == '__main__':
    main()
