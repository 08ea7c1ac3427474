import { useEffect, useState } from 'react';
import { useMedia } from '../ui/use-media';
import { readChoice, writeChoice } from './choices';

type Theme = 'light' | 'dark';

const KEY = 'lenslet-theme';

function stored(): Theme | null {
  const value = readChoice(KEY);
  return value === 'light' || value === 'dark' ? value : null;
}

/** The theme on show and its switch. The system's choice holds until the reader makes one, which sets data-theme and is
 *  remembered. */
export function useTheme(): [Theme, () => void] {
  const [chosen, setChosen] = useState(stored);
  const dark = useMedia('(prefers-color-scheme: dark)');
  useEffect(() => {
    if (chosen) document.documentElement.dataset.theme = chosen;
  }, [chosen]);
  const theme = chosen ?? (dark ? 'dark' : 'light');
  const toggle = () => {
    const next = theme === 'dark' ? 'light' : 'dark';
    writeChoice(KEY, next);
    setChosen(next);
  };
  return [theme, toggle];
}
