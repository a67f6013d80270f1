import { expect, test } from 'vitest'
import { type Config, helpText, parseConfig } from '../config.ts'
import { CoscribeError } from '../errors.ts'
import { defaultLimits, type Limits } from '../limits.ts'

const read = (line: string, env: Record<string, string> = {}): Config => {
  const config = parseConfig(line === '' ? [] : line.split(' '), env)
  if (config === 'help') throw new Error('asked for help')
  return config
}

const problemWith = (line: string, env: Record<string, string> = {}): string => {
  try {
    read(line, env)
  } catch (error) {
    expect(error).toBeInstanceOf(CoscribeError)
    expect(error).toMatchObject({ code: 'config' })
    return (error as Error).message
  }
  throw new Error(`accepted: ${line}`)
}

test('[A1] without options the server listens on this machine only', () => {
  expect(read('')).toEqual({
    host: '127.0.0.1',
    port: 1234,
    data: './data',
    password: null,
    allowOrigin: [],
    trustedProxies: [],
    frameAncestors: ["'self'"],
    compression: false,
    logLevel: 'info',
    stopTimeoutMs: 8000,
    limits: defaultLimits,
  })
})

test('[C1] every limit is an option with the default that limits.ts gives', () => {
  for (const name of Object.keys(defaultLimits) as (keyof Limits)[]) {
    const flag = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
    expect(helpText()).toContain(`--${flag} `)
    // The one limit that another one forbids to be small.
    const some = name === 'maxFrameBytes' ? defaultLimits.maxFrameBytes + 77 : 77
    expect(read(`--${flag} ${some}`).limits).toEqual({ ...defaultLimits, [name]: some })
    const variable = `COSCRIBE_${flag.replaceAll('-', '_').toUpperCase()}`
    expect(read('', { [variable]: `${some + 1}` }).limits[name]).toBe(some + 1)
    const zero = name === 'historyDays' ? [] : ['0']
    for (const bad of [...zero, '-1', '1.5', '1e3', 'many', '0x10', '9007199254740993'])
      expect(problemWith(`--${flag}=${bad}`)).toContain(`--${flag}`)
  }
})

test('--help wins over everything, and names every option and its variable', () => {
  expect(parseConfig(['--help'], {})).toBe('help')
  expect(parseConfig(['-h', '--port', 'wrong'], {})).toBe('help')
  for (const flag of ['host', 'port', 'data', 'password', 'allow-origin', 'log-level', 'help'])
    expect(helpText()).toContain(`--${flag} `)
  expect(helpText()).toContain('COSCRIBE_DATA')
  expect(
    Math.max(
      ...helpText()
        .split('\n')
        .map((line) => line.length),
    ),
  ).toBeLessThan(130)
})

test('the command line wins over the environment, and that over the defaults', () => {
  const env = { COSCRIBE_PORT: '2000', COSCRIBE_HOST: '0.0.0.0', COSCRIBE_DATA: '/from/env' }
  expect(read('', env)).toMatchObject({ port: 2000, host: '0.0.0.0', data: '/from/env' })
  expect(read('--port 3000 --data here', env)).toMatchObject({ port: 3000, host: '0.0.0.0', data: 'here' })
})

test('PORT is understood, and COSCRIBE_PORT wins over it', () => {
  expect(read('', { PORT: '4000' }).port).toBe(4000)
  expect(read('', { PORT: '4000', COSCRIBE_PORT: '5000' }).port).toBe(5000)
  expect(read('--port 6000', { PORT: '4000', COSCRIBE_PORT: '5000' }).port).toBe(6000)
})

test.each(['-1', '65536', 'http', '80.5', '', '1 2'])('port %j is refused with what it should be', (port) => {
  expect(problemWith('', { PORT: port })).toMatch(
    /--port \(or COSCRIBE_PORT\) is ".*"; it must be a .*number/,
  )
})

test('port 0 takes any free one', () => expect(read('--port 0').port).toBe(0))

test.each(['--prot 1', '--port', 'document.txt', '--port=1 extra', '--'.concat('__proto__=1')])(
  '%j is refused, and --help pointed at',
  (line) => expect(problemWith(line)).toContain('--help'),
)

test('[A2] an empty password is refused rather than taken for none', () => {
  expect(problemWith('', { COSCRIBE_PASSWORD: '' })).toContain('--password')
  expect(problemWith('--password=')).toContain('--password')
  expect(read('--password=swordfish').password).toBe('swordfish')
})

test.each(['--host=', '--data=', '--log-level=loud', '--log-level='])('%s is refused', (line) => {
  expect(problemWith(line)).toContain(line.split('=')[0])
})

test('[A5] allowed origins are kept as browsers write them', () => {
  expect(read('--allow-origin https://A.example.com:443/path,http://b.test:80').allowOrigin).toEqual([
    'https://a.example.com',
    'http://b.test',
  ])
  expect(read('--allow-origin http://b.test:8080,').allowOrigin).toEqual(['http://b.test:8080'])
})

test.each(['example.com', '*', 'null', 'file:///tmp', 'localhost:3000'])('[A5] %j is no origin', (origin) => {
  expect(problemWith(`--allow-origin ${origin}`)).toContain('https://docs.example.com')
})

test('[L1] a largest message that can not carry the largest document is refused, with what to do', () => {
  const least = defaultLimits.maxDocumentBytes + 64 * 1024
  expect(read(`--max-frame-bytes ${least}`).limits.maxFrameBytes).toBe(least)
  for (const line of [`--max-frame-bytes ${least - 1}`, '--max-document-bytes 67108864'])
    expect(problemWith(line)).toMatch(/make maxFrameBytes at least \d+, or maxDocumentBytes smaller/)
  expect(read('--max-document-bytes 1000 --max-frame-bytes 66536').limits.maxDocumentBytes).toBe(1000)
})

test('[L5] trusted proxies are addresses and networks', () => {
  const { trustedProxies } = read('--trusted-proxies 10.0.0.0/8,::1,192.0.2.7')
  expect(trustedProxies).toEqual(['10.0.0.0/8', '::1', '192.0.2.7'])
  for (const bad of [
    'proxy.test',
    '10.0.0.0/33',
    '10.0.0.0/',
    '::1/129',
    '1.2.3',
    '*',
    '10.0.0.0/8/8',
    '10.0.0.0/1e1',
  ])
    expect(problemWith('', { COSCRIBE_TRUSTED_PROXIES: `::1,${bad}` })).toContain(`"${bad}"`)
})

test('[L9] who may frame the pages is written as the policy wants it', () => {
  expect(read('--frame-ancestors none').frameAncestors).toEqual(["'none'"])
  expect(read('--frame-ancestors self,https://A.test/x').frameAncestors).toEqual(["'self'", 'https://a.test'])
  for (const bad of ['*', 'none,self', "'self'", 'a.test', ',', "https:;script-src 'unsafe-inline'"])
    expect(problemWith('', { COSCRIBE_FRAME_ANCESTORS: bad })).toContain('--frame-ancestors')
})

test('[L10] compression is a switch, off unless asked for', () => {
  expect(read('--compression').compression).toBe(true)
  for (const [value, isOn] of [
    ['yes', true],
    ['1', true],
    ['true', true],
    ['no', false],
    ['0', false],
  ] as const)
    expect(read('', { COSCRIBE_COMPRESSION: value }).compression).toBe(isOn)
  expect(problemWith('', { COSCRIBE_COMPRESSION: 'maybe' })).toContain('yes or no')
  expect(problemWith('', { COSCRIBE_COMPRESSION: '' })).toContain('yes or no')
})
