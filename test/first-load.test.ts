import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'

/** JavaScript that a document's page may load before anything that is fetched later, gzip, in bytes. */
const most = 180_000

const assets = 'dist/app/assets'

/** The files that these import statically, themselves included, each with its size, compressed. */
function loadedWith(files: readonly string[], sizes = new Map<string, number>()): Map<string, number> {
  for (const file of files) {
    if (sizes.has(file)) continue
    const code = readFileSync(join(assets, file))
    sizes.set(file, gzipSync(code).length)
    const imported = code.toString().matchAll(/(?:import|from)\s*["']\.\/([^"']+\.js)["']/g)
    loadedWith(
      [...imported].map(([, name]) => name ?? ''),
      sizes,
    )
  }
  return sizes
}

test(`[E93] a document’s page loads at most ${most / 1000} KB of JavaScript before it can be written in`, () => {
  const entries = readdirSync(assets).filter((file) => /^(?:index|document-page)-.+\.js$/.test(file))
  expect(entries).toHaveLength(2)
  const sizes = loadedWith(entries)
  expect(sizes.size).toBeGreaterThan(2)
  const total = [...sizes.values()].reduce((sum, size) => sum + size, 0)
  expect(total, JSON.stringify([...sizes])).toBeLessThanOrEqual(most)
})
