const asked = new URLSearchParams(location.search)

/** A Coscribe server: the one on this machine, or `?server=…`. */
export const server = asked.get('server') ?? 'http://localhost:1234'

/** The same, as WebSocket clients want it. */
export const webSocketServer = server.replace(/^http/, 'ws')

/** The document, `?document=…`. */
export const documentName = asked.get('document') ?? 'example'

/** Who you are, `?name=…`. */
export const name = asked.get('name') ?? 'Ada'
