import { expect, test } from 'vitest'
import { Random } from '../../test/random.ts'
import { Population, type PopulationLimits, type Visit } from '../population.ts'

const limits: PopulationLimits = {
  maxConnections: 10,
  maxConnectionsPerAddress: 5,
  maxConnectionsPerUser: 4,
  maxConnectionsPerDocument: 3,
  maxDocumentsPerUser: 2,
  maxDocumentsPerAddress: 4,
}

function arrive(population: Population, address: string): Visit {
  const visit = population.arrive(address)
  if (typeof visit === 'string') throw new Error(visit)
  return visit
}

test('[L2] so many connections from an address, so many in all, and one for each that leaves', () => {
  const population = new Population(limits)
  const visits = Array.from({ length: 5 }, () => arrive(population, 'a'))
  expect(population.arrive('a')).toBe('address')
  for (let i = 0; i < 5; i++) arrive(population, `b${i}`)
  expect(population.arrive('c')).toBe('connections')
  visits[0]?.leave()
  visits[0]?.leave()
  expect(population.connections).toBe(9)
  arrive(population, 'a')
  expect(population.arrive('c')).toBe('connections')
})

test('[L2] so many people in a document', () => {
  const population = new Population(limits)
  const visits = ['a', 'b', 'c', 'd'].map((address) => arrive(population, address))
  expect(visits.map((visit) => visit.enter('doc', null))).toEqual([null, null, null, 'full'])
  visits[1]?.leave()
  expect(visits[3]?.enter('doc', null)).toBeNull()
})

test('[L2] so many connections of a user, wherever they come from; users and addresses are not mixed up', () => {
  const population = new Population({ ...limits, maxConnectionsPerDocument: 100 })
  const enter = (address: string, user: string | null) => arrive(population, address).enter('doc', user)
  expect(['a', 'b', 'c', 'd', 'e'].map((address) => enter(address, 'ann'))).toEqual([
    null,
    null,
    null,
    null,
    'user',
  ])
  expect([enter('a', 'bob'), enter('a', null), enter('a', 'a')]).toEqual([null, null, null])
})

test('[L2] so many documents open at once; the same one again is none more', () => {
  const population = new Population({ ...limits, maxConnectionsPerAddress: 100, maxConnections: 100 })
  const enter = (document: string, user: string | null) => {
    const visit = arrive(population, 'a')
    return [visit.enter(document, user), visit] as const
  }
  const [, first] = enter('1', 'ann')
  expect(enter('2', 'ann')[0]).toBeNull()
  expect(enter('2', 'ann')[0]).toBeNull()
  expect(enter('3', 'ann')[0]).toBe('documents')
  first.leave()
  expect(enter('3', 'ann')[0]).toBeNull()
  expect(['4', '5', '6', '7', '8'].map((document) => enter(document, null)[0])).toEqual([
    null,
    null,
    null,
    null,
    'documents',
  ])
})

test('[L2] what was refused is not counted', () => {
  const population = new Population({ ...limits, maxConnectionsPerDocument: 1 })
  const [ann, bob] = [arrive(population, 'a'), arrive(population, 'b')]
  expect([ann.enter('doc', 'ann'), bob.enter('doc', 'bob')]).toEqual([null, 'full'])
  ann.leave()
  expect(bob.enter('doc', 'bob')).toBeNull()
})

test('[L2][C1] nothing stays of those who left, in whatever order they come and go', () => {
  const random = new Random(20_261_121)
  const population = new Population(limits)
  const here: Visit[] = []
  const refusals = new Set<string>()
  for (let step = 0; step < 5000; step++) {
    if (random.chance(0.4) && here.length > 0) {
      here.splice(random.below(here.length), 1)[0]?.leave()
      continue
    }
    const visit = population.arrive(random.pick(['a', 'b', 'c']))
    if (typeof visit === 'string') refusals.add(visit)
    else {
      const user = random.chance(0.3) ? null : random.pick(['ann', 'bob', 'cat'])
      const refusal = visit.enter(`doc ${random.below(6)}`, user)
      if (refusal !== null) refusals.add(refusal)
      here.push(visit)
    }
    expect(population.connections, `seed ${random.seed}`).toBe(here.length)
  }
  expect([...refusals].sort()).toEqual(['address', 'connections', 'documents', 'full', 'user'])
  for (const visit of random.shuffle(here)) visit.leave()
  expect([population.connections, population.size]).toEqual([0, 0])
})
