import { readFileSync } from 'node:fs'
import { defineConfig, type Plugin, type UserConfig } from 'vite'

/** Leaves of the emoji data what the menu shows and searches: a third of its size. */
const fewerEmoji: Plugin = {
  name: 'fewer-emoji',
  enforce: 'pre',
  load(id) {
    if (!id.endsWith('emojibase-data/en/compact.json')) return null
    const keep = ['unicode', 'label', 'tags', 'order', 'group']
    return JSON.stringify(JSON.parse(readFileSync(id, 'utf8')), (key, value: unknown) =>
      key === '' || /^\d+$/.test(key) || keep.includes(key) ? value : undefined,
    )
  },
}

/** Names in the page what it fetches later, too: the service worker keeps all of it for the time without a server. */
const namesItsFiles: Plugin = {
  name: 'names-its-files',
  transformIndexHtml: {
    order: 'post',
    handler: (page, { bundle }) => {
      const later = Object.keys(bundle ?? {}).filter(
        (file) => /\.(?:js|css|woff2)$/.test(file) && !page.includes(file),
      )
      const content = later.map((file) => `/${file}`).join(' ')
      return [{ tag: 'meta', attrs: { name: 'coscribe-later', content }, injectTo: 'head' }]
    },
  },
}

/** What every page of a document loads at once: in one file it is smaller than in a dozen. */
const always =
  /prosemirror-(?:view|model|state|transform|inputrules|keymap|commands)|node_modules\/(?:yjs|lib0|y-|orderedmap|rope|w3c)|editor\/(?:binding|sync|schema|address|unknown-names)|ui\/(?:chrome|presence|text)|plugins\/uploads|commands\/(?:blocks|callouts|colors|images|insert|insert-table)\.ts/

/** Inlined files would be data: addresses, which the Content-Security-Policy forbids. */
const common = {
  target: 'es2022',
  emptyOutDir: true,
  assetsInlineLimit: 0,
  modulePreload: { polyfill: false },
  chunkSizeWarningLimit: 640,
} satisfies UserConfig['build']

/**
 * Builds the web app, and with `--mode embed` the script that makes editors of other people's pages. `npm run dev` serves
 * the app from sources beside a server on its usual port.
 */
export default defineConfig(({ command, mode }) => (mode === 'embed' ? embed : app(command)))

const app = (command: 'build' | 'serve'): UserConfig => ({
  root: 'editor/app',
  plugins: [fewerEmoji, namesItsFiles],
  define: {
    // In development the pages come from Vite and the documents from the server.
    __SERVER__: JSON.stringify(command === 'serve' ? 'ws://127.0.0.1:1234' : ''),
  },
  build: {
    ...common,
    outDir: '../../dist/app',
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: 'base', test: always }] } } },
  },
  server: { host: '127.0.0.1', proxy: { '^/api/': 'http://127.0.0.1:1234' } },
})

const embed: UserConfig = {
  root: 'editor',
  plugins: [fewerEmoji],
  // Relative, since the page it runs in is somebody else's.
  base: './',
  publicDir: false,
  mode: 'production',
  worker: { rolldownOptions: { output: { entryFileNames: 'embed/[name]-[hash].js' } } },
  build: {
    ...common,
    outDir: '../dist/embed',
    cssCodeSplit: false,
    // For older ones `light-dark()` is rewritten so that it follows a `color-scheme` of the same sheet, not the page's.
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    rolldownOptions: {
      input: 'editor/embed.ts',
      preserveEntrySignatures: 'strict',
      output: {
        entryFileNames: 'editor.js',
        chunkFileNames: 'embed/[name]-[hash].js',
        assetFileNames: ({ names }) =>
          names.some((name) => name.endsWith('.css')) ? 'editor.css' : 'embed/[name]-[hash][extname]',
      },
    },
  },
}
