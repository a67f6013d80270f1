import { BlockList, isIP } from 'node:net'

/** The proxies whose word about where a request comes from is taken. */
export interface Proxies {
  has(address: string): boolean
}

/** Reads addresses and networks (`10.0.0.0/8`). The error is the first entry that is neither. */
export function parseProxies(entries: readonly string[]): Proxies | { readonly error: string } {
  const list = new BlockList()
  for (const entry of entries) {
    const parts = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(entry)
    const address = parts?.[1] ?? ''
    const family = familyOf(address)
    const bits = family === 'ipv4' ? 32 : 128
    const prefix = Number(parts?.[2] ?? bits)
    if (family === null || prefix > bits) return { error: entry }
    list.addSubnet(address, prefix, family)
  }
  return {
    has: (address) => {
      const family = familyOf(address)
      return family !== null && list.check(address, family)
    },
  }
}

/**
 * Where a request really comes from: the socket's other end or, when that is a trusted proxy, the rightmost address in
 * `X-Forwarded-For` that is none. What stands left of it anybody could have written. An entry that is no address ends
 * the search: then it is the last proxy that counts. No other header is ever believed.
 */
export function clientAddress(peer: string, forwardedFor: string | undefined, proxies: Proxies): string {
  let address = plainAddress(peer)
  if (forwardedFor === undefined) return address
  for (const entry of forwardedFor.split(',').reverse()) {
    if (!proxies.has(address)) return address
    const before = plainAddress(withoutPort(entry.trim()))
    if (isIP(before) === 0) return address
    address = before
  }
  return address
}

/**
 * What counts as one address: an IPv4 address, or the /64 network of an IPv6 one, because every household has 2⁶⁴ of
 * those.
 */
export function addressKey(address: string): string {
  if (isIP(address) !== 6) return address
  // Dotted numbers at the end stand for the last two groups.
  const [head = '', tail] = address
    .replace(/\d+\.\d+\.\d+\.\d+/, '0:0')
    .toLowerCase()
    .split('::')
  const groups = (part: string | undefined) => (part === undefined || part === '' ? [] : part.split(':'))
  const [before, after] = [groups(head), groups(tail)]
  const zeros = Array<string>(8 - before.length - after.length).fill('0')
  const network = [...before, ...zeros, ...after].slice(0, 4)
  return `${network.map((group) => parseInt(group, 16).toString(16)).join(':')}::/64`
}

function familyOf(address: string): 'ipv4' | 'ipv6' | null {
  const version = isIP(address)
  return version === 4 ? 'ipv4' : version === 6 ? 'ipv6' : null
}

/** The address without what a socket adds to it: a socket that listens on both families writes IPv4 addresses as IPv6. */
export function plainAddress(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '')
}

function withoutPort(entry: string): string {
  return /^\[(.+)\](?::\d+)?$/.exec(entry)?.[1] ?? entry.replace(/^(\d+\.\d+\.\d+\.\d+):\d+$/, '$1')
}
