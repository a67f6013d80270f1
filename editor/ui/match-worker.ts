import { matchesIn, type Groups } from '../reading/pattern.ts'

/*
 * Runs regular expressions beside the page: some take longer than anybody lives, and nothing but the end of their thread
 * stops them.
 */

/** Texts to search in, and with what. */
export interface MatchTask {
  readonly source: string
  readonly flags: string
  readonly texts: readonly string[]
  /** Of matches in each text. */
  readonly limit: number
}

/** The matches in each of the texts. */
export type MatchAnswer = readonly Groups[][]

addEventListener('message', ({ data }: MessageEvent<MatchTask>) => {
  const pattern = new RegExp(data.source, data.flags)
  const answer: MatchAnswer = data.texts.map((text) => matchesIn(pattern, text, data.limit))
  postMessage(answer)
})
