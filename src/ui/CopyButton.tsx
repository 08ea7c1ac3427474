import { useEffect, useState } from 'react';

/** Copies what `text` gives and says so for two seconds; `closed` is said where the clipboard cannot be written. */
export function CopyButton({
  label,
  text,
  closed,
  testId,
  disabled = false,
  className,
  describedBy,
}: {
  label: string;
  text: () => string | Promise<string>;
  closed: string;
  testId: string;
  disabled?: boolean;
  className?: string;
  /** Id of what says what is copied, where the label does not. */
  describedBy?: string;
}) {
  const [said, setSaid] = useState<string | null>(null);
  useEffect(() => {
    if (!said) return;
    const id = setTimeout(() => setSaid(null), 2000);
    return () => clearTimeout(id);
  }, [said]);
  const copy = async () => {
    const given = text();
    try {
      // Some browsers let a page copy only at once.
      await navigator.clipboard.writeText(typeof given === 'string' ? given : await given);
      setSaid('Copied');
    } catch {
      setSaid(closed);
    }
  };
  return (
    <button
      type="button"
      className={className}
      data-testid={testId}
      disabled={disabled}
      aria-describedby={describedBy}
      onClick={() => void copy()}
    >
      <span aria-live="polite">{said ?? label}</span>
    </button>
  );
}
