import { createRoot } from 'react-dom/client';
import { createWorkbench } from '../state/page/workbench';
import { openRequest } from '../worker/client';
import { App } from './App';
import { start } from './start';
import '@fontsource-variable/ibm-plex-sans/wght.css';
import '@fontsource-variable/noto-sans-sc/wght.css';
import '@fontsource-variable/source-serif-4/wght.css';
import '@fontsource/ibm-plex-mono/latin-400.css';
import '@fontsource/ibm-plex-mono/latin-500.css';
import './styles/index.css';

const bench = createWorkbench(openRequest);
start(bench);
createRoot(document.getElementById('root')!).render(<App bench={bench} />);
