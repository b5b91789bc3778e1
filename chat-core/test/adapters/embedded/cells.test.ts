import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { REMOVED, cellName, keyOfName } from '../../../src/adapters/embedded/cell-table.ts'
import type { CellRange, Cells } from '../../../src/adapters/embedded/cells.ts'
import { Environment } from '../../../src/adapters/embedded/environment.ts'

let folder: string
let environment: Environment
let opened = 0

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'satchel-cells-'))
  environment = new Environment(folder)
})

after(async () => {
  await environment.close()
  await rm(folder, { recursive: true })
})

// Few different keys, some of them long enough to share the 16 bytes cells are grouped by.
const key = fc
  .tuple(fc.constantFrom('', 'aaaaaaaaaaaaaaaa', 'aaaaaaaaaaaaaaab'), fc.nat({ max: 12 }))
  .map(([prefix, number]) => Buffer.from([...Buffer.from(prefix), number * 21 + 1]))
const put = fc.record({ step: fc.constant('put' as const), key, value: fc.option(fc.nat(255)) })
const step = fc.oneof(
  { weight: 6, arbitrary: put },
  { weight: 1, arbitrary: fc.constant({ step: 'begin' } as const) },
  { weight: 1, arbitrary: fc.constant({ step: 'end' } as const) },
)
const range = fc.record({
  start: fc.option(key, { nil: undefined }),
  end: fc.option(key, { nil: undefined }),
  limit: fc.option(fc.nat(6), { nil: undefined }),
  reverse: fc.boolean(),
  exclusiveStart: fc.boolean(),
})

type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never

/** Applies the steps to cells and to a plain map that says what readers must see. */
async function play(cells: Cells, steps: readonly Step[]): Promise<ReadonlyMap<string, number>> {
  const model = new Map<string, number>()
  let settling = false
  let unsettled: ReturnType<Cells['beginSettling']> | undefined
  for (const one of steps) {
    if (one.step === 'put') {
      const name = cellName(one.key)
      cells.publish(name, one.value === null ? REMOVED : Buffer.from([one.value]))
      if (one.value === null) model.delete(name)
      else model.set(name, one.value)
    } else if (one.step === 'begin' && !settling) {
      unsettled = cells.beginSettling()
      settling = true
    } else if (one.step === 'end' && settling && unsettled !== undefined) {
      const pending = [...unsettled.entries()]
      await environment.transact(() => {
        for (const [name, value] of pending) cells.store(keyOfName(name), value)
      })
      cells.endSettling()
      settling = false
    }
  }
  return model
}

function expected(
  model: ReadonlyMap<string, number>,
  wanted: CellRange,
): readonly [string, number][] {
  const { start, end, limit, reverse = false, exclusiveStart = false } = wanted
  const sorted = [...model].toSorted(([left], [right]) => (left < right ? -1 : 1))
  const ordered = reverse ? sorted.toReversed() : sorted
  const isInside = ([name]: readonly [string, number]): boolean => {
    const fromStart = start === undefined ? 1 : compare(name, cellName(start), reverse)
    const toEnd = end === undefined ? 1 : compare(cellName(end), name, reverse)
    return (exclusiveStart && start !== undefined ? fromStart > 0 : fromStart >= 0) && toEnd > 0
  }
  return ordered.filter(isInside).slice(0, limit)
}

function compare(left: string, right: string, reverse: boolean): number {
  const order = left === right ? 0 : left < right ? -1 : 1
  return reverse ? -order : order
}

test('readers see the same wherever a cell lies at the moment', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 60 }),
      fc.array(range, { minLength: 1, maxLength: 8 }),
      async (steps, ranges) => {
        const cells = environment.database(`cells-${opened++ % 50}`)
        await clear(cells)
        const model = await play(cells, steps)
        for (const [name, value] of model)
          assert.equal(cells.get(Buffer.from(name, 'latin1'))?.[0], value)
        for (const wanted of ranges) {
          const found = Array.from(cells.getRange(wanted), (cell) => [
            cellName(cell.key),
            cell.value[0],
          ])
          assert.deepEqual(found, expected(model, wanted), JSON.stringify(wanted))
          assert.deepEqual(
            Array.from(cells.getKeys(wanted), cellName),
            found.map(([name]) => name),
          )
        }
      },
    ),
    { numRuns: 150 },
  )
})

/** Takes back what an earlier run left, in LMDB or on its way there. */
async function clear(cells: Cells): Promise<void> {
  cells.endSettling()
  cells.beginSettling()
  cells.endSettling()
  const keys = Array.from(cells.getKeys())
  await environment.transact(() => {
    for (const one of keys) cells.store(one, REMOVED)
  })
}
