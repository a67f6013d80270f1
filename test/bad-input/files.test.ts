import { type BadInput, closed, type Outcome, status } from './bad-input.ts'
import { badInputSuite } from './suite.ts'

/** Requests come from here, so that people's own are not counted with them. */
const door = { localAddress: '127.0.0.2' }

const png = '\x89PNG\r\n\x1a\n'
const html = '<!doctype html><script>fetch("https://evil.example")</script>'

interface Sent {
  readonly body: string
  /** What the head says the length is; default the body's. */
  readonly length?: number
  readonly headers?: readonly string[]
  readonly query?: string
}

const post = (path: string, { body, length, headers = [], query = '' }: Sent) =>
  Buffer.from(
    [
      `POST /api/documents/${path}/files${query} HTTP/1.1`,
      'Host: 127.0.0.1',
      `Content-Length: ${length ?? body.length}`,
      ...headers,
      '',
      body,
    ].join('\r\n'),
    'latin1',
  )

const upload = (id: string, name: string, sent: Sent, outcome: Outcome): BadInput => ({
  id,
  name,
  wire: 'none',
  door,
  bytes: ({ stage }) => post(stage.path, sent),
  outcome,
})

const request = (id: string, name: string, text: string, outcome: Outcome): BadInput => ({
  id,
  name,
  wire: 'none',
  door,
  bytes: () => text,
  outcome,
})

const get = (path: string) => `GET /api/documents/${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`

badInputSuite({
  title: 'files',
  options: [
    ...['--upload-timeout-ms', '1000', '--request-timeout-ms', '1000'],
    ...['--max-uploads-per-address', '100', '--max-uploads', '100', '--max-uploads-per-second', '100000'],
    ...['--max-files-per-document', '5'],
  ],
  cases: [
    upload(
      'B44',
      'a page that says it is a picture',
      { body: html, headers: ['Content-Type: image/png'] },
      status(201),
    ),
    upload('B46', 'a page with the beginning of a picture', { body: png + html }, status(201)),
    upload('B43', 'an SVG with a script', { body: '<svg><script>alert(1)</script></svg>' }, status(201)),
    upload('B46', '11 MB', { body: png, length: 11 * 1024 * 1024 }, status(413)),
    upload('B46', 'nothing', { body: '' }, status(400)),
    {
      ...upload('B46', 'a body that does not come', { body: png, length: 90_000 }, closed(1006)),
      atOnce: 25,
    },
    {
      ...upload('B46', 'a body without end, a byte at a time', { body: png, length: 90_000 }, closed(1006)),
      atOnce: 25,
      trickle: 'x',
    },
    upload('B46', 'a name with a line end', { body: png, query: '?name=a%0d%0aX-Evil:%20yes' }, status(201)),
    request(
      'B46',
      'to a document there is not',
      post('nobody', { body: png }).toString('latin1'),
      status(404),
    ),
    request('B47', 'a file with a way out', get('x/files/..%2f..%2fcoscribe.sqlite'), status(404)),
  ],
})
