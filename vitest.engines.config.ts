import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: { projects: [{ test: { name: 'engines', environment: 'node', include: ['e2e/engines/**/*.test.ts'], fileParallelism: false } }] },
});
