import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { newAttachmentId } from '@satchel/protocol'
import { openNatsJobQueue } from '../../../src/adapters/nats/job-queue.ts'
import { describeJobs } from '../../../src/adapters/nats/job-streams.ts'
import { openNatsClient, type NatsClient } from '../../../src/adapters/nats/nats-client.ts'
import { openManager, provisionResource } from '../../../src/adapters/nats/nats-resource.ts'
import type { Job, JobDelivery, JobOutcome, JobQueue } from '../../../src/ports/job-queue.ts'
import { createTimers } from '../../../src/runtime/timers.ts'
import { describeJobQueue, type OpenedQueue } from '../../contracts/job-queue.contract.ts'
import { eventually } from '../../support/eventually.ts'
import { newDeployment, openTestNatsClient } from '../../support/nats-clients.ts'
import { startServersOfFile, type RealServers } from '../../support/real-servers.ts'
import { RecordedServerTelemetry } from '../../support/recorded-server-telemetry.ts'

/** Long enough for another job to get through meanwhile. */
const DELAY_MS = 1_500
const ACK_WAIT_MS = 1_000
/** So long that a worker which lives says so in time, on whatever machine. */
const LONG_ACK_WAIT_MS = 6_000
const FAILED_DELAY_MS = 200
const TIMEOUT_MS = 120_000
const ENQUEUED_AT_ONCE = 100

type Delivery = JobDelivery<'process_attachment'>

const servers = await startServersOfFile(['nats'])
if (servers !== undefined) {
  describeJobQueue('nats', () => openContractQueue(servers))
  describeNatsJobQueue(servers)
}

function openClient(urls: readonly string[], deployment: string): Promise<NatsClient> {
  const telemetry = new RecordedServerTelemetry()
  return openNatsClient({ urls, deployment, name: 'job queue', telemetry })
}

function openPort(client: NatsClient, ackWaitMs: number): Promise<JobQueue> {
  return openNatsJobQueue({
    ...{ client, timers: createTimers(), telemetry: new RecordedServerTelemetry() },
    ...{ failedDelayMs: FAILED_DELAY_MS, ackWaitMs },
  })
}

async function provision(client: NatsClient, ackWaitMs: number): Promise<void> {
  const manager = await openManager(client)
  const { deployment } = client
  for (const resource of describeJobs({ deployment, replicas: 1, ackWaitMs }))
    await provisionResource(manager, resource)
}

async function openContractQueue({ addresses }: RealServers): Promise<OpenedQueue> {
  const deployment = newDeployment()
  const open = (): Promise<NatsClient> => openClient(addresses.nats, deployment)
  let client = await open()
  await provision(client, ACK_WAIT_MS)
  let port = await openPort(client, ACK_WAIT_MS)
  return {
    get port() {
      return port
    },
    async reopen() {
      await client.connection.close()
      client = await open()
      port = await openPort(client, ACK_WAIT_MS)
    },
    async close() {
      await removeStreams(client)
      await client.close()
    },
    delayMs: DELAY_MS,
    // Time passes by itself.
    advance: () => undefined,
    elapsedMs: () => performance.now(),
  }
}

interface Process {
  readonly client: NatsClient
  readonly jobs: JobQueue
}

async function openPair(
  test: TestContext,
  { addresses }: RealServers,
  ackWaitMs = ACK_WAIT_MS,
): Promise<readonly [Process, Process]> {
  const deployment = newDeployment()
  // Streams reserve their room, and a server has not enough for those of all tests.
  const provisioner = await openClient(addresses.nats, deployment)
  await provision(provisioner, ackWaitMs)
  test.after(async () => {
    await eventually(() => assert.ok(provisioner.connected))
    await removeStreams(provisioner)
    await provisioner.close()
  })
  const open = async (): Promise<Process> => {
    const client = await openTestNatsClient(test, addresses.nats, deployment)
    return { client, jobs: await openPort(client, ackWaitMs) }
  }
  return [await open(), await open()]
}

async function removeStreams(client: NatsClient): Promise<void> {
  const manager = await openManager(client)
  for (const resource of describeJobs({ deployment: client.deployment, replicas: 1 }))
    if (resource.kind === 'stream') await manager.streams.delete(resource.config.name)
}

function newJob(): { readonly id: string; readonly job: Job } {
  const attachmentId = newAttachmentId()
  return { id: `test:${attachmentId}`, job: { kind: 'process_attachment', attachmentId } }
}

function take({ jobs }: Process, work: (delivery: Delivery) => Promise<JobOutcome>) {
  return jobs.consume('process_attachment', { concurrency: 4 }, work)
}

/** Takes what comes, and what became of it. */
function collect(process: Process, outcome: JobOutcome = { kind: 'done' }): Delivery[] {
  const deliveries: Delivery[] = []
  take(process, (delivery) => {
    deliveries.push(delivery)
    return Promise.resolve(outcome)
  })
  return deliveries
}

function describeNatsJobQueue(servers: RealServers): void {
  const nats = servers.server('nats')

  describe('jobs on NATS', { timeout: TIMEOUT_MS }, () => {
    it('go to another process when the one that works on them dies', async (test) => {
      const [one, other] = await openPair(test, servers)
      const { id, job } = newJob()
      const taken = Promise.withResolvers<Delivery>()
      take(one, (delivery) => {
        taken.resolve(delivery)
        return new Promise(() => undefined)
      })
      await one.jobs.enqueue(id, job)
      await taken.promise
      const deliveries = collect(other)
      await one.client.connection.close()
      await eventually(() => assert.deepEqual(deliveries, [{ id, job, attempt: 2 }]))
    })

    it('stay with a worker that takes its time, however often they are enqueued', async (test) => {
      const [one, other] = await openPair(test, servers, LONG_ACK_WAIT_MS)
      const { id, job } = newJob()
      const [finish, taken] = [
        Promise.withResolvers<JobOutcome>(),
        Promise.withResolvers<Delivery>(),
      ]
      take(one, (delivery) => {
        taken.resolve(delivery)
        return finish.promise
      })
      await one.jobs.enqueue(id, job)
      await taken.promise
      const deliveries = collect(other)
      // Longer than a consumer may be silent, and than a stream remembers what it has taken.
      const end = performance.now() + LONG_ACK_WAIT_MS + 1_000
      await eventually(async () => {
        await other.jobs.enqueue(id, job)
        assert.ok(performance.now() > end)
      })
      finish.resolve({ kind: 'done' })
      // What is done can come again.
      await eventually(async () => {
        await other.jobs.enqueue(id, job)
        assert.deepEqual(deliveries, [{ id, job, attempt: 1 }])
      })
    })

    it('survive the server, and are taken again soon after it is back', async (test) => {
      const [one, other] = await openPair(test, servers)
      const [before, delayed, after] = [newJob(), newJob(), newJob()]
      const deliveries: string[] = []
      let delays = 0
      await one.jobs.enqueue(delayed.id, delayed.job)
      take(other, ({ id, attempt }) => {
        deliveries.push(`${id} ${String(attempt)}`)
        if (id !== delayed.id || attempt > 1) return Promise.resolve({ kind: 'done' })
        delays++
        return Promise.resolve({ kind: 'retry', delayMs: DELAY_MS })
      })
      await eventually(() => assert.equal(delays, 1))
      test.after(() => nats.start())
      await nats.kill()
      await eventually(() => assert.ok(!one.client.connected && !other.client.connected))
      await assert.rejects(one.jobs.enqueue(before.id, before.job), { code: 'unavailable' })
      await nats.start()
      await eventually(() => one.jobs.enqueue(after.id, after.job))
      await eventually(() => {
        assert.ok(deliveries.includes(`${after.id} 1`))
        assert.ok(deliveries.includes(`${delayed.id} 2`))
      })
    })

    it('do not wait behind a thousand that are to be tried again later', async (test) => {
      const [one, other] = await openPair(test, servers, LONG_ACK_WAIT_MS)
      // More than a consumer of JetStream lets wait for acks unless it is told otherwise.
      const later = Array.from({ length: 1_100 }, newJob)
      for (let from = 0; from < later.length; from += ENQUEUED_AT_ONCE) {
        const some = later.slice(from, from + ENQUEUED_AT_ONCE)
        await Promise.all(some.map(({ id, job }) => one.jobs.enqueue(id, job)))
      }
      const put = new Set<string>()
      const last = newJob()
      const done: string[] = []
      take(other, ({ id }) => {
        if (id === last.id) {
          done.push(id)
          return Promise.resolve({ kind: 'done' })
        }
        put.add(id)
        return Promise.resolve({ kind: 'retry', delayMs: 600_000 })
      })
      await eventually(() => assert.equal(put.size, later.length), 60_000)
      await one.jobs.enqueue(last.id, last.job)
      await eventually(() => assert.deepEqual(done, [last.id]))
    })

    it('that are dead are not worked on when they are enqueued, but once when revived', async (test) => {
      const [one, other] = await openPair(test, servers)
      const { id, job } = newJob()
      const burying = take(one, () => Promise.resolve({ kind: 'dead', reason: 'hopeless' }))
      await one.jobs.enqueue(id, job)
      await eventually(async () => {
        assert.deepEqual(await other.jobs.listDead(10), [{ id, job, reason: 'hopeless' }])
      })
      await burying.drain()
      await other.jobs.enqueue(id, job)
      const deliveries = collect(other)
      const next = newJob()
      await one.jobs.enqueue(next.id, next.job)
      await eventually(() => assert.ok(deliveries.length > 0))
      assert.deepEqual(deliveries, [{ ...next, attempt: 1 }])
      // Enqueued once more, and not taken yet: it is put back in the place of that.
      await Promise.all([other.jobs.enqueue(id, job), one.jobs.revive(id)])
      await eventually(() => assert.ok(deliveries.some((delivery) => delivery.id === id)))
      assert.deepEqual(await other.jobs.listDead(10), [])
    })

    it('are never lost when they are revived while they are being buried', async (test) => {
      const [one, other] = await openPair(test, servers)
      let isHopeless = true
      const done: string[] = []
      take(one, ({ id }) => {
        if (isHopeless) return Promise.resolve({ kind: 'dead', reason: 'hopeless' })
        done.push(id)
        return Promise.resolve({ kind: 'done' })
      })
      const jobs = Array.from({ length: 20 }, newJob)
      for (const { id, job } of jobs) {
        isHopeless = true
        await one.jobs.enqueue(id, job)
        await eventually(async () => {
          const dead = await other.jobs.listDead(100)
          assert.ok(dead.some((found) => found.id === id))
        })
        isHopeless = false
        await other.jobs.revive(id)
        await eventually(() => assert.ok(done.includes(id)))
      }
      assert.deepEqual(await other.jobs.listDead(100), [])
    })

    it('that are revived are kept aside when they die again, worked on no more', async (test) => {
      const [one, other] = await openPair(test, servers)
      const { id, job } = newJob()
      let deaths = 0
      const burying = take(one, () => {
        deaths++
        return Promise.resolve({ kind: 'dead', reason: `death ${String(deaths)}` })
      })
      await one.jobs.enqueue(id, job)
      await eventually(async () => assert.equal((await other.jobs.listDead(10)).length, 1))
      assert.equal(await other.jobs.revive(id), true)
      await eventually(async () => {
        assert.deepEqual(await other.jobs.listDead(10), [{ id, job, reason: 'death 2' }])
      })
      await other.jobs.enqueue(id, job)
      const next = newJob()
      await other.jobs.enqueue(next.id, next.job)
      await eventually(async () => assert.equal((await other.jobs.listDead(10)).length, 2))
      await burying.drain()
      assert.equal(deaths, 3)
    })

    it('that are revived twice at once are worked on once', async (test) => {
      const [one, other] = await openPair(test, servers, LONG_ACK_WAIT_MS)
      const { id, job } = newJob()
      const burying = take(one, () => Promise.resolve({ kind: 'dead', reason: 'hopeless' }))
      await one.jobs.enqueue(id, job)
      await eventually(async () => assert.equal((await one.jobs.listDead(10)).length, 1))
      await burying.drain()
      const finish = Promise.withResolvers<JobOutcome>()
      const deliveries: Delivery[] = []
      const working = take(other, (delivery) => {
        deliveries.push(delivery)
        return finish.promise
      })
      await Promise.all([one.jobs.revive(id), other.jobs.revive(id)])
      await eventually(() => assert.equal(deliveries.length, 1))
      finish.resolve({ kind: 'done' })
      await working.drain()
      assert.deepEqual(deliveries, [{ id, job, attempt: 1 }])
      assert.deepEqual(await one.jobs.listDead(10), [])
    })

    it('that are dead are listed as they died, as many as asked for', async (test) => {
      const [one] = await openPair(test, servers)
      const jobs = Array.from({ length: 5 }, newJob)
      const burying = one.jobs.consume('process_attachment', { concurrency: 1 }, () =>
        Promise.resolve({ kind: 'dead', reason: 'hopeless' }),
      )
      for (const { id, job } of jobs) await one.jobs.enqueue(id, job)
      await eventually(async () => assert.equal((await one.jobs.listDead(10)).length, 5))
      await burying.drain()
      await one.jobs.revive(jobs[1]?.id ?? '')
      const listed = await one.jobs.listDead(3)
      assert.deepEqual(
        listed.map(({ id }) => id),
        [jobs[0]?.id, jobs[2]?.id, jobs[3]?.id],
      )
    })
  })
}
