// Finds the Chromium that the end-to-end tests drive; run by itself, it gets one when there is none.
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const names = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome']

/** Path of a Chromium: CHROMIUM_PATH, the system's, or Playwright's own; undefined when there is none. */
export function findChromium() {
  const given = process.env['CHROMIUM_PATH']
  if (given) {
    if (!existsSync(given)) throw new Error(`CHROMIUM_PATH is "${given}", and there is no such file.`)
    return given
  }
  for (const directory of (process.env['PATH'] ?? '').split(delimiter)) {
    for (const name of names) if (existsSync(join(directory, name))) return join(directory, name)
  }
  const own = createRequire(import.meta.url)('@playwright/test').chromium.executablePath()
  return existsSync(own) ? own : undefined
}

/** Root has no sandbox to give; the rest keeps the browser from talking to anybody but the server under test. */
export function chromiumArguments() {
  const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  return [
    ...asRoot,
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ]
}

function getChromium() {
  const isDebianRoot = process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')
  if (isDebianRoot) {
    console.log('No Chromium found: installing the one of this system with apt-get.')
    const options = { stdio: 'inherit', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } }
    spawnSync('apt-get', ['update', '-q'], options)
    spawnSync(
      'apt-get',
      ['install', '-y', '-q', '--no-install-recommends', 'chromium', 'fonts-liberation'],
      options,
    )
  } else {
    console.log("No Chromium found: downloading Playwright's.")
    spawnSync('npx', ['playwright', 'install', 'chromium'], { stdio: 'inherit' })
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (findChromium() === undefined) getChromium()
  const path = findChromium()
  if (path === undefined) {
    console.error('No Chromium could be had. Install one and set CHROMIUM_PATH to its file.')
    process.exit(1)
  }
  console.log(
    `End-to-end tests use ${path} (${execFileSync(path, ['--version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()})`,
  )
}
