/**
 * Which pages may talk to this server. A browser lets any page open a WebSocket to any server and says where the page
 * is from in `Origin`; nothing but this check stands between a stranger's page and the documents of a visitor.
 */
export interface OriginRules {
  /** The server listens on this machine only, and so asks for no password. */
  readonly isLoopback: boolean
  /** Other origins that may connect, such as `https://docs.example.com`. */
  readonly allowed: readonly string[]
}

/** Null when the request may go on, otherwise why not, for the log and the answer. */
export function refusalOfOrigin(
  headers: { readonly origin?: string | undefined; readonly host?: string | undefined },
  rules: OriginRules,
): string | null {
  const host = headers.host ?? ''
  if (rules.isLoopback && !isLoopbackHost(host) && !isHostOfAllowed(host, rules.allowed)) {
    // Somebody's name that points to 127.0.0.1 (DNS rebinding), or a proxy that --allow-origin does not name.
    return 'this server answers to localhost only; name your proxy with --allow-origin'
  }
  const { origin } = headers
  if (origin === undefined) return null
  if (rules.allowed.includes(origin)) return null
  if (!URL.canParse(origin)) return 'the origin is not allowed'
  const from = new URL(origin)
  if (from.host === host) return null
  if (rules.isLoopback && isLoopbackHost(from.host)) return null
  return 'the origin is not allowed; allow it with --allow-origin'
}

/** True for the names and addresses by which a machine calls itself, with or without a port. */
export function isLoopbackHost(host: string): boolean {
  const name = /^\[(.+)\](?::\d+)?$/.exec(host)?.[1] ?? host.replace(/^([^:]*):\d+$/, '$1')
  return name === 'localhost' || name === '::1' || /^127\.\d+\.\d+\.\d+$/.test(name)
}

function isHostOfAllowed(host: string, allowed: readonly string[]): boolean {
  return allowed.some((origin) => new URL(origin).host === host)
}
