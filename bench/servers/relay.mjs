import { WebSocketServer } from 'ws'

/** The floor: every message goes to the others of its room, and nothing else is done at all. */
const rooms = new Map()
const server = new WebSocketServer({ host: '127.0.0.1', port: Number(process.argv[2]) })
server.on('connection', (socket, { url }) => {
  const room = rooms.get(url) ?? new Set()
  rooms.set(url, room.add(socket))
  socket.on('message', (message) => {
    for (const other of room) if (other !== socket) other.send(message)
  })
  socket.on('close', () => room.delete(socket))
})
server.on('listening', () => process.stdout.write('listening\n'))
