import { useState } from 'react';
import { type ErrorData, errorToData } from '../../lens/api/errors';
import { Failure } from '../../ui/Failure';
import { useBench } from '../use-workbench';

/** Offers to read what was pasted as a conversation, where it looks like one in JSON. */
export function PastedConversation({ text }: { text: string }) {
  const bench = useBench();
  const [failed, setFailed] = useState<{ text: string; error: ErrorData } | null>(null);
  if (!/^\s*[[{]/.test(text) || !/"(messages|conversations|role)"\s*:/.test(text)) return null;
  const read = async () => {
    try {
      const { parseMessages } = await import('../../state/chat/messages-file');
      const chat = parseMessages(text, 'The pasted text');
      // Where the conversation on show has to stay, so does what was pasted.
      if ((await bench.chat.bring(chat)) !== null) bench.chat.setDraft('');
    } catch (error) {
      setFailed({ text, error: errorToData(error) });
    }
  };
  return (
    <>
      <p className="caption">
        This looks like a conversation in JSON.{' '}
        <button type="button" className="bare" onClick={() => void read()}>
          Read it as the conversation
        </button>
      </p>
      {failed?.text === text && <Failure error={failed.error} kept="The conversation is kept." />}
    </>
  );
}
