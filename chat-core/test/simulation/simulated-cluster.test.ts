import assert from 'node:assert/strict'
import { describe, it, test } from 'node:test'
import { BREAKAGES } from './breakage.ts'
import { simulate, type SimulationResult } from './simulate.ts'

// `SATCHEL_TEST_SEED=…` runs that seed alone and prints everything that happens in it.
const REPLAYED = process.env['SATCHEL_TEST_SEED']
const SEEDS = 2_000
/** A machine with more to do runs fewer of them. */
const BUDGET_MS = 30_000

test('a cluster in which everything goes wrong keeps every promise', async (t) => {
  if (REPLAYED !== undefined) {
    const result = await simulate({ seed: Number(REPLAYED) })
    for (const line of result.trace()) t.diagnostic(line)
    assertFaultless(result)
    return
  }
  const end = performance.now() + BUDGET_MS
  let seed = 0
  while (seed < SEEDS && performance.now() < end) assertFaultless(await simulate({ seed: ++seed }))
  t.diagnostic(`${seed} seeds`)
  assert.ok(seed > 20, `only ${seed} seeds in ${BUDGET_MS} ms`)
})

/** Far enough for claims, loads, commits, deliveries and checkpoints to be among them. */
const EFFECTS = 150

for (const what of ['crash', 'pause'] as const) {
  test(`an owner may ${what} between any two effects`, async () => {
    for (let beforeEffect = 1; beforeEffect <= EFFECTS; beforeEffect++)
      assertFaultless(await simulate({ seed: 7, only: { what, beforeEffect } }))
  })
}

describe(
  'the checker notices when',
  { skip: REPLAYED === undefined ? false : 'one seed is replayed' },
  () => {
    for (const breakage of BREAKAGES) {
      it(breakage, async (t) => {
        for (let seed = 1; seed <= 200; seed++) {
          const { report } = await simulate({ seed, breakage })
          if (report.passed) continue
          t.diagnostic(`seed ${seed}: ${report.descriptions[0] ?? ''}`)
          return
        }
        assert.fail('two hundred seeds did not show it')
      })
    }
  },
)

function assertFaultless({ seed, problems, trace }: SimulationResult): void {
  if (problems.length === 0) return
  const replay = `SATCHEL_TEST_SEED=${seed} npm test -- simulated-cluster`
  assert.fail(
    [...trace().slice(-200), ...problems, `seed ${seed}; to replay: ${replay}`].join('\n'),
  )
}
