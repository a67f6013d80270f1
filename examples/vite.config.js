import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vite'

const names = ['plain', 'react', 'vue', 'tiptap', 'blocknote', 'codemirror']

export default defineConfig({
  plugins: [vue()],
  oxc: { jsx: { runtime: 'automatic' } },
  // The product is linked here, not installed: what must exist once on a page is taken from this folder.
  resolve: { dedupe: ['yjs', 'y-protocols', 'lib0', 'react', 'react-dom'] },
  build: {
    outDir: 'dist',
    target: 'es2022',
    chunkSizeWarningLimit: 4000,
    rolldownOptions: { input: names.map((name) => `${name}/index.html`) },
  },
})
