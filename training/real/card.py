"""The card of a real model's dictionaries: which bars they meet, and README.md from card.json."""

BARS = {
    'recovered, against zeros': 'at least 85 %',
    'recovered, against the mean': 'at least 85 %',
    'dead': 'at most 5 %',
    'recovered in float16': 'at most .2 % less than in float32',
}
RECOVERED, DEAD, ROUNDING = 0.85, 0.05, 0.002
ARMS = {
    'trained': 'as shipped, float16',
    'float32': 'in float32, as trained',
    'frozen': 'decoder random and frozen',
    'random': 'random rows',
}


def worst(card):
    """The worst figure of the sites for each of BARS."""
    sites = card['sites'].values()
    loss = lambda site, of: site['float32'][of] - site['trained'][of]
    ends = ('recovered_zero', 'recovered_mean')
    return {
        'recovered, against zeros': min(site['trained']['recovered_zero'] for site in sites),
        'recovered, against the mean': min(site['trained']['recovered_mean'] for site in sites),
        'dead': max(site['trained']['dead'] for site in sites),
        'recovered in float16': max(loss(site, of) for site in sites for of in ends),
    }


def missed(card):
    """[(bar, figure)]."""
    found = worst(card)
    met = {name: found[name] >= RECOVERED for name in list(BARS)[:2]}
    met.update({'dead': found['dead'] <= DEAD, 'recovered in float16': found['recovered in float16'] <= ROUNDING})
    return [(name, found[name]) for name in BARS if not met[name]]


def percent(share, places=1):
    return f'{100 * share:.{places}f} %'


def between(interval):
    return '[' + ', '.join(f'{100 * end:.1f}' for end in interval) + ']'


def table(head, rows):
    return '\n'.join(f'| {" | ".join(row)} |' for row in (head, ['---'] * len(head), *rows))


def arms(hook, site):
    for arm, said in ARMS.items():
        of = site[arm]
        loss = of['cross_entropy']
        yield [
            f'`{hook}`' if arm == 'trained' else '',
            said + (f' ({of["training"]["steps"]:,} steps)' if 'training' in of else ''),
            f'{of["fvu"]:.3f}',
            f'{percent(of["recovered_zero"])} {between(of["recovered_zero_interval"])}',
            f'{percent(of["recovered_mean"])} {between(of["recovered_mean_interval"])}',
            f'{loss["clean"]:.3f} → {loss["dictionary"]:.3f} (zeros {loss["zero"]:.2f}, mean {loss["mean"]:.2f})',
            percent(of['dead']),
            f'{of["active"]:.1f}',
        ]


def trained_on(hook, site):
    training = site['training']
    return [
        f'`{hook}`',
        f'{site["architecture"]}, SAELens {site["saelens"]}',
        f'{site["width"]:,}',
        f'{training["tokens"]:,} × {training["passes"]}',
        f'{training["steps"]:,}',
        f'{site["norm_median"]:.1f} / {site["centred_norm_median"]:.1f}',
        f'`{site["sha256"]["sae_weights.safetensors"][:16]}…`',
    ]


def described(hook, site):
    of = site['features']
    return [
        f'`{hook}`',
        f'{of["live"]:,}',
        f'{of["labelled"]:,} ({percent(of["labelled"] / max(1, of["live"]), 0)})',
        f'{of["precision"]} / {of["recall"]}',
        f'{of["snippets"]:,}',
        f'{of["tokens"]["written"]:,}, {of["tokens"]["held_out"]:,}',
        f'{of["bytes"] / 1e6:.2f} MB',
    ]


def render(card):
    """README.md."""
    sites, found, bad = card['sites'].items(), worst(card), dict(missed(card))
    mark = lambda name: '**missed**' if name in bad else 'met'
    bars = table(
        ['worst of the sites', 'bar', 'measured', ''],
        [[name, BARS[name], percent(found[name], 2), mark(name)] for name in BARS],
    )
    head = ['site', 'dictionary', 'FVU', 'recovered, zeros', 'recovered, mean', 'cross-entropy', 'dead', 'active']
    said = {'en_simple': 'simple English books', 'en_books': 'other English books', 'gsm8k': 'word problems'}
    said['written'] = 'the model’s own writing'
    mix = ', '.join(f'{said[name]} {percent(share, 0)}' for name, share in card['mix'].items())
    one = next(site for _, site in sites)
    return f"""# Dictionaries for SmolLM2-135M-Instruct

Two sparse autoencoders of the residual stream of SmolLM2-135M-Instruct, trained by SAELens for Lenslet, with what is shown of their features. The model itself is not in this folder.
Every figure below was written by `training/real/ship.py` from `card.json`, which `training/real/figures.py` measured; what is called held out was neither trained on nor chosen on.

{bars}

## Which model

The weights were read from `{card['source']['file']}` (sha256 `{card['source']['sha256'][:16]}…`), in which others had quantised SmolLM2-135M-Instruct to Q4_1, and computed with in float32.
So the dictionaries were trained and measured on the model as it was quantised, not on its makers' bfloat16 checkpoint. They open with that one too; how much worse they explain it was not measured.

## Training

{table(['site', 'kind', 'features', 'residuals × passes', 'steps', 'median norm / centred norm', 'weights'], [trained_on(*site) for site in sites])}

The losses, and how dead features are revived, are SAELens' own for the kind, with k 32, which batch-top-k means on average; it is saved with the threshold that it has learnt. Inputs are scaled to a norm of √d on average, `b_dec` begins at the mean; Adam at 10⁻³ with a warm-up and a decay. `training/real/dictionaries.py` has all of it.
The residuals are of windows of {card['window']} tokens, of public English texts and of the model’s own writing. In figures each kind has a fixed share: {mix}. The books are in the public domain, the word problems (openai/grade-school-math) under the MIT licence; nothing of either is shipped. Position 0 of a window and attention sinks are left out of training and of every figure, and what the model was given to go on from out of the figures of its own writing.
A third of what it wrote was begun with a word or two and a blank, which is a token of its own; behind it a number follows more often than in real text.

## Held-out text

{table(head, [row for site in sites for row in arms(*site)])}

FVU = Σ|h − ĥ|² / Σ|h − mean|². Recovered = (CE with x − CE with ĥ) / (CE with x − CE), the residual of the site being replaced by zeros or by the mean for x; intervals by bootstrap over windows.
FVU, dead and active features are over {one['trained']['tokens']:,} tokens of {card['windows']} windows, cross-entropies over {card['edited_windows']} of these. Dead: never active there. Active: latents a token.
Matrices are shipped in float16; the second line of each site is what rounding took. “Frozen” is trained in the same way but for its decoder, which stays as random as it began, and for its steps. “Random rows” are read along themselves with k 32, at their best scale.

## Features

{table(['site', 'live', 'with a label', 'its median precision / recall', 'snippets', 'tokens written, held out', 'file'], [described(*site) for site in sites])}

Live: active in the model's own writing, which all snippets are of; none repeats 12 tokens of the windows of public text that were read here. {one['features']['rule']}
These figures and snippets are of residuals whose matrices were multiplied in bfloat16 where the model wrote them, and of float32 where text was held out.

## Licence

SmolLM2-135M-Instruct is by Hugging Face, under the Apache License 2.0. The dictionaries and the feature data are under the MIT licence, as the rest of this project.
"""
