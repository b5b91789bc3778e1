import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ServerPolicy } from '../../src/adapters/server-policy.ts'
import { createMonotonicClock } from '../../src/runtime/monotonic-clock.ts'
import { eventually } from '../support/eventually.ts'
import { RecordedServerTelemetry } from '../support/recorded-server-telemetry.ts'

const away = new Error('away')
const nonsense = new Error('nonsense')

describe('what stands around calls to a server', () => {
  it('repeats what failed for a moment, and tells of one call', async () => {
    const { policy, telemetry } = createPolicy()
    let attempts = 0
    const result = await policy.callRepeatable(() =>
      ++attempts < 3 ? Promise.reject(away) : Promise.resolve('here'),
    )
    assert.equal(result, 'here')
    assert.equal(attempts, 3)
    assert.deepEqual([telemetry.calls, telemetry.failures], [['redis'], []])
  })

  it('repeats nothing that makes no sense, nor what must not be done twice', async () => {
    const { policy, telemetry } = createPolicy()
    const asked = countedFailures(nonsense)
    await assert.rejects(policy.callRepeatable(asked.call), { code: 'internal', cause: nonsense })
    assert.equal(asked.attempts, 1)
    const once = countedFailures(away)
    await assert.rejects(policy.callOnce(once.call), { code: 'unavailable', cause: away })
    assert.equal(once.attempts, 1)
    assert.deepEqual(
      telemetry.failures.map(({ code }) => code),
      ['nonsense', 'away'],
    )
  })

  it('repeats ever less while everything fails', async () => {
    const { policy } = createPolicy({ atOnce: 1_000 })
    const failing = countedFailures(away)
    await Promise.allSettled(Array.from({ length: 200 }, () => policy.callRepeatable(failing.call)))
    assert.ok(failing.attempts <= 200 + 20, `${failing.attempts} attempts`)
  })

  it('refuses without trying while the server is out of reach, then tries again', async () => {
    const { policy, telemetry } = createPolicy()
    const failing = countedFailures(away)
    await eventually(async () => {
      const { attempts } = failing
      await assert.rejects(policy.callOnce(failing.call), { code: 'unavailable' })
      assert.equal(failing.attempts, attempts)
    })
    await eventually(async () => {
      assert.equal(await policy.callOnce(() => Promise.resolve('back')), 'back')
    })
    assert.deepEqual(telemetry.losses[0], { address: 'test:1', cause: away })
    const states = telemetry.breakers.map(({ state }) => state)
    assert.equal(states[0], 'open')
    assert.deepEqual(states.slice(-2), ['half_open', 'closed'])
  })

  it('does so many calls at once, lets as many wait as it may, and refuses the others', async () => {
    const { policy, telemetry } = createPolicy({ atOnce: 2, waiting: 3 })
    const gate = Promise.withResolvers<string>()
    let started = 0
    const settled = Promise.allSettled(
      Array.from({ length: 7 }, () =>
        policy.callOnce(() => {
          started++
          return gate.promise
        }),
      ),
    )
    await eventually(() => assert.equal(telemetry.failures.length, 2))
    assert.equal(started, 2)
    gate.resolve('done')
    const outcomes = await settled
    assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 5)
    const [refused] = outcomes.filter((outcome) => outcome.status === 'rejected')
    assert.match(String(refused?.reason), /too many calls/)
  })
})

function createPolicy({ atOnce = 10, waiting = 1_000 } = {}) {
  const telemetry = new RecordedServerTelemetry()
  const policy = new ServerPolicy({
    address: 'test:1',
    server: 'redis',
    telemetry,
    clock: createMonotonicClock(),
    atOnce,
    waiting,
    isTransient: (error) => error === away,
    codeOf: (error) => (error instanceof Error ? error.message : 'other'),
  })
  return { policy, telemetry }
}

function countedFailures(error: Error) {
  const counted = {
    attempts: 0,
    call: (): Promise<never> => {
      counted.attempts++
      return Promise.reject(error)
    },
  }
  return counted
}
