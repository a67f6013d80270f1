import { expect } from 'vitest'
import * as Y from 'yjs'
import { step2Frame } from '../../server/test/wire-frames.ts'
import { type BadInput, closed, ignored, type Outcome, status } from './bad-input.ts'
import { enter, ours, readDocument, soon } from './guest.ts'
import { handshake } from '../handshake.ts'
import { badInputSuite } from './suite.ts'

/** Requests come from here, so that people's own are not counted with them. */
const door = { localAddress: '127.0.0.2' }

const request = (id: string, name: string, text: string, outcome: Outcome): BadInput => ({
  id,
  name,
  wire: 'none',
  door,
  bytes: () => text,
  outcome,
})

/** The connection ends; whether 408 was said before is left to Node. */
const cutOff = closed(1006)

/** A name in a WebSocket address, as it stands in the request line. */
const badName = (name: string, path: string) => request('B47', name, handshake(path), closed(4404))

const goodName = (name: string, path: string): BadInput => ({
  id: 'B47',
  name,
  wire: 'each',
  door: { ...door, path },
  bytes: () => '',
  outcome: ignored,
})

const http = (head: string, ...headers: readonly string[]) =>
  [head, 'Host: 127.0.0.1', ...headers, '', ''].join('\r\n')

const composed = encodeURIComponent('caf\u00e9')
const decomposed = encodeURIComponent('cafe\u0301')

badInputSuite({
  title: 'names and requests',
  options: [...['--headers-timeout-ms', '500'], ...['--request-timeout-ms', '1000']],
  cases: [
    {
      ...request('B11', 'half a handshake', handshake('/half').slice(0, 60), cutOff),
      atOnce: 25,
    },
    {
      ...request(
        'B11',
        'a handshake, a byte at a time',
        'GET /slow HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ',
        cutOff,
      ),
      atOnce: 25,
      trickle: 'x',
    },
    {
      ...request(
        'B11',
        'a body that does not come',
        http('POST /api/documents HTTP/1.1', 'Content-Length: 20'),
        cutOff,
      ),
      atOnce: 25,
      trickle: '',
    },
    request(
      'B12',
      '2,000 headers',
      handshake('/many', ...Array.from({ length: 2000 }, (_, i) => `X-${i}: a value`)),
      status(431, 400),
    ),
    request(
      'B12',
      '500 short headers',
      handshake('/many', ...Array.from({ length: 500 }, (_, i) => `X-${i}: 1`)),
      status(431, 400),
    ),
    request(
      'B13',
      '32 KB of blanks in a subprotocol',
      handshake('/blanks', `Sec-WebSocket-Protocol: a${' '.repeat(32_768)}b`),
      status(431, 400),
    ),
    request(
      'B13',
      '15 KB of blanks in a subprotocol',
      handshake('/blanks', `Sec-WebSocket-Protocol: a${' '.repeat(15_000)}b`),
      status(400),
    ),
    request('B12', 'no HTTP at all', 'HELO mail.example.org\r\n\r\n', status(400)),
    request('B12', 'a key that is none', handshake('/key').replace(/Key: .*/, 'Key: short'), status(400)),
    badName('a path out of the folder', '/../../etc/passwd'),
    badName('the same, encoded', '/%2e%2e%2f%2e%2e%2fetc%2fpasswd'),
    badName('the same, as on Windows', '/..%5c..%5cwindows%5cwin.ini'),
    badName('two dots', '/%2e%2e'),
    badName('one dot', '/.'),
    badName('dots inside', '/a/../b'),
    badName('nothing', '/'),
    badName('a NUL', '/name%00.md'),
    badName('a line end', '/name%0d%0aX-Header:%20yes'),
    badName('10 KB', `/${'x'.repeat(10_000)}`),
    badName('bytes that are no UTF-8', '/%ff%fe'),
    badName('half a character', '/%ed%a0%80'),
    badName('half an escape', '/%4'),
    goodName('a device of Windows', 'CON'),
    goodName('a blank at the end', 'blank%20'),
    goodName('an emoji', encodeURIComponent('📝')),
    {
      ...goodName('the same letters in two forms', decomposed),
      before: async ({ door: here }) => {
        const doc = new Y.Doc()
        doc.getText('text').insert(0, 'one document')
        const socket = await enter({ ...here, path: composed }, 'coscribe.1')
        socket.send(step2Frame(Y.encodeStateAsUpdate(doc)))
        await soon(socket, 'saving', () => ours(socket).some(({ type }) => type === 'saved'))
        return () => socket.destroy()
      },
      after: async ({ door: here }) => {
        const doc = await readDocument({ ...here, path: decomposed })
        expect(doc.getText('text').toJSON()).toBe('one document')
      },
    },
    request(
      'B47',
      'a name with a way out of the API',
      http('GET /api/documents/..%2f..%2fetc%2fpasswd HTTP/1.1'),
      status(400),
    ),
    request('B63', 'a page of another site', handshake('/page', 'Origin: https://evil.example'), status(403)),
    request(
      'B63',
      'a name that was made to point here',
      handshake('/page').replace('Host: 127.0.0.1', 'Host: evil.example'),
      status(403),
    ),
    {
      ...request(
        'B12',
        'a body of 20 MB',
        http('POST /api/documents HTTP/1.1', 'Content-Length: 20971520', 'Content-Type: application/json'),
        status(413),
      ),
      // A request that was answered before its body came is held for a moment, in case that comes.
      addsBytes: 16 * 1024,
    },
  ],
})
