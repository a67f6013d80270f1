/** The head of a WebSocket handshake for this path, with more headers if need be. */
export function handshake(path: string, ...headers: readonly string[]): string {
  const always = [
    'Host: 127.0.0.1',
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  ]
  return [`GET ${path} HTTP/1.1`, ...always, ...headers, '', ''].join('\r\n')
}
