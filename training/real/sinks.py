"""Attention sinks, by the rule of `src/lens/maths/sinks.ts`: what sums, ranks and trains over tokens leaves them out."""

TIMES, SHARE, TIMES_ALONE = 3, 0.8, 8


def is_sink(h, median):
    """Of residuals [..., d], given the site's median norm without position 0."""
    square = h.float().square()
    total = square.sum(-1)
    norm, share = total.sqrt(), square.amax(-1) / total.clamp(min=1e-30)
    return (norm > TIMES_ALONE * median) | ((norm > TIMES * median) & (share > SHARE))


def counted(h, median):
    """Which positions of windows [B, T, d] count: neither position 0 nor a sink."""
    out = ~is_sink(h, median)
    out[:, 0] = False
    return out


def median_norm(h):
    """The median norm of windows [B, T, d] without position 0."""
    return float(h[:, 1:].float().norm(dim=-1).flatten().median())
