"""What SciPy makes of the causal bench's statistics: a second opinion that the tests of src/lens/causal/statistics read.

    pip install scipy==1.17.1
    training/cpu.sh -m independent.causal_statistics --out "$PWD/fixtures/causal/statistics.json"

Every case is arguments and answers, at fifteen digits. What SciPy has no function for is computed here from the formula
in its source's own notation, with SciPy's distributions.
"""

import argparse
import itertools
import json
import math
import pathlib

import numpy as np
import scipy
from scipy import optimize, stats

SEED = 20


def digits(value):
    if isinstance(value, dict):
        return {key: digits(one) for key, one in value.items()}
    if isinstance(value, (list, tuple, np.ndarray)):
        return [digits(one) for one in value]
    if isinstance(value, (bool, np.bool_)):
        raise TypeError('a case of numbers only')
    if isinstance(value, (int, np.integer)):
        return int(value)
    if value is None or isinstance(value, str):
        return value
    return float(f'{float(value):.15g}')


def normal():
    return [{'p': p, 'z': stats.norm.ppf(p)} for p in (1e-9, 0.001, 0.025, 0.2, 0.5, 0.8, 0.9, 0.95, 0.975, 0.999, 1 - 1e-6)]


def student():
    pairs = itertools.product((0.6, 0.9, 0.95, 0.975, 0.995), (1, 2, 3, 4, 19, 20, 39, 40, 99, 500))
    return [{'p': p, 'degrees': degrees, 't': stats.t.ppf(p, degrees)} for p, degrees in pairs]


def rates():
    out = []
    for n in (1, 5, 20, 50, 100, 237):
        for hits in sorted({0, 1, n // 7, n // 2, n - 1, n}):
            for level in (0.95, 0.8):
                test = stats.binomtest(int(hits), n)
                out.append({
                    'hits': int(hits), 'n': n, 'level': level,
                    'wilson': list(test.proportion_ci(level, 'wilson')),
                    'exact': list(test.proportion_ci(level, 'exact')),
                })
    return out


def score_limits(x, n, z):
    """Roots of the quadratic whose solution Wilson's interval is."""
    p = x / n
    roots = np.roots([1 + z * z / n, -(2 * p + z * z / n), p * p])
    return sorted(roots.real)


def method10(e, f, g, h):
    """Newcombe (1998), section 3: a = e + f, m = g + h, the cells e (both), f, g, h (neither)."""
    n = e + f + g + h
    z = stats.norm.ppf(0.975)
    p1, p2 = (e + f) / n, (e + g) / n
    l1, u1 = score_limits(e + f, n, z)
    l2, u2 = score_limits(e + g, n, z)
    a = (e + f) * (g + h) * (e + g) * (f + h)
    b = e * h - f * g
    c = 0 if a == 0 else (b - n / 2 if b > n / 2 else 0 if b >= 0 else b)
    phi = 0 if a == 0 else c / math.sqrt(a)
    delta = math.sqrt(max(0, (p1 - l1) ** 2 - 2 * phi * (p1 - l1) * (u2 - p2) + (u2 - p2) ** 2))
    epsilon = math.sqrt(max(0, (p2 - l2) ** 2 - 2 * phi * (p2 - l2) * (u1 - p1) + (u1 - p1) ** 2))
    return [p1 - p2, p1 - p2 - delta, p1 - p2 + epsilon]


def tables(random):
    cells = [(1, 1, 7, 12), (20, 12, 2, 16), (0, 90, 0, 10), (36, 12, 2, 0), (0, 0, 0, 30), (53, 0, 0, 1), (0, 29, 1, 0)]
    for n in (20, 40, 100):
        cells += [tuple(int(x) for x in random.multinomial(n, random.dirichlet([0.7] * 4))) for _ in range(12)]
    out = []
    for e, f, g, h in cells:
        p = stats.binomtest(f, f + g, alternative='greater').pvalue if f + g else 1.0
        mid = p - stats.binom.pmf(f, f + g, 0.5) / 2
        out.append({'table': [e, f, g, h], 'newcombe': method10(e, f, g, h), 'p': p, 'midP': mid})
    return out


def ranks(random):
    out = []
    for draws in (19, 39, 99):
        for _ in range(6):
            edit, controls = random.normal(1), random.normal(size=draws).round(1)
            edit = round(edit, 1)
            # The edit's place among all, ties counted as at least as strong.
            place = stats.rankdata(-np.append(controls, edit), 'max')[-1]
            out.append({'edit': edit, 'draws': controls, 'p': place / (draws + 1)})
    return out


def step_down(ps):
    """Holm: p_(i) is compared with alpha / (m - i + 1) while all before were rejected; the smallest alpha that rejects."""
    m, out, reached = len(ps), {}, 0
    for i, at in enumerate(np.argsort(ps, kind='stable')):
        reached = max(reached, min(1, (m - i) * ps[at]))
        out[at] = reached
    return [out[i] for i in range(m)]


def several(random):
    out = []
    for m in (1, 2, 3, 5, 10):
        for _ in range(3):
            ps = (random.integers(1, 60, m) / 100).tolist()
            out.append({'ps': ps, 'holm': step_down(ps), 'largest': max(ps)})
    return out


def clusters(random):
    """Equal sizes, where the intraclass correlation is (F - 1) / (F - 1 + size), F of the one-way analysis."""
    out = []
    for groups, size in itertools.product((4, 20, 40), (2, 3, 5)):
        for spread in (0.2, 3.0):
            chance = random.beta(spread, spread, groups)
            rows = (random.random((groups, size)) < chance[:, None]).astype(int)
            f = stats.f_oneway(*rows).statistic
            rho = 1.0 if math.isinf(f) else min(1, max(0, (f - 1) / (f - 1 + size)))
            out.append({'rows': rows, 'rho': rho, 'size': groups * size / (1 + (size - 1) * rho)})
    return out


def effects(random):
    out = []
    for groups in (3, 8, 12, 14, 20, 40):
        for shift in (0.0, 0.25):
            # Eighths, whose sums are exact: SciPy takes sums that tie but for rounding for different ones.
            d = random.integers(-8, 9, groups) / 8 + shift
            case = {'effects': d}
            if groups <= 14:
                test = stats.permutation_test((d,), lambda x, axis: x.sum(axis), permutation_type='samples',
                                              alternative='greater', n_resamples=np.inf)
                case['flips'] = test.pvalue
            else:
                low, high = stats.t.interval(0.95, groups - 1, d.mean(), stats.sem(d))
                case['student'] = [d.mean(), low, high]
                test = stats.permutation_test((d,), lambda x, axis: x.sum(axis), permutation_type='samples',
                                              alternative='greater', n_resamples=200_000, rng=random)
                case['near'] = test.pvalue
            out.append(case)
    return out


def pigeonhole(random):
    """The limits by 100,000 resamples of NumPy's: ours by 4,000 lie near."""
    out = []
    for prompts, draws in ((20, 19), (40, 39)):
        d = random.normal(0.3, 0.4, prompts).round(2)
        t = (random.normal(0, 0.2, (draws, 1)) + random.normal(0, 0.3, (draws, prompts))).round(2)
        above = d[None, :] - t
        again = np.concatenate([
            np.einsum(
                'bk,kn,bn->b',
                random.multinomial(draws, [1 / draws] * draws, 5000),
                above,
                random.multinomial(prompts, [1 / prompts] * prompts, 5000),
                optimize=True,
            ) / (draws * prompts)
            for _ in range(20)
        ])
        out.append({'edit': d, 'draws': t, 'excess': [above.mean(), *np.percentile(again, [2.5, 97.5])]})
    return out


def over_doses(random):
    out = []
    for draws, doses in ((19, 2), (39, 3), (39, 5)):
        for shift in (0.0, 1.0, 3.0):
            t = random.normal(size=(draws + 1, doses)).round(1)
            t[0] = (t[0] + shift).round(1)
            # Of every row at every dose: its place from the top, ties counted as at least as strong.
            p = stats.rankdata(-t, 'max', axis=0) / (draws + 1)
            out.append({'edit': t[0], 'draws': t[1:], 'adjusted': [(p.min(1) <= one).mean() for one in p[0]]})
    return out


def needed():
    z = stats.norm.ppf
    out = []
    for effect, turned in ((0.1, 0.2), (0.1, 0.3), (0.2, 0.3), (0.35, 0.37), (0.05, 0.05), (0.5, 1.0)):
        for alpha, power in ((0.05, 0.8), (0.01, 0.9)):
            a, b = z(1 - alpha), z(power)
            n = math.ceil(((a * math.sqrt(turned) + b * math.sqrt(turned - effect**2)) / effect) ** 2)
            mean = math.ceil(((a + b) / effect) ** 2 * (turned + 0.1 / 3))
            out.append({'effect': effect, 'turned': turned, 'alpha': alpha, 'power': power, 'rate': n, 'mean': mean,
                        'smallest': (a + b) * math.sqrt(turned) / math.sqrt(40)})
    return out


def increasing(random):
    out = []
    for n in (1, 2, 5, 8, 20):
        for _ in range(3):
            values = (np.linspace(0, 1, n) + random.normal(0, 0.4, n)).round(2)
            out.append({'values': values, 'fitted': optimize.isotonic_regression(values).x})
    return out


def main():
    options = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    options.add_argument('--out', type=pathlib.Path, required=True)
    out = options.parse_args().out
    random = np.random.default_rng(SEED)
    cases = {
        'by': f'scipy {scipy.__version__}',
        'normal': normal(),
        'student': student(),
        'rates': rates(),
        'tables': tables(random),
        'ranks': ranks(random),
        'several': several(random),
        'clusters': clusters(random),
        'effects': effects(random),
        'excess': pigeonhole(random),
        'doses': over_doses(random),
        'needed': needed(),
        'increasing': increasing(random),
    }
    lines = []
    for name, value in digits(cases).items():
        if isinstance(value, list):
            rows = ',\n'.join(json.dumps(row) for row in value)
            lines.append(f'{json.dumps(name)}: [\n{rows}\n]')
        else:
            lines.append(f'{json.dumps(name)}: {json.dumps(value)}')
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text('{\n' + ',\n'.join(lines) + '\n}\n')


if __name__ == '__main__':
    main()
