import { readdirSync, readFileSync } from 'node:fs'

/** A process and all that it started, as numbers of processes. */
export function processTree(root: number): number[] {
  const childrenOf = new Map<number, number[]>()
  for (const entry of readdirSync('/proc')) {
    const parent = /^\d+$/.test(entry) ? parentOf(Number(entry)) : null
    if (parent !== null) childrenOf.set(parent, [...(childrenOf.get(parent) ?? []), Number(entry)])
  }
  const tree = [root]
  for (const id of tree) tree.push(...(childrenOf.get(id) ?? []))
  return tree
}

/** Milliseconds of CPU that the process and all it started have used so far, every thread of them. */
export function cpuMs(root: number): number {
  return sum(processTree(root).map(cpuMsOfProcess))
}

/** Bytes of memory that the process and all it started hold in RAM. */
export function residentBytes(root: number): number {
  return sum(processTree(root).map((id) => 1024 * numberIn(read(`/proc/${id}/status`), /VmRSS:\s+(\d+)/)))
}

/** To the nanosecond where the kernel keeps such accounts, else to its 10 ms ticks. */
function cpuMsOfProcess(id: number): number {
  const threads = list(`/proc/${id}/task`).map((thread) => read(`/proc/${id}/task/${thread}/schedstat`))
  const exact = sum(threads.map((text) => numberIn(text, /^(\d+)/)))
  return exact > 0 ? exact / 1e6 : ticksOf(id) * 10
}

function ticksOf(id: number): number {
  const fields = fieldsOf(id)
  return Number(fields[11] ?? 0) + Number(fields[12] ?? 0)
}

function parentOf(id: number): number | null {
  const parent = Number(fieldsOf(id)[1] ?? Number.NaN)
  return Number.isNaN(parent) ? null : parent
}

/** What /proc says after the name, which may hold anything. */
function fieldsOf(id: number): string[] {
  return read(`/proc/${id}/stat`)
    .replace(/^.*\) /s, '')
    .split(' ')
}

/** Nothing when the process has ended meanwhile. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

function list(path: string): string[] {
  try {
    return readdirSync(path)
  } catch {
    return []
  }
}

const numberIn = (text: string, pattern: RegExp) => Number(pattern.exec(text)?.[1] ?? 0)
const sum = (numbers: readonly number[]) => numbers.reduce((total, n) => total + n, 0)
