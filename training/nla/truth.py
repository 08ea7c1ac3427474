"""Which of an explanation's claims are true of its position, and how many another token's would be."""

from model.evaluate import wilson
from nla.claims import shown
from nla.wordings import claims_of


def judged(row, explanation):
    """{claim's name: whether it holds}, for those that the explanation makes; quotes under 'verbatim' and 'predicted';
    and the share of the explanation that was understood. A claim about what the position does not have (a product in a
    story) does not hold."""
    known = {}
    for name, values in row['claims']:
        known.setdefault(name, tuple(str(value) for value in values))
    found, understood = claims_of(explanation)
    verdicts = {}
    for name, values in found:
        if name == 'quote':
            quoted = values[0].strip()
            verdicts['verbatim'] = bool(quoted) and quoted in shown(row['before'])
            verdicts['predicted'] = not verdicts['verbatim'] and bool(quoted) and quoted in shown(row['after'])
        elif name == 'next':
            verdicts['next'] = len(set(values) & set(known['next'])) / len(values)
        elif name == 'digit':
            verdicts['digit'] = known.get('digit') == values
        elif name == 'operation':
            verdicts['operation'] = known.get('operation', ('',))[0] == values[0]
            verdicts['operands'] = known.get('operation') == values
        else:
            verdicts[name] = known.get(name) == values
    return verdicts, understood


def recall(rows, explanations, name):
    """Of the positions that a claim is true of, the share whose explanation says it."""
    asked = [(row, text) for row, text in zip(rows, explanations) if any(claim[0] == name for claim in row['claims'])]
    return (
        wilson(
            sum(judged(row, text)[0].get('operands' if name == 'operation' else name) is True for row, text in asked),
            len(asked),
        )
        if asked
        else None
    )


def shares(rows, explanations, others):
    """By claim: share of those made that hold, the same of another token's explanation, and of how many."""

    def tally(given):
        out, understood = {}, []
        for row, text in zip(rows, given):
            verdicts, share = judged(row, text)
            understood.append(share)
            for name, verdict in verdicts.items():
                out.setdefault(name, []).append(float(verdict))
        return out, sum(understood) / len(understood)

    own, understood = tally(explanations)
    control, _ = tally(others)
    rate = lambda hits: wilson(sum(hits), len(hits)) if hits else None
    return dict(
        understood=understood,
        claims={name: dict(own=rate(hits), control=rate(control.get(name, []))) for name, hits in sorted(own.items())},
        recall={name: recall(rows, explanations, name) for name in ('operation', 'digit', 'carry')},
    )
