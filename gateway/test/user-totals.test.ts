import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { ChatError } from '@satchel/protocol'
import type { QuotaWindows } from '@satchel/chat-core/ports'
import { openEmbeddedQuotaWindows } from '../../chat-core/src/adapters/embedded/quota-windows.ts'
import { ManualClock } from '../../chat-core/test/support/manual-clock.ts'
import { UserTotals } from '../src/limits/user-totals.ts'
import { eventually } from './eventually.ts'
import { openTestCluster } from './test-cluster.ts'
import { userIdOf } from './test-server.ts'

const alice = userIdOf('alice')
const RULE = { perSecond: 10, burst: 20 }

test('what a user does at two gateways is added up, and refused at both', async () => {
  const { one, other, advance } = twoGateways()
  take(one, 70)
  take(other, 70)
  await advance(1_000)
  const refused = [one, other].filter((totals) => totals.take(alice) !== undefined)
  assert.equal(refused.length, 1)
  take(refused[0] === one ? other : one, 70)
  await advance(1_000)
  const refusal = [one.take(alice), other.take(alice)]
  for (const error of refusal) {
    assert.ok(error instanceof ChatError && error.retryable)
    assert.ok((error.details.retryAfterMs ?? 0) > 0)
  }
  assert.equal(one.take(userIdOf('bob')), undefined)
  await advance(30_000)
  assert.deepEqual([one.take(alice), other.take(alice)], [undefined, undefined])
})

test('who stays within the rate is never refused', async () => {
  const { one, other, advance } = twoGateways()
  for (let second = 0; second < 60; second++) {
    assert.deepEqual([take(one, 5), take(other, 5)], [0, 0])
    await advance(1_000)
  }
})

test('of somebody who does little nobody is asked anything', async () => {
  const { one, advance, asked } = twoGateways()
  for (let second = 0; second < 30; second++) {
    one.take(alice)
    if (second % 10 === 9) await advance(11_000)
  }
  assert.equal(asked.length, 3)
  const quiet = twoGateways()
  for (let second = 0; second < 30; second++) {
    if (second % 4 === 0) quiet.one.take(alice)
    await quiet.advance(1_000)
  }
  assert.deepEqual(quiet.asked, [])
})

test('while the totals cannot be learned nobody is refused', async () => {
  const unreachable: Pick<QuotaWindows, 'take'> = {
    take: () => Promise.reject(new ChatError('unavailable', 'no window')),
  }
  const { one, advance, unknown } = twoGateways(unreachable)
  for (let second = 0; second < 5; second++) {
    assert.equal(take(one, 1_000), 0)
    await advance(1_000)
  }
  assert.equal(unknown.length, 5)
})

test('a session of somebody who is over the total is told to wait', async (context) => {
  const one = await openWhereTotalsAreUsedUp(context)
  const client = await one.signIn('alice')
  const group = await client.group()
  await Promise.all(Array.from({ length: 15 }, () => client.say(group, 'quick')))
  // The session has a limit of its own, which asks for shorter waits; after it one has to begin again.
  await eventually('it is refused by the total', async () => {
    const more = { kind: 'send_message', text: 'more' } as const
    const refusal = await client.command({ conversationId: group }, more, true).then(
      () => undefined,
      (error: unknown) => error,
    )
    if (refusal === undefined) return undefined
    assert.ok(refusal instanceof ChatError && refusal.code === 'rate_limited')
    return (refusal.details.retryAfterMs ?? 0) > 1_000 ? refusal : undefined
  })
})

test('so is one that asks, in as many sessions as there are', async (context) => {
  const one = await openWhereTotalsAreUsedUp(context)
  const [first, second] = [await one.signIn('alice'), await one.signIn('alice')]
  const ask = (client: typeof first) => client.request('users', { ids: [alice] })
  await Promise.all(Array.from({ length: 15 }, () => ask(first)))
  await eventually('the other session is refused', () =>
    ask(second).then(
      () => false,
      (error: unknown) => error instanceof ChatError && error.code === 'rate_limited',
    ),
  )
})

/** A gateway where everybody has done all they may. */
async function openWhereTotalsAreUsedUp(context: TestContext) {
  const { one } = await openTestCluster(context, {
    gateways: 1,
    wrapBackend: (backend) => ({
      ...backend,
      quotas: {
        ...backend.quotas,
        take: async () => ({ allowed: false, remaining: 0, retryAfterMs: 5_000 }),
      },
    }),
  })
  return one
}

function take(totals: UserTotals, count: number): number {
  const taken = Array.from({ length: count }, () => totals.take(alice))
  return taken.filter((refusal) => refusal !== undefined).length
}

/** Two gateways' counts over one window, and time that a test moves. */
function twoGateways(quotas?: Pick<QuotaWindows, 'take'>) {
  const clock = new ManualClock()
  const shared = quotas ?? openEmbeddedQuotaWindows({ clock })
  const [asked, unknown]: [string[], unknown[]] = [[], []]
  const deps = {
    quotas: {
      take: (...asking: Parameters<QuotaWindows['take']>) => {
        asked.push(asking[0])
        return shared.take(...asking)
      },
    },
    time: { elapsedMs: () => clock.nowMs() },
    telemetry: { totalsUnknown: (error: unknown) => void unknown.push(error) },
  }
  const [one, other] = [
    new UserTotals(deps, 'commands', RULE),
    new UserTotals(deps, 'commands', RULE),
  ]
  const advance = async (ms: number): Promise<void> => {
    clock.advance(ms)
    for (const totals of [one, other]) totals.reconcile()
    await new Promise((resolve) => setImmediate(resolve))
  }
  return { one, other, advance, asked, unknown }
}
