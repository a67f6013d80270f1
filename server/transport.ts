import type { CloseCode } from './protocol/close-codes.ts'
import type { Frame } from './protocol/messages.ts'

/** The receiving half of a transport. */
export interface Line {
  ping(): void
  /** Nothing more is read until `resume`; what has been read may still be received. */
  pause(): void
  resume(): void
}

/** The sending half of a transport. */
export interface Exit {
  send(frame: Frame): void
  /** Bytes given to `send` that have not left yet. */
  readonly bufferedBytes: number
}

/** The bytes of one client, whatever carries them. */
export interface Transport extends Line, Exit {
  /** What has come of a frame that is not whole yet. */
  readonly unfinishedBytes: number
  /** The largest frame that is received from now on; a larger one ends the connection with 1009. */
  takeFramesUpTo(maxBytes: number): void
  close(code: CloseCode, reason: string): void
  /** Drops it without a word. */
  terminate(): void
}
