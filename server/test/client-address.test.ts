import { expect, test } from 'vitest'
import { addressKey, clientAddress, parseProxies } from '../client-address.ts'

function proxies(...entries: string[]) {
  const parsed = parseProxies(entries)
  if ('error' in parsed) throw new Error(parsed.error)
  return parsed
}

test('[L5] without trusted proxies the socket says where a client is, whatever its headers say', () => {
  for (const forged of [undefined, '', '1.2.3.4', '1.2.3.4, 127.0.0.1', '::1', 'x'.repeat(10_000)])
    expect(clientAddress('9.9.9.9', forged, proxies())).toBe('9.9.9.9')
})

test.each([
  ['a client behind one proxy', '10.0.0.1', '1.2.3.4', '1.2.3.4'],
  [
    'what it forged stands left of what the proxy wrote',
    '10.0.0.1',
    '6.6.6.6, 127.0.0.1, 1.2.3.4',
    '1.2.3.4',
  ],
  ['a chain of proxies', '10.0.0.1', '6.6.6.6, 1.2.3.4, 10.9.9.9, ::1', '1.2.3.4'],
  ['a forged proxy behind a real client', '10.0.0.1', '6.6.6.6, 10.3.3.3, 1.2.3.4', '1.2.3.4'],
  ['only proxies', '10.0.0.1', '10.0.0.3,10.0.0.2', '10.0.0.3'],
  ['a proxy that says nothing', '10.0.0.1', undefined, '10.0.0.1'],
  ['a proxy that says nonsense', '10.0.0.1', '1.2.3.4, unknown', '10.0.0.1'],
  ['an empty entry', '10.0.0.1', '1.2.3.4, ', '10.0.0.1'],
  ['a port', '10.0.0.1', '1.2.3.4:5678', '1.2.3.4'],
  ['an IPv6 address with a port', '::1', '[2001:db8::7]:443', '2001:db8::7'],
  ['a proxy on a socket for both families', '::ffff:10.0.0.1', '1.2.3.4', '1.2.3.4'],
  ['a client as such a proxy writes it', '10.0.0.1', '::ffff:1.2.3.4', '1.2.3.4'],
  ['somebody who is no proxy', '11.0.0.1', '1.2.3.4', '11.0.0.1'],
  ['nobody', '', '1.2.3.4', ''],
])('[L5] %s', (_what, peer, forwarded, expected) => {
  expect(clientAddress(peer, forwarded, proxies('10.0.0.0/8', '::1'))).toBe(expected)
})

test('[L5] every home counts as one address, however many of IPv6 it has', () => {
  const same = [
    '2001:db8:1:2::1',
    '2001:0DB8:1:2:ffff:ffff:ffff:ffff',
    '2001:db8:1:2:0:0:1.2.3.4',
    '2001:db8:1:2::',
  ]
  expect(new Set(same.map(addressKey))).toEqual(new Set(['2001:db8:1:2::/64']))
  const others = [
    '2001:db8:1:3::1',
    '2001:db8::1',
    '::1',
    '::',
    'fe80::1%eth0',
    '1::2:3:4:5:6:7',
    '::2:3:4:5:6:7:8',
  ]
  expect(new Set(others.map(addressKey)).size).toBe(6)
  expect(addressKey('::2:3:4:5:6:7:8')).toBe('0:2:3:4::/64')
  expect(addressKey('64:ff9b::192.0.2.1')).toBe('64:ff9b:0:0::/64')
  expect(['1.2.3.4', '', 'x'].map(addressKey)).toEqual(['1.2.3.4', '', 'x'])
})
