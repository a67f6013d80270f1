import { Server } from '@hocuspocus/server'
import { fileStore } from '../servers/file-store.mjs'

/** Hocuspocus as it comes, on a free port of this machine, storing each document to a file of the folder. */
const [folder] = process.argv.slice(2)
const server = new Server({ address: '127.0.0.1', port: 0, quiet: true, extensions: [fileStore(folder)] })

// Whoever started this may be killed, too; then nobody is left to end it.
process.stdin.resume().on('end', () => process.exit())
await server.listen()
const { debounce, maxDebounce } = server.hocuspocus.configuration
process.stdout.write(`${JSON.stringify({ port: server.address.port, debounce, maxDebounce })}\n`)
