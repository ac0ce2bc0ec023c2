import { vitePreprocess } from '@sveltejs/vite-plugin-svelte';

export default {
  preprocess: vitePreprocess(),
  compilerOptions: {
    runes: true,
    // elements are made one by one, never parsed from text: no markup sink, whatever the data
    fragments: 'tree',
  },
};
