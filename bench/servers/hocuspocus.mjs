import { Server } from '@hocuspocus/server'

/** Hocuspocus as it comes. With a folder it stores each document to a file of it, else it keeps them in memory. */
const [port, folder] = process.argv.slice(2)
const extensions = folder === undefined ? [] : [(await import('./file-store.mjs')).fileStore(folder)]
const server = new Server({ address: '127.0.0.1', port: Number(port), quiet: true, extensions })
await server.listen()
process.stdout.write('listening\n')
