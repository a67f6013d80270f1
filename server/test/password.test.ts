import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { editorAccess } from '../access.ts'
import { Guesses, ownPassword, SharedPassword } from '../password.ts'
import { FakeClock } from './fake-clock.ts'

function scene(perMinute = 10) {
  const clock = new FakeClock()
  return { clock, password: new SharedPassword('swordfish', new Guesses(clock, perMinute)) }
}

test('[A2] the password lets in, and nothing that resembles it', () => {
  const { password } = scene(100)
  expect(password.check('swordfish', 'a')).toEqual(editorAccess)
  for (const guess of ['', 'swordfis', 'swordfishy', 'Swordfish', ' swordfish', 'swordfish\n', 'swordfish\0'])
    expect(password.check(guess, 'a')).toBe('wrong')
})

test('[A2] a session is not the password, is the same after a restart, and another one for another password', () => {
  const [{ password }, again] = [scene(), scene()]
  expect(password.session).not.toContain('swordfish')
  expect(again.password.checkSession(password.session)).toEqual(editorAccess)
  const other = new SharedPassword('tuna', new Guesses(new FakeClock(), 10))
  expect(other.checkSession(password.session)).toBeNull()
  for (const session of ['', 'swordfish', `${password.session}x`, password.session.slice(1)])
    expect(password.checkSession(session)).toBeNull()
  expect(password.check(password.session, 'a')).toBe('wrong')
})

test('[A3] an invite link carries the password behind the #, whatever is in it', () => {
  const odd = 'a b&c=d#e%f/ü'
  const { linkPart } = new SharedPassword(odd, new Guesses(new FakeClock(), 10))
  const link = new URL(`http://docs.test/d/name${linkPart}`)
  expect(link.search).toBe('')
  expect(new URLSearchParams(link.hash.slice(1)).get('key')).toBe(odd)
})

test('[A4] after ten wrong passwords an address is not listened to, not even with the right one', () => {
  const { clock, password } = scene()
  for (let guess = 0; guess < 10; guess++) expect(password.check(`wrong ${guess}`, 'eve')).toBe('wrong')
  expect(password.check('swordfish', 'eve')).toBe('throttled')
  expect(password.check('swordfish', 'ann')).toEqual(editorAccess)
  void clock.advance(59_999)
  expect(password.check('swordfish', 'eve')).toBe('throttled')
  void clock.advance(1)
  expect(password.check('swordfish', 'eve')).toEqual(editorAccess)
})

test('[A4] asking while throttled does not make it last longer', () => {
  const { clock, password } = scene()
  for (let guess = 0; guess < 10; guess++) password.check('wrong', 'eve')
  for (let second = 0; second < 59; second++) {
    void clock.advance(1000)
    expect(password.check('wrong', 'eve')).toBe('throttled')
  }
  void clock.advance(1000)
  expect(password.check('wrong', 'eve')).toBe('wrong')
})

test('[A4] right passwords are not counted', () => {
  const { password } = scene()
  for (let i = 0; i < 100; i++) expect(password.check('swordfish', 'ann')).toEqual(editorAccess)
})

test('[A4][C1] guesses from many addresses do not fill the memory: the oldest are forgotten', () => {
  const guesses = new Guesses(new FakeClock(), 1)
  guesses.add('first')
  for (let address = 0; address < 9_999; address++) guesses.add(`address ${address}`)
  expect(guesses.areTooMany('first')).toBe(true)
  guesses.add('one more')
  expect([guesses.areTooMany('first'), guesses.areTooMany('one more')]).toEqual([false, true])
})

let folder: string
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'coscribe-password-'))))
afterEach(() => rm(folder, { recursive: true }))

test('[A2] a made-up password has 128 random bits, is kept, and only its owner can read it', async () => {
  const data = join(folder, 'new', 'data')
  const password = await ownPassword(data)
  expect(Buffer.from(password, 'base64url')).toHaveLength(16)
  expect(await ownPassword(data)).toBe(password)
  expect(await ownPassword(join(folder, 'other'))).not.toBe(password)
  expect((await stat(join(data, 'password'))).mode & 0o777).toBe(0o600)
  expect((await stat(data)).mode & 0o777).toBe(0o700)
})

test('[A2] a password somebody wrote into the file counts', async () => {
  await writeFile(join(folder, 'password'), 'chosen by hand\n')
  expect(await ownPassword(folder)).toBe('chosen by hand')
})

test('[A2] an empty password file does not open the door', async () => {
  await writeFile(join(folder, 'password'), '\n')
  const outcome = await ownPassword(folder).catch(() => 'refused')
  expect(outcome).not.toBe('')
  expect(await readFile(join(folder, 'password'), 'utf8')).toBeDefined()
})
