import { backup } from './backup.ts'
import type { Command } from './command.ts'
import { restore } from './restore.ts'
import { verify } from './verify.ts'

export { exitCodes, type ExitCode, runCommand } from './command.ts'

/** What the command line can do besides serving. */
export const commands: readonly Command[] = [verify, backup, restore]
