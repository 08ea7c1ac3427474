import type { Message } from '../api/chat';
import { ChatTemplateError, CorruptFileError, UnsupportedModelError } from '../api/errors';
import { JsonObject, refusal } from '../formats/json';
import { type Frame, frameOf } from './frame';

/** Templates (Jinja) by name. */
type Templates = ReadonlyMap<string, string>;

/** What a template is given beside the messages. */
export interface TemplateOptions {
  add_generation_prompt: boolean;
  enable_thinking?: boolean;
}

/** Puts messages through a template, as @huggingface/transformers does. */
export type ApplyTemplate = (template: string, messages: Message[], options: TemplateOptions) => string;

const DEFAULT = 'default';
const CONFIG = 'tokenizer_config.json';
/** Most templates of a model, UTF-16 units of one, and of its name. Real ones: 4, 20,000, 10. */
const MOST = 64;
const LONGEST = 1 << 20;
/** Most UTF-16 units of a rendered conversation: more than any model's context holds. */
const LONGEST_TEXT = 1 << 24;
const LONGEST_NAME = 100;

/** A model's chat templates. */
export class ChatTemplates {
  private readonly templates: Templates;
  /** Why the files' templates are none; texts run all the same. */
  private readonly broken: CorruptFileError | null = null;
  /** By template, without and with thinking. */
  private readonly frames = new Map<string, [Frame?, Frame?]>();

  /** `config`: tokenizer_config.json, `file`: text of chat_template.jinja, if the folder has one. Throws
   *  CorruptFileError if the configuration is no object. */
  constructor(
    config: unknown,
    file: string | null,
    private readonly apply: ApplyTemplate,
  ) {
    const settings = new JsonObject(config, CONFIG);
    try {
      this.templates = readTemplates(settings, file);
    } catch (error) {
      if (!(error instanceof CorruptFileError)) throw error;
      [this.templates, this.broken] = [new Map(), error];
    }
  }

  /** Their names; empty where the model has none. */
  get names(): string[] {
    return [...this.templates.keys()];
  }

  /** Whether there is a template for conversations that name none. */
  get hasDefault(): boolean {
    return this.templates.has(DEFAULT);
  }

  /** Whether the default template knows `enable_thinking`. */
  get knowThinking(): boolean {
    return this.templates.get(DEFAULT)?.includes('enable_thinking') ?? false;
  }

  /** The template of a name; without one, the default. Throws CorruptFileError if they could not be read,
   *  UnsupportedModelError if the model has none at all, ChatTemplateError that names those it has. */
  find(name: string = DEFAULT): string {
    if (this.broken) throw this.broken;
    const { names } = this;
    if (names.length === 0)
      throw new UnsupportedModelError(
        'This model has no chat template, so it takes no conversation. Run a plain text, or open a chat model.',
      );
    const found = this.templates.get(name);
    if (found !== undefined) return found;
    throw new ChatTemplateError(
      `This model has no chat template named ${JSON.stringify(name)}. Choose one of: ${names.join(', ')}.`,
      { name, known: names },
    );
  }

  /** Throws ChatTemplateError, with the template's own words where it refuses. */
  render(template: string, messages: readonly Message[], options: TemplateOptions): string {
    const text = this.applied(template, messages, options);
    if (text.length <= LONGEST_TEXT) return text;
    throw new ChatTemplateError(
      `The model’s chat template makes over ${LONGEST_TEXT} characters of this conversation. Shorten it.`,
      { length: text.length, most: LONGEST_TEXT },
    );
  }

  private applied(template: string, messages: readonly Message[], options: TemplateOptions): string {
    try {
      // A template sees no more of a message than its role and its content.
      const plain = messages.map(({ role, content }) => ({ role, content }));
      return this.apply(template, plain, options);
    } catch (cause) {
      const words = (cause as Error).message;
      throw new ChatTemplateError(`The model’s chat template refuses this conversation: ${words}`, { words });
    }
  }

  /** Like `render`, but null where the template refuses. */
  tryRender(template: string, messages: readonly Message[], options: TemplateOptions): string | null {
    try {
      return this.render(template, messages, options);
    } catch {
      return null;
    }
  }

  /** What a template writes around turns. */
  frame(template: string, thinking: boolean): Frame {
    const known = this.frames.get(template) ?? [];
    this.frames.set(template, known);
    const at = thinking ? 1 : 0;
    known[at] ??= frameOf((messages, begins) =>
      this.tryRender(template, messages, { add_generation_prompt: begins, enable_thinking: thinking }),
    );
    return known[at];
  }
}

/** As Hugging Face reads them: `chat_template.jinja` (`file`) is the default one and wins over tokenizer_config.json,
 *  which holds one template or a list of `{name, template}`, of which the last of a name counts. */
function readTemplates(config: JsonObject, file: string | null): Templates {
  if (file !== null) return new Map([[DEFAULT, checked(file, 'chat_template.jinja').replace(/\r\n?/g, '\n')]]);
  const given = config.get('chat_template');
  if (given === undefined) return new Map();
  if (typeof given === 'string') return new Map([[DEFAULT, checked(given, CONFIG)]]);
  if (!Array.isArray(given) || given.length > MOST)
    throw refusal(CONFIG, 'chat_template', `must be a template or a list of at most ${MOST}`, given);
  return new Map(
    given.map((entry, index) => {
      const template = new JsonObject(entry, `${CONFIG}: chat_template ${index}`);
      return [template.text('name', LONGEST_NAME), template.text('template', LONGEST)];
    }),
  );
}

function checked(template: string, file: string): string {
  if (template.length <= LONGEST) return template;
  throw new CorruptFileError(`The chat template in ${file} has over ${LONGEST} characters.`, { file });
}
