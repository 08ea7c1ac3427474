import { flushSync } from 'react-dom';
import { createRoot } from 'react-dom/client';
import { expect, test } from 'vitest';
import { page } from 'vitest/browser';
import '@fontsource-variable/ibm-plex-sans/wght.css';
import '../../app/styles/index.css';
import type { Chat } from '../../lens/api/chat';
import { conversationBench } from '../../state/testing/conversation-bench';
import { BenchContext } from '../use-workbench';
import ChatEditor from './ChatEditor';
import { ChatRoom } from './ChatRoom';

const chat: Chat = {
  messages: [
    { role: 'user', content: 'Where does a ship go? '.repeat(12) },
    { role: 'assistant', content: 'To sea.\nAnd back.' },
  ],
};

test.each([390, 1024, 1440])(
  'while a conversation is loaded, its room is as high as it will be, at %i px',
  async (width) => {
    await page.viewport(width, 900);
    await document.fonts.load('13px "IBM Plex Sans Variable"', 'abc');
    const { bench, fake } = await conversationBench();
    fake.info.chat = true;
    bench.tracer.store.setState({ chat });
    const host = document.createElement('div');
    host.style.width = `${width - 32}px`;
    document.body.append(host);
    const root = createRoot(host);
    const heightOf = (content: React.ReactNode) => {
      flushSync(() => root.render(<BenchContext value={bench}>{content}</BenchContext>));
      return host.getBoundingClientRect().height;
    };
    const room = heightOf(<ChatRoom chat={chat} />);
    expect(Math.abs(heightOf(<ChatEditor chat={chat} />) - room)).toBeLessThanOrEqual(2);
    root.unmount();
    host.remove();
    bench.dispose();
  },
);
