import { describe, expect, test } from 'vitest'
import { isLoopbackHost, refusalOfOrigin } from '../origin.ts'

test.each([
  'localhost', 'localhost:1234', '127.0.0.1', '127.0.0.1:80', '127.1.2.3:1234', '[::1]', '[::1]:1234', '::1',
])('[A1] %s means this machine', (host) => expect(isLoopbackHost(host)).toBe(true)) // prettier-ignore

test.each([
  '', '0.0.0.0', '::', '[::]:1234', '10.0.0.1', '192.168.1.5:1234', 'example.com', 'localhost.example.com',
  'notlocalhost', '127.0.0.1.example.com', '127.0.0.1.nip.io:1234', '1270.0.0.1', '127.0.0', 'localhost@example.com',
  'example.com:127.0.0.1', '[::2]', '::ffff:10.0.0.1', 'localhost:', ' localhost',
])('[A1] %j does not', (host) => expect(isLoopbackHost(host)).toBe(false)) // prettier-ignore

const loopback = { isLoopback: true, allowed: ['https://docs.example.com', 'http://proxy.test:8080'] }
const beyond = { isLoopback: false, allowed: ['https://docs.example.com'] }

describe('[A1] a server on loopback answers only to names of this machine and to allowed ones', () => {
  test.each<[string | undefined, boolean]>([
    ['localhost:1234', true],
    ['127.0.0.1:1234', true],
    ['[::1]:1234', true],
    ['docs.example.com', true],
    ['proxy.test:8080', true],
    ['proxy.test', false],
    ['docs.example.com:444', false],
    // A stranger's name that was made to point at 127.0.0.1.
    ['rebound.attacker.test:1234', false],
    ['localhost.attacker.test:1234', false],
    ['127.0.0.1.attacker.test', false],
    ['192.168.1.5:1234', false],
    ['', false],
    [undefined, false],
  ])('Host: %s', (host, isAnswered) => {
    expect(refusalOfOrigin({ host }, loopback) === null).toBe(isAnswered)
    // The page that was loaded from that name sends it as its origin, too.
    const origin = `http://${host ?? ''}`
    if (host !== undefined && !isAnswered) expect(refusalOfOrigin({ host, origin }, loopback)).not.toBeNull()
  })
})

test('[A1] beyond loopback the password protects, so any host name is answered', () => {
  expect(refusalOfOrigin({ host: 'anything.test' }, beyond)).toBeNull()
})

describe('[A5] a page may connect from', () => {
  test.each<[string, string, typeof loopback, boolean]>([
    ['the server itself', 'http://localhost:1234', loopback, true],
    ['another port of this machine', 'http://localhost:5173', loopback, true],
    ['another name of this machine', 'http://127.0.0.1:9', loopback, true],
    ['this machine over IPv6', 'http://[::1]:5173', loopback, true],
    ['an allowed origin', 'https://docs.example.com', loopback, true],
    ['an allowed name over plain HTTP', 'http://docs.example.com', loopback, false],
    ['a subdomain of an allowed one', 'https://evil.docs.example.com', loopback, false],
    ['a name that begins like an allowed one', 'https://docs.example.com.evil.test', loopback, false],
    ['an allowed name on another port', 'https://docs.example.com:444', loopback, false],
    ['a stranger', 'https://evil.test', loopback, false],
    ['a sandboxed frame or a file', 'null', loopback, false],
    ['a file', 'file://', loopback, false],
    ['an extension', 'chrome-extension://abcdef', loopback, false],
    ['nonsense', 'no origin', loopback, false],
    ['an empty origin', '', loopback, false],
    ['a name with this machine in front', 'http://localhost:1234@evil.test', loopback, false],
    ['a name that begins like this machine', 'http://localhost.evil.test', loopback, false],
    ['this machine, to a server beyond loopback', 'http://127.0.0.1:5173', beyond, false],
    ['an allowed origin, beyond loopback', 'https://docs.example.com', beyond, true],
    ['a stranger, beyond loopback', 'https://evil.test', beyond, false],
  ])('%s', (_who, origin, rules, mayConnect) => {
    expect(refusalOfOrigin({ host: 'localhost:1234', origin }, rules) === null).toBe(
      origin === 'http://localhost:1234' || mayConnect,
    )
  })

  test('its own origin, whatever the server is called and whatever ends TLS in front of it', () => {
    for (const host of ['team.example.org', '192.168.1.5:1234', '[fe80::1]:1234'])
      for (const scheme of ['http', 'https'])
        expect(refusalOfOrigin({ host, origin: `${scheme}://${host}` }, beyond)).toBeNull()
  })

  test('not from the same name on another port', () => {
    expect(
      refusalOfOrigin({ host: 'team.test:1234', origin: 'http://team.test:1235' }, beyond),
    ).not.toBeNull()
    expect(refusalOfOrigin({ host: 'team.test:1234', origin: 'http://team.test' }, beyond)).not.toBeNull()
  })
})

test('[A5] programs that are no browsers send no origin and are let on', () => {
  expect(refusalOfOrigin({ host: 'localhost:1234' }, loopback)).toBeNull()
  expect(refusalOfOrigin({ host: 'team.test' }, beyond)).toBeNull()
})
