import type { Act, Story } from './concurrent-story.ts'

/** The same failure with as few acts and rounds as can be found by leaving out one after the other. */
export function shrink(story: Story, isBad: (story: Story) => boolean): Story {
  let best = story
  for (let isBetter = true; isBetter;) {
    isBetter = false
    for (const smaller of smallerThan(best)) {
      if (!isBad(smaller)) continue
      best = smaller
      isBetter = true
      break
    }
  }
  return best
}

function* smallerThan(story: Story): Generator<Story> {
  if (story.isLive) yield { ...story, isLive: false }
  for (let round = story.rounds.length - 1; round >= 0; round--) {
    yield { ...story, rounds: story.rounds.filter((_, index) => index !== round) }
    const from = story.rounds[round]
    if (from === undefined) continue
    if (from.away.length > 0) yield withRound(story, round, { ...from, away: [] })
    for (let act = from.acts.length - 1; act >= 0; act--)
      yield withRound(story, round, { ...from, acts: from.acts.filter((_, index) => index !== act) })
  }
}

function withRound(story: Story, round: number, to: Story['rounds'][number]): Story {
  return { ...story, rounds: story.rounds.map((from, index) => (index === round ? to : from)) }
}

export function describeStory({ writers, isLive, rounds }: Story): string {
  const tell = ({ writer, kind, at, to }: Act): string =>
    `{ writer: ${writer}, kind: '${kind}', at: ${at.toFixed(4)}, to: ${to.toFixed(4)} }`
  return [
    `${writers} writers${isLive ? ', live' : ''}`,
    ...rounds.map(
      ({ acts, away, order }) => `  [${acts.map(tell).join(', ')}] away ${away.join()} order ${order}`,
    ),
  ].join('\n')
}
