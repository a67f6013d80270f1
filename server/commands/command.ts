import { parseArgs } from 'node:util'
import type { StorageReader, Verification } from '../../persistence/index.ts'
import { CoscribeError } from '../errors.ts'

/** One word of the command line that does its work and ends. */
export interface Command<Folder extends string = string> {
  readonly name: string
  /** One line for the list of commands. */
  readonly summary: string
  /** What --help adds to it. */
  readonly details: readonly string[]
  /** The folders it wants to know, each an option of its own. */
  readonly folders: Readonly<Record<Folder, string>>
  /** Resolves with the exit code. */
  run(folders: Readonly<Record<Folder, string>>, surroundings: Surroundings): Promise<ExitCode>
}

/** `failed` means that it could not do what it was asked to, and says nothing about the documents. */
export const exitCodes = { good: 0, damaged: 1, failed: 2 } as const
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

/** What a command needs of the world. */
export interface Surroundings {
  readonly print: (line: string) => void
  /** Opens the store of a folder for reading. */
  readonly read: (directory: string) => Promise<StorageReader>
}

/**
 * Runs the command with what stands behind its name. `--data` can also stand in the environment, as for the server.
 * Rejects with a `CoscribeError` that says which option is wrong.
 */
export async function runCommand<Folder extends string>(
  command: Command<Folder>,
  argv: readonly string[],
  { env, ...surroundings }: Surroundings & { readonly env: Readonly<Record<string, string | undefined>> },
): Promise<ExitCode> {
  const given = parseFolders(command, argv)
  if (given === 'help') {
    surroundings.print(helpText(command))
    return exitCodes.good
  }
  const values: Record<string, string> = { data: env['COSCRIBE_DATA'] ?? './data', ...given }
  for (const folder of Object.keys(command.folders)) {
    if (!values[folder])
      throw new CoscribeError('config', `--${folder} is missing. Try ${command.name} --help.`)
  }
  return command.run(values as Record<Folder, string>, surroundings)
}

function parseFolders(command: Command, argv: readonly string[]): Record<string, string> | 'help' {
  const known = Object.fromEntries(
    Object.keys(command.folders).map((folder) => [folder, { type: 'string' as const }]),
  )
  try {
    const help = { type: 'boolean' as const, short: 'h' }
    const { values } = parseArgs({ args: [...argv], options: { ...known, help }, allowPositionals: false })
    if (values['help'] === true) return 'help'
    return Object.fromEntries(Object.entries(values).map(([folder, value]) => [folder, String(value)]))
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split('. ', 1)[0] ?? '') : String(error)
    throw new CoscribeError('config', `${reason}. Try ${command.name} --help.`)
  }
}

function helpText(command: Command): string {
  const folders = Object.entries(command.folders)
  return [
    `coscribe ${command.name}: ${command.summary}`,
    '',
    `usage: coscribe ${command.name} ${folders.map(([folder]) => `--${folder} DIR`).join(' ')}`,
    '',
    ...folders.map(([folder, help]) => `  --${folder.padEnd(8)} ${help}`),
    `  --${'help'.padEnd(8)} Print this.`,
    '',
    ...command.details,
    'Exit code: 0 all is well, 1 something is damaged, 2 it could not be done.',
  ].join('\n')
}

/** What is in a store, in words: what is damaged first. */
export function describe({ documents, records, files, damaged }: Verification): string[] {
  const places = damaged.map(({ document, damage }) => {
    const where = document === '' ? 'the store' : `document ${JSON.stringify(document)}`
    return `${where}: ${damage.seq === 0 ? '' : `${damage.part} ${damage.seq}: `}${damage.detail}`
  })
  const count = `${documents} documents, ${records} records in their logs, ${files} files`
  return [
    ...places,
    damaged.length === 0 ? `${count}: all good` : `${count}; ${damaged.length} damaged places`,
  ]
}
