import * as encoding from 'lib0/encoding'

/** Used for every message, one at a time: what it has grown to is kept, up to a size. */
let scratch = encoding.createEncoder()

const mostScratchBytes = 64 * 1024

/** An empty encoder. Whoever asks takes its bytes before anybody else asks. */
export function freshEncoder(): encoding.Encoder {
  if (scratch.bufs.length > 0 || scratch.cbuf.length > mostScratchBytes) scratch = encoding.createEncoder()
  scratch.cpos = 0
  return scratch
}
