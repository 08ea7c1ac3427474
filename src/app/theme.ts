import { useEffect, useState } from 'react';
import { useMedia } from './use-media';

export type Theme = 'light' | 'dark';

const KEY = 'lenslet-theme';

function stored(): Theme | null {
  try {
    const value = localStorage.getItem(KEY);
    return value === 'light' || value === 'dark' ? value : null;
  } catch {
    return null; // storage may be forbidden; the system's choice holds then
  }
}

function store(theme: Theme): void {
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // Storage may be forbidden: the choice then lasts as long as the page.
  }
}

/** The theme on show and its switch. The system's choice holds until the reader makes one, which sets data-theme and is remembered. */
export function useTheme(): [Theme, () => void] {
  const [chosen, setChosen] = useState(stored);
  const dark = useMedia('(prefers-color-scheme: dark)');
  useEffect(() => {
    if (chosen) document.documentElement.dataset.theme = chosen;
  }, [chosen]);
  const theme = chosen ?? (dark ? 'dark' : 'light');
  const toggle = () => {
    const next = theme === 'dark' ? 'light' : 'dark';
    store(next);
    setChosen(next);
  };
  return [theme, toggle];
}
