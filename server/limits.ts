/**
 * Everything a client can make grow, and where it ends. All are options of the command line and of `createServer`;
 * the reasons stand in config.ts.
 */
export interface Limits {
  readonly maxDocumentBytes: number
  readonly maxFrameBytes: number
  readonly maxHeldBytes: number
  readonly maxBufferedBytes: number
  readonly maxBufferedTotalBytes: number
  readonly maxUnfinishedTotalBytes: number
  readonly maxPresenceBytes: number
  readonly maxPresenceFrameBytes: number
  readonly maxPresenceEntries: number
  readonly maxClientsPerDocument: number
  readonly maxRootsPerDocument: number
  readonly maxMessagesPerSecond: number
  readonly maxBytesPerSecond: number
  readonly maxThrottledMs: number
  readonly maxConnections: number
  readonly maxConnectionsPerAddress: number
  readonly maxConnectionsPerUser: number
  readonly maxConnectionsPerDocument: number
  readonly maxDocumentsPerUser: number
  readonly maxDocumentsPerAddress: number
  readonly maxUnauthenticatedBytes: number
  readonly idleAfterMs: number
  readonly maxBodyBytes: number
  readonly maxFileBytes: number
  readonly maxFilesPerDocument: number
  readonly maxFileBytesPerDocument: number
  readonly maxFileBytesTotal: number
  readonly maxUploads: number
  readonly maxUploadsPerAddress: number
  readonly maxUploadsPerSecond: number
  readonly uploadTimeoutMs: number
  readonly maxImportBytes: number
  readonly maxConversions: number
  readonly conversionTimeoutMs: number
  readonly maxConversionMemoryMb: number
  readonly maxHeaderBytes: number
  readonly maxHeaders: number
  readonly headersTimeoutMs: number
  readonly requestTimeoutMs: number
  readonly nextRequestTimeoutMs: number
  readonly maxRequestsPerSecond: number
  readonly compressionThresholdBytes: number
  readonly compressionConcurrency: number
  readonly helloTimeoutMs: number
  readonly pingEveryMs: number
  readonly maxStalledMs: number
  readonly keepAliveMs: number
  readonly unloadAfterMs: number
  readonly maxUnusedBytes: number
  readonly commitPauseMs: number
  readonly guessesPerMinute: number
  readonly maxUnstoredBytes: number
  readonly compactAfterBytes: number
  readonly compactAfterRecords: number
  readonly compactAtUnloadRecords: number
  readonly compactAtUnloadBytes: number
  readonly compactPauseMs: number
  readonly historyWindowMs: number
  /** 0 keeps all. */
  readonly historyDays: number
}

const KB = 1024
const MB = 1024 * KB
const GB = 1024 * MB

export const defaultLimits = {
  // A long book is about 5 MB of Yjs; this one has ten times its editing behind it.
  maxDocumentBytes: 48 * MB,
  // The largest document, synced whole, with room for what its client has and the server has not.
  maxFrameBytes: 64 * MB,
  // One whole sync may arrive while the document is being opened.
  maxHeldBytes: 64 * MB + MB,
  // Minutes of a busy document; who is further behind is better off with one diff.
  maxBufferedBytes: 4 * MB,
  // Four such clients at once; half the memory of a small machine.
  maxBufferedTotalBytes: 512 * MB,
  // Eight of the largest messages on their way at once; the other half of that memory.
  maxUnfinishedTotalBytes: 512 * MB,
  // A name, a colour, a caret, and room for what others keep in presence.
  maxPresenceBytes: 4 * KB,
  // Stock clients re-broadcast everybody they hear of: 1,000 people with 1 KB each.
  maxPresenceFrameBytes: MB,
  // Ten times the people a document lets in: tabs that came and went are told of for a while.
  maxPresenceEntries: 10_000,
  // Yjs walks all ids in every transaction, 1 ms for a thousand; 50 people who write in five tabs a day need 200 days.
  maxClientsPerDocument: 50_000,
  // An editor needs one, a home-made database one per record; an empty root is never freed.
  maxRootsPerDocument: 10_000,
  // A person makes 20, a script that pastes a book thousands; each costs about 10 us.
  maxMessagesPerSecond: 5000,
  // More than most uplinks carry.
  maxBytesPerSecond: 16 * MB,
  // A script that sends a library is done by then; a flood never is.
  maxThrottledMs: 30_000,
  // At 16 KB for an idle one, most of a gigabyte.
  maxConnections: 50_000,
  // A university behind one address, with a tab or two for everybody in a lecture.
  maxConnectionsPerAddress: 1000,
  // More tabs than anybody finds again.
  maxConnectionsPerUser: 100,
  // Each change goes to all of them: 1,000 are 2 ms.
  maxConnectionsPerDocument: 1000,
  // Each document that is open takes memory until it is left; a person reads a few at a time.
  maxDocumentsPerUser: 200,
  // As many as an address may have connections.
  maxDocumentsPerAddress: 1000,
  // A hello with its token, a sync step 1 and a presence state, many times over.
  maxUnauthenticatedBytes: MB,
  // Clients with presence say something every 15 s; one that says nothing for so long is a forgotten script.
  idleAfterMs: 60 * 60 * 1000,
  // Bodies of the document API are a title at most.
  maxBodyBytes: 64 * KB,
  // The largest photograph a phone takes.
  maxFileBytes: 10 * MB,
  // A picture on every page of a very long book; counting them takes 10 ms.
  maxFilesPerDocument: 1000,
  // Two hundred photographs as they come from a camera.
  maxFileBytesPerDocument: GB,
  // A fifth of a small server's disk.
  maxFileBytesTotal: 8 * GB,
  // Each costs a socket and a piece of 64 KB; a disk is busy with fewer.
  maxUploads: 64,
  // Two people who each drop an album, three at a time.
  maxUploadsPerAddress: 8,
  // Small pictures from a fast machine; an album of forty may come at once.
  maxUploadsPerSecond: 4,
  // The largest file over a mobile network at 35 KB a second.
  uploadTimeoutMs: 5 * 60_000,
  // A long book as Markdown is 2 MB; pictures in it may be part of the file.
  maxImportBytes: 10 * MB,
  // At 10 MB each, they may wait with 160 MB; they take turns, and most take less than a second.
  maxConversions: 16,
  // Ten times what the largest file takes that is none on purpose.
  conversionTimeoutMs: 20_000,
  // A document takes about fifty times its text while it is converted.
  maxConversionMemoryMb: 768,
  // A large cookie jar; Node's own default.
  maxHeaderBytes: 16 * KB,
  // Browsers and proxies together send about 40.
  maxHeaders: 100,
  // A browser sends its head in one packet.
  headersTimeoutMs: 10_000,
  // The largest body at 2 KB a second.
  requestTimeoutMs: 30_000,
  // Long enough for a page to load over one connection.
  nextRequestTimeoutMs: 5000,
  // Opening the app takes 10 requests: ten people of one address each second, a hundred at once.
  maxRequestsPerSecond: 100,
  // Below it compression costs more than it saves.
  compressionThresholdBytes: KB,
  // The threads Node has for it, which the disk needs, too.
  compressionConcurrency: 4,
  // A client says hello in its first packet.
  helloTimeoutMs: 10_000,
  // Below the 30 to 60 s after which proxies and phones drop a silent connection.
  pingEveryMs: 25_000,
  // A page that hangs, or a laptop lid, for a minute; after that it is cheaper to start anew.
  maxStalledMs: 60_000,
  // Stock y-websocket clients hang up after 30 s without a message.
  keepAliveMs: 20_000,
  // Long enough for a reload or a short loss of the network not to reopen the document.
  unloadAfterMs: 30_000,
  // In memory a document takes about ten times its encoded size.
  maxUnusedBytes: 32 * MB,
  // Nobody sees "Saved" come this much later, and a busy server syncs its disk 10 times a second instead of 500.
  commitPauseMs: 100,
  // Nobody mistypes more often; a guesser needs ages.
  guessesPerMinute: 10,
  // Hours of many people's typing; a quarter of the memory of a small machine.
  maxUnstoredBytes: 256 * MB,
  // About 10,000 keystrokes; reading so much takes up to 50 ms in a server that has just started.
  compactAfterBytes: 256 * KB,
  // Reading so many takes up to 50 ms in a server that has just started: as long as opening after a crash may take.
  compactAfterRecords: 2000,
  // Fewer take less than 5 ms to read: too little to write the document again for.
  compactAtUnloadRecords: 300,
  // The same of changes that came many at a time.
  compactAtUnloadBytes: 32 * KB,
  // At full speed 50,000 edits fit in; compacting more often would cost more than the edits themselves.
  compactPauseMs: 5000,
  // Who looks back wants to see paragraphs grow, not letters.
  historyWindowMs: 60_000,
  // What people wrote is theirs to throw away.
  historyDays: 0,
} satisfies Limits

/** What of the limits can't be true at once, as a sentence that says what to do; null when all fit. */
export function contradictionIn({ maxDocumentBytes, maxFrameBytes }: Limits): string | null {
  const least = maxDocumentBytes + frameSpareBytes
  if (maxFrameBytes >= least) return null
  return (
    `maxFrameBytes is ${maxFrameBytes}, so the largest document (maxDocumentBytes, ${maxDocumentBytes}) could not be ` +
    `synced; make maxFrameBytes at least ${least}, or maxDocumentBytes smaller`
  )
}

/** What a whole sync needs beside its document: the envelope, and the first edits of who comes back. */
const frameSpareBytes = 64 * KB
