import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

const server = 'http://127.0.0.1:4318';

export default defineConfig({
  plugins: [svelte()],
  build: {
    outDir: '../src/vedette/ui/static',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  worker: { format: 'es' },
  server: { proxy: { '/api': server, '/-': server } },
  test: { include: ['src/**/*.test.ts'], environment: 'node' },
});
