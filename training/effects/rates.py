"""Rates of controls with their intervals, and when an edit stands out from them."""

import numpy as np

from model.evaluate import wilson


def over_draws(draws, seed, resamples=4000):
    """The rate over all draws of a control, each a list of hits on the same prompts. The interval is the wider at
    either end of a bootstrap over draws (tries of one draw are not independent) and Wilson's (a bootstrap of draws that
    all gave nothing has no width)."""
    rates = np.array([np.mean(draw) for draw in draws])
    tries = sum(len(draw) for draw in draws)
    plain = wilson(sum(sum(draw) for draw in draws), tries)
    picks = np.random.default_rng(seed).integers(0, len(rates), (resamples, len(rates)))
    low, high = np.percentile(rates[picks].mean(1), [2.5, 97.5])
    return {
        'rate': plain['rate'],
        'low': min(plain['low'], float(low)),
        'high': max(plain['high'], float(high)),
        'n': tries,
        'draws': len(draws),
        'best': float(rates.max()),
    }


def separates(edited, others):
    """The edited rate's interval lies above every other one's."""
    return edited['low'] > max(other['high'] for other in others)
