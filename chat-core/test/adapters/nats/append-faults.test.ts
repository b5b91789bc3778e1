import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { openTcpProxy } from '../../../../scripts/services/tcp-proxy.mjs'
import { eventually } from '../../support/eventually.ts'
import { startServersOfFile, type RealServers } from '../../support/real-servers.ts'
import { openLogStage, provisionTestLog, type LogStageOptions } from './log-stage.ts'
import { countersOf, countersOnce, oneTo, readAll, ResendingSender } from './resending-sender.ts'

const servers = await startServersOfFile(['nats'])
if (servers !== undefined) describeFaults(servers)

/** A gateway whose network a test may break, and somebody beside it who reads the log. */
async function open(
  test: TestContext,
  { addresses }: RealServers,
  {
    duplicateWindowMs,
    ...more
  }: Partial<LogStageOptions> & { readonly duplicateWindowMs?: number } = {},
) {
  const [url = ''] = addresses.nats
  const deployment = await provisionTestLog(test, [url], { duplicateWindowMs })
  const proxy = await openTcpProxy(url)
  test.after(() => proxy.close())
  const gateway = await openLogStage(test, [proxy.address], { deployment, ...more })
  const beside = await openLogStage(test, [url], { deployment })
  return { proxy, gateway, beside, deployment, url }
}

function describeFaults(servers: RealServers): void {
  describe('commands appended through a network that fails', () => {
    it('are there once when the acknowledgement is lost', async (test) => {
      const { proxy, gateway, beside } = await open(test, servers)
      const sender = new ResendingSender()
      const records = readAll(beside.commandLog)
      proxy.swallow('to_client')
      const sent = sender.send(3, () => gateway.commandLog)
      await eventually(() => assert.deepEqual(countersOf(records, sender.outbox), [1, 2, 3]))
      proxy.cut()
      await sent
      assert.deepEqual(sender.refusals, [])
      await beside.commandLog.append(0, sender.entry(4))
      await eventually(() => assert.deepEqual(countersOf(records, sender.outbox), [1, 2, 3, 4]))
    })

    it('are there twice, in order, when it is lost for longer than the stream recognises them', async (test) => {
      const { proxy, gateway, beside } = await open(test, servers, { duplicateWindowMs: 1_000 })
      const sender = new ResendingSender()
      const records = readAll(beside.commandLog)
      proxy.swallow('to_client')
      const sent = sender.send(3, () => gateway.commandLog)
      await eventually(() => assert.deepEqual(countersOf(records, sender.outbox), [1, 2, 3]))
      await setTimeout(1_500)
      proxy.cut()
      await sent
      assert.deepEqual(sender.refusals, [])
      await eventually(() =>
        assert.deepEqual(countersOf(records, sender.outbox), [1, 2, 3, 1, 2, 3]),
      )
    })

    it('keep their order while the link is cut again and again', async (test) => {
      const { proxy, gateway, beside } = await open(test, servers)
      const senders = Array.from({ length: 4 }, () => new ResendingSender())
      const records = readAll(beside.commandLog)
      const sent = Promise.all(senders.map((sender) => sender.send(400, () => gateway.commandLog)))
      const kept = (): number => senders.reduce((sum, sender) => sum + sender.kept.size, 0)
      for (let cuts = 0; cuts < 5; cuts++) {
        // In the middle of it: something has been kept since the last cut, and something is left.
        const before = kept()
        await eventually(() => assert.ok(kept() > before || before === 1_600))
        proxy.cut()
        await eventually(() => assert.ok(gateway.client.connected))
      }
      await sent
      for (const sender of senders)
        await eventually(() => assert.deepEqual(countersOnce(records, sender), oneTo(400)))
    })

    it('are refused together when none is known to be there, and a late one passes none', async (test) => {
      const deadlines = { attemptMs: 300, totalMs: 600 }
      const { proxy, gateway, beside } = await open(test, servers, { deadlines })
      const sender = new ResendingSender()
      const records = readAll(beside.commandLog)
      proxy.hold('to_server')
      const first = [1, 2].map((counter) => gateway.commandLog.append(0, sender.entry(counter)))
      const outcomes = Promise.allSettled(first)
      await eventually(() => assert.ok(proxy.waitingBytes('to_server') > 0))
      const behind = [3, 4].map((counter) => gateway.commandLog.append(0, sender.entry(counter)))
      const behindOutcomes = await Promise.allSettled(behind)
      assert.deepEqual(codesOf(await outcomes), ['retry', 'retry'])
      assert.deepEqual(codesOf(behindOutcomes), ['unavailable', 'unavailable'])
      const resent = sender.send(40, () => beside.commandLog, 1)
      await eventually(() => assert.ok(sender.kept.size > 3))
      proxy.release('to_server')
      await resent
      // The late record is there, and what it carries came before, or comes again.
      await eventually(() => assert.ok(countersOf(records, sender.outbox).length >= 42))
      assert.deepEqual(countersOnce(records, sender), oneTo(40))
    })

    it('are refused as not there when there was no connection at all', async (test) => {
      const deadlines = { attemptMs: 300, totalMs: 600 }
      const { proxy, gateway, beside } = await open(test, servers, { deadlines })
      const sender = new ResendingSender()
      const records = readAll(beside.commandLog)
      proxy.refuse()
      proxy.cut()
      await eventually(() => assert.equal(gateway.client.connected, false))
      const appended = [1, 2].map((counter) => gateway.commandLog.append(0, sender.entry(counter)))
      assert.deepEqual(codesOf(await Promise.allSettled(appended)), ['unavailable', 'unavailable'])
      proxy.accept()
      await sender.send(3, () => gateway.commandLog)
      await eventually(() => assert.deepEqual(countersOf(records, sender.outbox), [1, 2, 3]))
    })
  })
}

function codesOf(outcomes: readonly PromiseSettledResult<void>[]): readonly unknown[] {
  return outcomes.map((outcome) =>
    outcome.status === 'fulfilled' ? 'kept' : (outcome.reason as { readonly code: unknown }).code,
  )
}
