/**
 * Everything a client can make grow, and where it ends. All are options of the command line and of `createServer`;
 * the reasons stand in config.ts.
 */
export interface Limits {
  readonly maxFrameBytes: number
  readonly maxHeldBytes: number
  readonly maxBufferedBytes: number
  readonly maxPresenceBytes: number
  readonly maxBodyBytes: number
  readonly helloTimeoutMs: number
  readonly pingEveryMs: number
  readonly keepAliveMs: number
  readonly unloadAfterMs: number
  readonly guessesPerMinute: number
  readonly maxUnstoredBytes: number
  readonly compactAfterBytes: number
  readonly compactAfterRecords: number
  readonly compactAtUnloadRecords: number
  readonly compactPauseMs: number
  readonly historyWindowMs: number
  /** 0 keeps all. */
  readonly historyDays: number
}

const MB = 1024 * 1024

export const defaultLimits = {
  // A document up to this size can always be synced whole; a long book is about 5 MB of Yjs.
  maxFrameBytes: 64 * MB,
  // One whole sync may arrive while the document is being opened.
  maxHeldBytes: 64 * MB + MB,
  // A full sync of the largest document plus the traffic beside it.
  maxBufferedBytes: 128 * MB,
  // A name, a colour, a caret, and room for what others keep in presence.
  maxPresenceBytes: 4096,
  // Bodies of the document API are a title at most.
  maxBodyBytes: 64 * 1024,
  // A client says hello in its first packet.
  helloTimeoutMs: 10_000,
  // Below the 30 to 60 s after which proxies and phones drop a silent connection.
  pingEveryMs: 25_000,
  // Stock y-websocket clients hang up after 30 s without a message.
  keepAliveMs: 20_000,
  // Long enough for a reload or a short loss of the network not to reopen the document.
  unloadAfterMs: 30_000,
  // Nobody mistypes more often; a guesser needs ages.
  guessesPerMinute: 10,
  // Hours of many people's typing; a quarter of the memory of a small machine.
  maxUnstoredBytes: 256 * MB,
  // About 40,000 keystrokes; a log larger than its document takes longer to read than that.
  compactAfterBytes: MB,
  // Reading so many takes up to 50 ms in a server that has just started: as long as opening after a crash may take.
  compactAfterRecords: 2000,
  // Fewer take less than 5 ms to read: too little to write the document again for.
  compactAtUnloadRecords: 300,
  // At full speed 50,000 edits fit in; compacting more often would cost more than the edits themselves.
  compactPauseMs: 5000,
  // Who looks back wants to see paragraphs grow, not letters.
  historyWindowMs: 60_000,
  // What people wrote is theirs to throw away.
  historyDays: 0,
} satisfies Limits
