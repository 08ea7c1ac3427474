"""What a real model writes itself: `training/cpu.sh -m real.written --run RUN --windows 1152`; run again after a cut, it
goes on.

Its dictionaries are trained on it beside public text, and the snippets on their cards are of it alone, so that no
corpus need be shipped. RUN/written/NNN.npy: uint16 [ROWS, WINDOW], each window begun by `opening` and continued by
sampling, past the ends of turns and texts. The same seed and weights give the same windows on one machine.
"""

import argparse
import pathlib

import numpy as np
import torch

from files.whole import whole
from real.texts import WINDOW

ROWS = 96
TEMPERATURE, NUCLEUS, LIKELIEST = 0.9, 0.97, 400
TURN = '<|im_start|>{}\n'
SYSTEM = '<|im_start|>system\n{}<|im_end|>\n'
SYSTEMS = (
    'You are a helpful AI assistant named SmolLM, trained by Hugging Face',
    'You are a patient teacher who explains things to children.',
    'You answer in one short paragraph.',
    'You are a programmer. You answer with code and few words.',
    'You are a careful editor.',
    'You are a storyteller.',
)
ASKED = (
    'Write a short story about {}.', 'Explain {} to a ten-year-old.', 'Write a letter to a friend about {}.',
    'List five facts about {}.', 'What is the history of {}?', 'Write a poem about {}.', 'Is {} a good idea? Why?',
    'Write a Python function that deals with {}.', 'Compare {} with something that is unlike it.',
    'Write a dialogue between two people about {}.', 'Summarise what is known about {}.', 'Give advice about {}.',
)  # fmt: skip
SUBJECTS = (
    'a lighthouse', 'prime numbers', 'the moon', 'a lost dog', 'bread', 'the Roman Empire', 'sorting a list', 'rivers',
    'honesty', 'a train journey', 'bees', 'electricity', 'chess', 'an old clock', 'winter', 'cooking rice', 'music',
    'the sea', 'a spreadsheet', 'volcanoes', 'moving to a new city', 'fractions', 'trees', 'a broken promise', 'money',
    'sleep', 'dates and times', 'a small village', 'dinosaurs', 'learning a language', 'whales', 'the post office',
    'gravity', 'a birthday', 'politeness', 'text files', 'gardens', 'fear of heights', 'maps', 'the number zero',
)  # fmt: skip
BARE = (
    'The ', 'In the year ', 'Once upon a time', 'def ', 'import ', 'Abstract\n\n', '# ', 'Chapter 1\n\n', 'Dear ', '“',
    'Question: ', '1. ', 'Breaking news: ', 'How to ', 'According to ', 'My grandmother ', 'Although ', '<html>', 'A: ',
    'When ', 'There are many ', 'Recipe: ', 'Let x ', 'We ', 'It was ',
)  # fmt: skip


def opening(rng):
    """The text that a window begins with. A third are turns of users that the model writes itself, a third are asked
    of it, a third are begun without the markup of a conversation."""
    kind = rng.random()
    if kind > 2 / 3:
        return f'<|endoftext|>{rng.choice(BARE)}'
    system = SYSTEM.format(rng.choice(SYSTEMS, p=[0.75, *[0.05] * 5]))
    if kind > 1 / 3:
        return system + TURN.format('user')
    asked = rng.choice(ASKED).format(rng.choice(SUBJECTS))
    return f'{system}{TURN.format("user")}{asked}<|im_end|>\n{TURN.format("assistant")}'


def draw(logits, generator):
    """One id a row of logits [B, V], by nucleus sampling at TEMPERATURE among the LIKELIEST."""
    chances, ids = (logits / TEMPERATURE).softmax(-1).topk(LIKELIEST)
    chances[chances.cumsum(-1) - chances > NUCLEUS] = 0
    return ids.gather(1, torch.multinomial(chances, 1, generator=generator))[:, 0]


@torch.no_grad()
def batch(model, prompts, seed):
    """Windows [B, WINDOW] of prompts of ids. All rows step together from their first token on; a row's own prompt is
    taken for as long as it lasts."""
    generator, cache = torch.Generator().manual_seed(seed), None
    out = torch.zeros(len(prompts), WINDOW, dtype=torch.long)
    given = torch.zeros(len(prompts), WINDOW, dtype=torch.bool)
    for row, prompt in enumerate(prompts):
        out[row, : len(prompt)], given[row, : len(prompt)] = torch.tensor(prompt), True
    shared = int(given.all(0).sum())
    for place in range(shared, WINDOW):
        first = 0 if cache is None else place - 1
        answer = model(out[:, first:place], cache=cache, use_cache=True, logits_to_keep=1)
        cache = answer.past_key_values
        drawn = draw(answer.logits[:, -1].float(), generator)
        out[:, place] = torch.where(given[:, place], out[:, place], drawn)
    return out.numpy().astype(np.uint16)


def load(run):
    """All windows that were written, [N, WINDOW]."""
    return np.concatenate([np.load(path) for path in sorted((pathlib.Path(run) / 'written').glob('[0-9]*.npy'))])


if __name__ == '__main__':
    import time

    from transformers import AutoModelForCausalLM, AutoTokenizer

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--run', type=pathlib.Path, required=True)
    parser.add_argument('--windows', type=int, default=1152)
    arguments = parser.parse_args()
    torch.set_flush_denormal(True)
    tokenizer = AutoTokenizer.from_pretrained(arguments.run / 'model')
    # Half the time of float32, and what it writes is text whatever its rounding.
    model = AutoModelForCausalLM.from_pretrained(arguments.run / 'model', dtype=torch.bfloat16)
    (arguments.run / 'written').mkdir(exist_ok=True)
    for number in range(-(-arguments.windows // ROWS)):
        path = arguments.run / 'written' / f'{number:03}.npy'
        if path.exists():
            continue
        began, rng = time.time(), np.random.default_rng([19, number])
        prompts = [tokenizer(opening(rng))['input_ids'] for _ in range(ROWS)]
        windows = batch(model, prompts, number)
        with whole(path) as part, open(part, 'wb') as file:
            np.save(file, windows)
        print(f'{path.name}: {windows.size / (time.time() - began):.0f} tokens a second', flush=True)
