import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { promisify } from 'node:util'
import { openTcpProxy } from '../../../../scripts/services/tcp-proxy.mjs'
import { startServices } from '../../../../scripts/services/start-services.mjs'
import { logStreamOf } from '../../../src/adapters/nats/log-streams.ts'
import { eventually } from '../../support/eventually.ts'
import { startServersOfFile, type RealServers } from '../../support/real-servers.ts'
import { openTemporaryFolder } from '../../support/temporary-folder.ts'
import { openLogStage, provisionLogOf, provisionTestLog, type LogStage } from './log-stage.ts'
import { countersOf, countersOnce, oneTo, readAll, ResendingSender } from './resending-sender.ts'

const MEGABYTE = 1024 * 1024
const EVER = Number.MAX_SAFE_INTEGER
const run = promisify(execFile)

const servers = await startServersOfFile(['nats'])
if (servers !== undefined) {
  describe('faults of', { concurrency: 2 }, () => {
    describe('the server of this file', { concurrency: 1 }, () => {
      describeDeadServers(servers)
      describeFullStreams(servers)
      describeLostStreams(servers)
      describeLostRecords(servers)
    })
    describeFullDisk()
  })
}

async function open(
  test: TestContext,
  urls: readonly string[],
  logMaxBytes = 16 * MEGABYTE,
): Promise<{ readonly deployment: string; readonly one: LogStage; readonly other: LogStage }> {
  const deployment = await provisionTestLog(test, urls, { logMaxBytes })
  const one = await openLogStage(test, urls, { deployment })
  const other = await openLogStage(test, urls, { deployment })
  return { deployment, one, other }
}

function describeDeadServers(servers: RealServers): void {
  const { nats: urls } = servers.addresses
  describe('a log whose server dies', () => {
    it('loses nothing it has taken, and keeps the order, over three kills', async (test) => {
      const { one, other } = await open(test, urls)
      const senders = [new ResendingSender(), new ResendingSender()]
      const records = readAll(other.commandLog)
      const sent = Promise.all(
        senders.map((sender, index) =>
          sender.send(300, () => (index === 0 ? one : other).commandLog, 4),
        ),
      )
      const kept = (): number => senders.reduce((sum, sender) => sum + sender.kept.size, 0)
      for (let kills = 0; kills < 3; kills++) {
        const before = kept()
        await eventually(() => assert.ok(kept() > before || before === 600))
        await servers.server('nats').kill()
        await servers.server('nats').start()
      }
      await sent
      for (const sender of senders)
        await eventually(() => assert.deepEqual(countersOnce(records, sender), oneTo(300)))
      const reread = readAll(one.commandLog)
      await eventually(() => assert.equal(reread.length, records.length))
      assert.deepEqual(reread, records)
    })

    it('goes on where it was when the server stood still for seconds', async (test) => {
      const { one, other } = await open(test, urls)
      const sender = new ResendingSender()
      const records = readAll(other.commandLog)
      const sent = sender.send(300, () => one.commandLog, 4)
      await eventually(() => assert.ok(sender.kept.size > 10))
      test.after(() => servers.server('nats').resume())
      await servers.server('nats').pause()
      await setTimeout(4_000)
      servers.server('nats').resume()
      await sent
      await eventually(() => assert.deepEqual(countersOnce(records, sender), oneTo(300)))
    })

    it('recognises a record that is sent again after a restart', async (test) => {
      const { deployment, other } = await open(test, urls)
      const proxy = await openTcpProxy(urls[0] ?? '')
      test.after(() => proxy.close())
      const one = await openLogStage(test, [proxy.address], { deployment })
      const sender = new ResendingSender()
      const records = readAll(other.commandLog)
      proxy.swallow('to_client')
      const sent = sender.send(1, () => one.commandLog)
      await eventually(() => assert.deepEqual(countersOf(records, sender.outbox), [1]))
      await servers.server('nats').kill()
      proxy.cut()
      await servers.server('nats').start()
      await sent
      await other.commandLog.append(0, sender.entry(2))
      await eventually(() => assert.deepEqual(countersOf(records, sender.outbox), [1, 2]))
    })
  })
}

function describeFullStreams(servers: RealServers): void {
  const { nats: urls } = servers.addresses
  describe('a log without room', () => {
    it('refuses for later, all of a line together, and goes on once it was purged', async (test) => {
      const { one, other } = await open(test, urls, MEGABYTE)
      const sender = new ResendingSender()
      const text = 'x'.repeat(8_000)
      let next = 1
      for (let refused = false; !refused;) {
        const batch = Array.from({ length: 16 }, () =>
          one.commandLog.append(0, sender.entry(next++, text)),
        )
        const outcomes = await Promise.allSettled(batch)
        const firstRefused = outcomes.findIndex(({ status }) => status === 'rejected')
        refused = firstRefused >= 0
        for (const outcome of refused ? outcomes.slice(firstRefused) : []) {
          assert.ok(outcome.status === 'rejected')
          assert.deepEqual(errorFacts(outcome.reason), { code: 'storage_full', retryable: true })
        }
      }
      await assert.rejects(
        async () => {
          for (;;) await one.partitionLog.claim(0, epoch)
        },
        { code: 'storage_full' },
      )
      const { lastRecord, fullness } = await other.partitionLog.extent(0)
      assert.ok(fullness > 0.9)
      await other.partitionLog.purge(0, lastRecord, EVER)
      await one.commandLog.append(0, sender.entry(next, text))
      assert.equal(await one.partitionLog.claim(0, epoch), lastRecord + 2)
    })
  })
}

/** Of a server of its own. */
function describeFullDisk(): void {
  describe('a log on a small disk', () => {
    it('refuses when the disk is full, and goes on once there is room', async (test) => {
      const disk = await openSmallDisk(test)
      if (disk === undefined) return
      const { one } = await open(test, disk.urls, 4 * MEGABYTE)
      const sender = new ResendingSender()
      const text = 'x'.repeat(8_000)
      await disk.fill()
      const refused = await eventually(async () => {
        const outcome = await one.commandLog.append(0, sender.entry(1, text)).catch(errorFacts)
        assert.ok(outcome !== undefined)
        return outcome
      }, 30_000)
      assert.equal(refused.retryable, true)
      await disk.makeRoom()
      await eventually(() => one.commandLog.append(0, sender.entry(1, text)), 30_000)
    })
  })
}

function describeLostStreams(servers: RealServers): void {
  const { nats: urls } = servers.addresses
  describe('a log whose stream is gone', () => {
    it('refuses for later, and goes on once it is made again', async (test) => {
      const deployment = await provisionTestLog(test, urls)
      const deadlines = { attemptMs: 300, totalMs: 600 }
      const one = await openLogStage(test, urls, { deployment, deadlines })
      const manager = await one.client.connection.jetstreamManager()
      await manager.streams.delete(logStreamOf(deployment, 0))
      const sender = new ResendingSender()
      await assert.rejects(one.commandLog.append(0, sender.entry(1)), { code: 'unavailable' })
      await assert.rejects(one.partitionLog.extent(0), /npm run provision/)
      await provisionLogOf(one.client)
      await sender.send(1, () => one.commandLog)
      assert.equal((await one.partitionLog.extent(0)).lastRecord, 1)
    })

    it('says so to readers, made again as it may be', async (test) => {
      const { deployment, one, other } = await open(test, urls)
      const sender = new ResendingSender()
      await sender.send(3, () => one.commandLog)
      const records = readAll(one.commandLog)
      await eventually(() => assert.equal(countersOf(records, sender.outbox).length, 3))
      const manager = await one.client.connection.jetstreamManager()
      await manager.streams.delete(logStreamOf(deployment, 0))
      await provisionLogOf(one.client)
      for (let more = 4; more < 9; more++) await other.commandLog.append(0, sender.entry(more))
      const last = await eventually(() => {
        const found = records.at(-1)
        assert.equal(found?.kind, 'broken')
        return found
      })
      assert.deepEqual(last, { kind: 'broken', generation: 1, record: 2, reason: 'missing' })
    })
  })
}

function describeLostRecords(servers: RealServers): void {
  const [url = ''] = servers.addresses.nats
  describe('a reader', () => {
    it('is told of a hole in the stream, and gets nothing behind it', async (test) => {
      const { deployment, one } = await open(test, [url])
      const sender = new ResendingSender()
      await sender.send(5, () => one.commandLog, 1)
      const manager = await one.client.connection.jetstreamManager()
      await manager.streams.deleteMessage(logStreamOf(deployment, 0), 3)
      const records = readAll(one.commandLog)
      await eventually(() => assert.equal(records.length, 3))
      await one.commandLog.append(0, sender.entry(6))
      assert.deepEqual(records[2], {
        ...{ kind: 'broken', generation: 1, record: 3, reason: 'missing' },
      })
    })

    it('gets each record once though its link loses some, the last included', async (test) => {
      const { deployment, other } = await open(test, [url])
      const proxy = await openTcpProxy(url)
      test.after(() => proxy.close())
      const reading = await openLogStage(test, [proxy.address], { deployment })
      const sender = new ResendingSender()
      const records = readAll(reading.commandLog)
      for (let round = 1; round <= 4; round++) {
        proxy.swallow('to_client')
        await sender.send(20 * round, () => other.commandLog, 1)
        proxy.cut()
        await eventually(() => assert.ok(reading.client.connected))
        await eventually(() => assert.ok(countersOnce(records, sender).length === 20 * round))
      }
      assert.deepEqual(
        records.map(({ record }) => record),
        oneTo(records.length),
      )
    })

    it('goes on with another consumer when its own is gone', async (test) => {
      const { deployment, one, other } = await open(test, [url])
      const sender = new ResendingSender()
      const records = readAll(one.commandLog)
      await other.commandLog.append(0, sender.entry(1))
      await eventually(() => assert.equal(records.length, 1))
      const manager = await one.client.connection.jetstreamManager()
      const stream = logStreamOf(deployment, 0)
      for await (const { name } of manager.consumers.list(stream))
        await manager.consumers.delete(stream, name)
      await other.commandLog.append(0, sender.entry(2))
      await eventually(() => assert.deepEqual(countersOf(records, sender.outbox), [1, 2]))
    })

    it('leaves no consumer behind, and closes at once without a server', async (test) => {
      const { deployment, one } = await open(test, [url])
      const reader = one.commandLog.read(0, 0, async () => undefined)
      const manager = await one.client.connection.jetstreamManager()
      const stream = logStreamOf(deployment, 0)
      const consumers = async () => (await manager.streams.info(stream)).state.consumer_count
      await eventually(async () => assert.equal(await consumers(), 1))
      await reader.close()
      await eventually(async () => assert.equal(await consumers(), 0))
      const another = one.commandLog.read(0, 0, async () => undefined)
      await servers.server('nats').kill()
      const startMs = performance.now()
      await another.close()
      assert.ok(performance.now() - startMs < 100)
      await servers.server('nats').start()
    })
  })
}

const epoch = {
  ownerId: 'owner',
  rulesVersion: 1,
  settings: { clientsMayCreateGroups: true, historyForNewcomers: true, eraseBlanksMessages: true },
}

function errorFacts(error: unknown): { readonly code: unknown; readonly retryable: unknown } {
  const { code, retryable } = error as { readonly code: unknown; readonly retryable: unknown }
  return { code, retryable }
}

/** A server on a disk of 32 megabytes; `undefined` after the test was skipped where mounting is not allowed. */
async function openSmallDisk(test: TestContext) {
  const folder = await openTemporaryFolder()
  const data = join(folder.path, 'data')
  await mkdir(data)
  try {
    await run('mount', ['-t', 'tmpfs', '-o', 'size=32m', 'tmpfs', data])
  } catch {
    await folder.remove()
    test.skip('mounting a small file system is not allowed here')
    return undefined
  }
  const services = await startServices({ folder: folder.path, only: ['nats'], natsServers: 1 })
  test.after(async () => {
    await services.stop()
    await run('umount', ['-l', data])
    await folder.remove()
  })
  const ballast = join(data, 'ballast')
  return {
    urls: services.addresses.nats,
    // As much as there is.
    fill: () => run('dd', ['if=/dev/zero', `of=${ballast}`, 'bs=64k']).catch(() => undefined),
    // A stream that could not be written to stays as it is until its server starts anew.
    makeRoom: async () => {
      await run('rm', [ballast])
      await services.server('nats').stop()
      await services.server('nats').start()
    },
  }
}
