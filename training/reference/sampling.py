"""What decides the next token beside the model, and where a text ends."""

import torch


class Sampling:
    """Greedy choice. `ends`: ids that end the text. `penalty`: of repetition. `stop`: texts that end it, looked for in
    what `text` makes of the generated ids."""

    def __init__(self, ends, penalty=1.0, stop=(), text=None):
        self.ends, self.penalty, self.stop, self.text = ends, penalty, stop, text

    def scores(self, logits, ids):
        """Keskar et al., 2019: of every token in `ids`, once, a positive logit is divided by the penalty, and another
        one multiplied with it."""
        seen = torch.tensor(sorted(set(ids)))
        out, given = logits.clone(), logits[seen]
        out[seen] = torch.where(given > 0, given / self.penalty, given * self.penalty)
        return out

    def done(self, tokens):
        """Why a text ends behind its last token: 'stop', 'sequence', or None where it goes on."""
        if tokens[-1] in self.ends:
            return 'stop'
        return 'sequence' if self.stop and any(stop in self.text(tokens) for stop in self.stop) else None
