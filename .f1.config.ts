import base from '/work/main/playwright.config.ts';
const url = 'http://127.0.0.1:4416/';
export default { ...base, testDir: '/work/main/e2e', outputDir: '/tmp/f1-results', reporter: [['list']],
  use: { ...base.use, baseURL: url },
  webServer: { command: 'node node_modules/vite/bin/vite.js preview --outDir /tmp/dist-f1 --host 127.0.0.1 --port 4416 --strictPort', cwd: '/work/main', url, reuseExistingServer: false, timeout: 30000 } };
