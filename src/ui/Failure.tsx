import type { ErrorData } from '../lens/api/errors';

/** A failure where it happened: what and why, what is kept, one action. */
export function Failure({
  error,
  kept,
  action,
}: {
  error: ErrorData;
  kept?: string;
  action?: { label: string; run: () => void; testId?: string };
}) {
  return (
    <div className="failure" role="alert" data-testid="error" data-error={error.name}>
      <p>
        <strong>{title(error.name)}.</strong> {error.message} {kept}
      </p>
      {action && (
        <button type="button" data-testid={action.testId} onClick={action.run}>
          {action.label}
        </button>
      )}
    </div>
  );
}

const titles: Record<string, string> = {
  WebGPUUnavailableError: 'No WebGPU',
  DeviceLostError: 'GPU device lost',
  EngineCrashedError: 'Engine stopped',
  UnsupportedModelError: 'Model not supported',
  CorruptFileError: 'File is damaged',
  WrongFileError: 'Another kind of file',
  MissingFileError: 'File is missing',
  ShapeMismatchError: 'Shapes do not fit',
  ContextOverflowError: 'Text is longer than the context',
  EmptyTextError: 'No text',
  UnknownTokenError: 'Not a token of this model',
  SiteUnavailableError: 'No dictionary at this layer',
  InvalidEditError: 'Edit cannot be carried out',
  InvalidOptionError: 'Cannot be done',
  AccessDeniedError: 'No access',
  RateLimitedError: 'Server asks for a pause',
  StoreUnavailableError: 'No storage here',
  StorageFullError: 'Too little room',
  StoreBusyError: 'Another tab is at work',
  DamagedStoreError: 'A kept part is damaged',
  NonFiniteError: 'The model gave no number',
  DisposedError: 'The trace is gone',
  AbortedError: 'Stopped',
};

/** An error's class in a reader's words; an unknown class is an error of the page itself. */
const title = (name: string): string => titles[name] ?? 'Unexpected error';
