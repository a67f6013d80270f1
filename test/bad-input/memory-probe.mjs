// Loaded into the server under test, with --expose-gc: says how much is alive in it after a full collection. Its
// threads load this, too, and have nobody to tell.
process.on('message', () => {
  // The second finds what the first only marked: buffers are swept beside the traffic.
  globalThis.gc()
  globalThis.gc()
  const { heapUsed, external, rss } = process.memoryUsage()
  process.send({ live: heapUsed + external, rss })
})
// The server ends when it wants to.
process.channel?.unref()
