import { defineConfig } from 'vite'

/** Builds the web app; `npm run dev` serves it from sources beside a server on its usual port. */
export default defineConfig(({ command }) => ({
  root: 'editor/app',
  define: {
    // In development the pages come from Vite and the documents from the server.
    __SERVER__: JSON.stringify(command === 'serve' ? 'ws://127.0.0.1:1234' : ''),
  },
  build: {
    outDir: '../../dist/app',
    emptyOutDir: true,
    target: 'es2022',
    // Inlined files would be data: addresses, which the Content-Security-Policy forbids.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: { host: '127.0.0.1', proxy: { '^/api/': 'http://127.0.0.1:1234' } },
}))
