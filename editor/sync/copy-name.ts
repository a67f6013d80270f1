/**
 * The name of the database that keeps one document for one person. Parts are told apart by JSON's quotes, so no choice
 * of names makes two people, servers or documents share one.
 */
export function copyName(key: string, server: string, document: string): string {
  const address = new URL(server.replace(/^ws/, 'http'))
  return `coscribe:${JSON.stringify([key, `${address.host}${address.pathname.replace(/\/+$/, '')}`, document.normalize('NFC')])}`
}
