import type { Token } from '../../lens/api/text';
import { atAddress } from '../model/model-url';
import { createWorkbench, type Workbench } from '../page/workbench';
import { threeTurns } from './conversation';
import { type FakeLens, fakeLens } from './lens';

/** A workbench on a fake lens, whose text is a conversation of the given tokens. */
export async function conversationBench(tokens: Token[] = threeTurns()): Promise<{ bench: Workbench; fake: FakeLens }> {
  const fake = fakeLens();
  const { trace } = fake;
  // As many words as there are tokens, for as many codes.
  const words = tokens.map((_, i) => `w${i}`).join(' ');
  fake.trace = async (prompt, options) => ({
    ...(await trace(words, options)),
    tokens,
    chat: typeof prompt === 'string' ? null : prompt,
  });
  const bench = createWorkbench(async () => fake, { pause: 0 });
  await bench.engine.open(atAddress('fake'), 'auto');
  bench.tracer.store.setState({
    chat: {
      messages: [
        { role: 'user', content: 'Hello. Who are you?' },
        { role: 'assistant', content: 'I read. You ask' },
      ],
      open: true,
    },
  });
  await bench.tracer.trace();
  return { bench, fake };
}
