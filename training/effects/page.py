"""An effect as the page offers it: the prompt that shows it, and what is claimed."""

import torch

from effects.arms import Arm, Arms
from model.sampler import draw
from reference.steering import random_direction, uniform

SHOWN_SEED, TOP_P, PAGE_TEMPERATURE = 16, 0.95, 0.7
CONTROL_SEED = 8  # controlSeed of the first draw, src/state/steering/edits.ts


@torch.no_grad()
def shown(lab, goal, edits, prompt, temperature, along=None):
    """What the page writes after a prompt, with its own noise, in float32: by the engine's Gumbel draw from the
    nucleus."""
    ids, site = list(prompt), Arms(lab.saes, [Arm(edits, along=along)], 1) if edits else None
    for step in range(goal.shown_tokens):
        logits = lab.model(torch.tensor([ids]), site=site)[0, -1]
        ids.append(int(draw(logits[None], 0, 1, None)) if temperature == 0 else page_draw(logits, temperature, step))
        if ids[-1] == lab.corpus.end:
            return ids[len(prompt) : -1]
    return ids[len(prompt) :]


def page_draw(logits, temperature, step):
    """`sample` of src/lens/engine/sampler.ts: the largest of logits / T + Gumbel noise of (seed, step, token) within
    the nucleus."""
    shares, order = (logits.double() / temperature).softmax(-1).sort(descending=True)
    kept = int((shares.cumsum(-1) - shares < TOP_P).sum())
    noise = -torch.tensor([uniform(SHOWN_SEED, step, int(token)) for token in order[:kept]]).double().log().neg().log()
    return int(order[int((shares[:kept].log() + noise).argmax())])


def shown_prompt(lab, goal, edits):
    """The first of the project's own prompts on which the edits show and no edit does not, and on whose text beside
    neither does, drawn as the test draws and as the page does, and on which the page's control does not show either;
    None where there is none."""
    for prompt in goal.written:
        asked = [(prompt, (), False), (prompt, edits, True)]
        if goal.beside(prompt):
            asked += [(goal.beside(prompt), (), False), (goal.beside(prompt), edits, False)]
        if all(
            goal.whole(ids) and goal.shows(text, ids) == expected
            for temperature in {goal.temperature, PAGE_TEMPERATURE}
            for text, used, expected in asked
            for ids in [shown(lab, goal, used, text, temperature)]
        ) and not goal.shows(prompt, control_of(lab, goal, edits, prompt)):
            return lab.corpus.decode(prompt)
    return None


def control_of(lab, goal, edits, prompt):
    """What the page's first control writes, which is at most as long as the edited text. Its |change| is taken from its
    own text here, from the edited one on the page."""
    length = len(shown(lab, goal, edits, prompt, PAGE_TEMPERATURE))
    sites = {edit['layer'] for edit in edits}
    along = {layer: torch.tensor(random_direction(CONTROL_SEED, layer, lab.model.shape.d)) for layer in sites}
    return shown(lab, goal, edits, prompt, PAGE_TEMPERATURE, along)[:length]


def percent(rate):
    return f'{100 * rate["rate"]:.0f} % [{100 * rate["low"]:.0f}, {100 * rate["high"]:.0f}]'


def claim(goal, result):
    rates = result['rates']
    draws = rates['randomDirections']['draws']
    best = max(rates[name]['best'] for name in ('randomDirections', 'randomFeatures'))
    several = len(result['edits']) > 1
    ablated = rates.get('ablatedFeatures')
    said = (
        f'After {percent(rates["edited"])} of {rates["edited"]["n"]} {goal.tried} the model {goal.sought} with the '
        f'{"edits" if several else "edit"}, after {percent(rates["baseline"])} without; an equal change along {draws} random '
        f'directions gives {percent(rates["randomDirections"])}, along {draws} random {"groups of features" if several else "features"} '
        f'{percent(rates["randomFeatures"])}, the best of these {100 * best:.0f} %.'
    )
    if ablated:
        said += (
            f' Ablating {draws} random {"groups of as many features" if several else "features"} that fire there gives '
            f'{percent(ablated)}, the best of these {100 * ablated["best"]:.0f} %.'
        )
    beside = goal.others(result['arms'])
    if beside:
        said += f' Of {beside["edited"]["n"]} {beside["tried"]} {percent(beside["edited"])} go wrong with, {percent(beside["baseline"])} without.'
    return f'{said} {goal.remark(result["arms"])}'


def rounded(rate):
    return {key: round(rate[key], 4) for key in ('rate', 'low', 'high')} | {'n': rate['n']}


def strongest_other(result):
    """The random group that did most: ablated like the edits, or with an equal change."""
    name = 'ablatedFeatures' if 'ablatedFeatures' in result['rates'] else 'randomFeatures'
    groups, draws = result['controlFeatures'][name], result['arms'][name]
    features, best = max(zip(groups, draws), key=lambda one: one[1]['rate'])
    return {'features': features, 'rate': round(best['rate'], 4), 'of': len(draws)}


def strongest_change(rates):
    """Of all random directions and groups of features along which an equal change was made, what the one that did most
    did."""
    arms = [rates[name] for name in ('randomDirections', 'randomFeatures')]
    return {'rate': round(max(arm['best'] for arm in arms), 4), 'of': sum(arm['draws'] for arm in arms)}


def for_page(lab, goal, result, prompt):
    shown_at = prompt or lab.corpus.decode(goal.written[0])
    beside, others = goal.beside(lab.corpus.encode([shown_at])[0]), goal.others(result['arms'])
    return {
        'name': goal.name,
        'title': goal.title(result['edits']),
        'shipped': result['separates'] and prompt is not None,
        'range': 'natural',
        'prompt': shown_at,
        **(
            {
                'beside': {
                    'prompt': lab.corpus.decode(beside),
                    'tried': others['tried'],
                    'baseline': rounded(others['baseline']),
                    'edited': rounded(others['edited']),
                }
            }
            if beside
            else {}
        ),
        'chat': False,
        'edits': result['edits'],
        'maxTokens': goal.shown_tokens,
        'tried': goal.tried,
        'outcome': goal.outcome,
        'rates': {
            name: rounded(result['rates'][name]) for name in ('baseline', 'edited', 'randomDirections', 'randomFeatures')
        },
        'strongestChange': strongest_change(result['rates']),
        'strongestOther': strongest_other(result),
        'claim': claim(goal, result),
    }
