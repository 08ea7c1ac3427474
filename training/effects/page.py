"""An effect as the page offers it: the prompt that shows it, and what is claimed."""

import torch

from effects.arms import Arm, Arms
from model.sampler import draw
from reference.steering import uniform

SHOWN_SEED, TOP_P, PAGE_TEMPERATURE = 16, 0.95, 0.7


@torch.no_grad()
def shown(lab, goal, edit, prompt, temperature):
    """What the page writes after a prompt, with its own noise, in float32: by the engine's Gumbel draw from the
    nucleus."""
    ids, site = list(prompt), Arms(lab.saes, [Arm(edit)], 1) if edit else None
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


def shown_prompt(lab, goal, edit):
    """The first of the project's own prompts on which the edit shows and no edit does not, drawn as the test draws and
    as the page does; None where there is none."""
    for prompt in goal.written:
        if all(
            goal.shows(prompt, shown(lab, goal, used, prompt, temperature)) == (used is not None)
            for temperature in {goal.temperature, PAGE_TEMPERATURE}
            for used in (None, edit)
        ):
            return lab.corpus.decode(prompt)
    return None


def percent(rate):
    return f'{100 * rate["rate"]:.0f} % [{100 * rate["low"]:.0f}, {100 * rate["high"]:.0f}]'


def claim(goal, result):
    rates, draws = result['rates'], len(result['controlFeatures'])
    best = max(rates[name]['best'] for name in ('randomDirections', 'randomFeatures'))
    return (
        f'After {percent(rates["edited"])} of {rates["edited"]["n"]} held-out prompts the model {goal.sought} with the edit, after '
        f'{percent(rates["baseline"])} without; an equal change along {draws} random directions gives {percent(rates["randomDirections"])}, '
        f'along {draws} random features {percent(rates["randomFeatures"])}, the best of these {100 * best:.0f} %. {goal.remark(result["arms"])}'
    )


def for_page(goal, result, prompt):
    rates = {
        name: {key: round(rate[key], 4) for key in ('rate', 'low', 'high')} | {'n': rate['n']}
        for name, rate in result['rates'].items()
    }
    return {
        'name': goal.name,
        'title': goal.title,
        'shipped': result['separates'] and prompt is not None,
        'prompt': prompt or goal.corpus.decode(goal.written[0]),
        'chat': False,
        'edit': result['edit'],
        'maxTokens': goal.shown_tokens,
        'rates': rates,
        'claim': claim(goal, result),
    }
