import { useState } from 'react';
import { type ErrorData, errorToData } from '../lens/api/errors';

/** What became of a file that was read into the page. */
export interface Taken {
  says: string | null;
  error: ErrorData | null;
  take: (file: File) => void;
}

/** Reading a file that a button chose. `read` takes it in and says what that did. */
export function useTaken(read: (file: File) => Promise<string>): Taken {
  const [taken, setTaken] = useState<Omit<Taken, 'take'>>({ says: null, error: null });
  const take = async (file: File) => {
    try {
      setTaken({ says: await read(file), error: null });
    } catch (error) {
      setTaken({ says: null, error: errorToData(error) });
    }
  };
  return { ...taken, take: (file) => void take(file) };
}

/** What an import did, and what was deleted last with its way back. */
export function TakenSays({ says, removed, onPutBack, className, testId }: TakenSaysProps) {
  return (
    <div className={`caption ${className}`} aria-live="polite" data-testid={testId}>
      {says}
      {removed && (
        <>
          {says && ' '}
          {removed}{' '}
          <button type="button" className="bare" onClick={onPutBack}>
            Put back
          </button>
        </>
      )}
    </div>
  );
}

interface TakenSaysProps {
  says: string | null;
  /** In a sentence; null where there is nothing to put back. */
  removed: string | null;
  onPutBack: () => void;
  className: string;
  testId: string;
}
