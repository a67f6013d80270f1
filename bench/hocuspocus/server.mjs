import { Database } from '@hocuspocus/extension-database'
import { Server } from '@hocuspocus/server'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Hocuspocus as it comes, on a free port of this machine, storing each document to a file of the folder. */
const [folder] = process.argv.slice(2)
const fileOf = (documentName) => join(folder, encodeURIComponent(documentName))

const database = new Database({
  fetch: ({ documentName }) =>
    readFile(fileOf(documentName)).catch((error) => {
      if (error.code !== 'ENOENT') throw error
      return null
    }),
  // Renamed into place, so that a kill in the middle of a store is not what loses anything.
  store: async ({ documentName, state }) => {
    await writeFile(`${fileOf(documentName)}.new`, state)
    await rename(`${fileOf(documentName)}.new`, fileOf(documentName))
  },
})
const server = new Server({ address: '127.0.0.1', port: 0, quiet: true, extensions: [database] })

// Whoever started this may be killed, too; then nobody is left to end it.
process.stdin.resume().on('end', () => process.exit())
await server.listen()
const { debounce, maxDebounce } = server.hocuspocus.configuration
process.stdout.write(`${JSON.stringify({ port: server.address.port, debounce, maxDebounce })}\n`)
