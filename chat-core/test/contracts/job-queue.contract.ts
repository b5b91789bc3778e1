import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { newAttachmentId, newBlobKey } from '@satchel/protocol'
import type { Job, JobDelivery, JobOutcome, JobQueue } from '@satchel/chat-core/ports'
import { eventually } from '../support/eventually.ts'
import type { OpenedPort } from './opened-port.ts'

export interface OpenedQueue extends OpenedPort<JobQueue> {
  /** How long jobs wait that are tried again. */
  readonly delayMs: number
  /** Lets time pass for jobs that wait, where the queue takes it from a clock of the test's. */
  advance(byMs: number): void
  /** As the queue's clock says. */
  elapsedMs(): number
}

type Delivery = JobDelivery<'process_attachment'>

// A job that somebody else took is waited for no longer than this.
const TIMEOUT_MS = 60_000
/** Of clocks that differ. */
const TOLERANCE_MS = 20

/** What every `JobQueue` keeps to. */
export function describeJobQueue(backend: string, open: () => Promise<OpenedQueue>): void {
  describe(`job queue, ${backend}`, { timeout: TIMEOUT_MS }, () => {
    // A queue for each test: one that fails leaves its consumers behind, and they would take the next one's jobs.
    let opened: OpenedQueue
    beforeEach(async () => {
      opened = await open()
    })
    afterEach(() => opened.close())

    function newJob(): { readonly id: string; readonly job: Delivery['job'] } {
      const attachmentId = newAttachmentId()
      return { id: `test:${attachmentId}`, job: { kind: 'process_attachment', attachmentId } }
    }
    const enqueue = ({ id, job }: { readonly id: string; readonly job: Job }) =>
      opened.port.enqueue(id, job)
    const consume = (work: (delivery: Delivery) => Promise<JobOutcome>, concurrency = 4) =>
      opened.port.consume('process_attachment', { concurrency }, work)
    /** Takes what comes until it is drained. */
    function collect(outcome: (delivery: Delivery) => JobOutcome = () => ({ kind: 'done' })) {
      const deliveries: Delivery[] = []
      const consumer = consume(async (delivery) => {
        deliveries.push(delivery)
        return outcome(delivery)
      })
      return { deliveries, consumer }
    }

    test('a job is delivered as it was enqueued, once it is done never again', async () => {
      const job = newJob()
      await enqueue(job)
      const first = collect()
      await eventually(() => assert.equal(first.deliveries.length, 1))
      assert.deepEqual(first.deliveries, [{ ...job, attempt: 1 }])
      await first.consumer.drain()
      await opened.reopen()
      const second = collect()
      const other = newJob()
      await enqueue(other)
      await eventually(() => assert.equal(second.deliveries.length, 1))
      assert.equal(second.deliveries[0]?.id, other.id)
      await second.consumer.drain()
    })

    test('an id that is queued or in work is not taken a second time, one that is done is', async () => {
      const job = newJob()
      await Promise.all([enqueue(job), enqueue(job)])
      await enqueue(job)
      const release = Promise.withResolvers<JobOutcome>()
      let calls = 0
      const consumer = consume(async () => {
        calls++
        return release.promise
      })
      await eventually(() => assert.equal(calls, 1))
      await enqueue(job)
      release.resolve({ kind: 'done' })
      await consumer.drain()
      assert.equal(calls, 1)
      await enqueue(job)
      const again = collect()
      await eventually(() => assert.equal(again.deliveries.length, 1))
      await again.consumer.drain()
    })

    test('not more jobs are in work at once than asked for', async () => {
      const jobs = Array.from({ length: 9 }, newJob)
      for (const job of jobs) await enqueue(job)
      let working = 0
      let most = 0
      const seen = new Set<string>()
      const allWork = Promise.withResolvers<undefined>()
      const consumer = consume(async ({ id }) => {
        working++
        most = Math.max(most, working)
        if (working === 3) allWork.resolve(undefined)
        await allWork.promise
        await new Promise((resolve) => setImmediate(resolve))
        working--
        seen.add(id)
        return { kind: 'done' }
      }, 3)
      await eventually(() => assert.equal(seen.size, 9))
      assert.equal(most, 3)
      await consumer.drain()
    })

    test('a job to be tried again comes no sooner than asked, with the next attempt', async () => {
      const job = newJob()
      await enqueue(job)
      const takenAtMs: number[] = []
      const { deliveries, consumer } = collect(({ id, attempt }) => {
        if (id !== job.id) return { kind: 'done' }
        takenAtMs.push(opened.elapsedMs())
        return attempt < 3 ? { kind: 'retry', delayMs: opened.delayMs } : { kind: 'done' }
      })
      const ofJob = (): Delivery[] => deliveries.filter(({ id }) => id === job.id)
      await eventually(() => assert.equal(ofJob().length, 1))
      // Another job goes through while this one waits.
      const other = newJob()
      await enqueue(other)
      await eventually(() => assert.ok(deliveries.some(({ id }) => id === other.id)))
      for (const times of [2, 3]) {
        opened.advance(opened.delayMs)
        await eventually(() => assert.equal(ofJob().length, times))
      }
      opened.advance(opened.delayMs)
      await consumer.drain()
      assert.deepEqual(
        ofJob().map(({ attempt }) => attempt),
        [1, 2, 3],
      )
      const [first = 0, second = 0, third = 0] = takenAtMs
      assert.ok(second - first >= opened.delayMs - TOLERANCE_MS)
      assert.ok(third - second >= opened.delayMs - TOLERANCE_MS)
    })

    test('a job whose consumer went away is delivered to the next one', async () => {
      const job = newJob()
      await enqueue(job)
      const started = Promise.withResolvers<undefined>()
      consume(() => {
        started.resolve(undefined)
        return new Promise(() => undefined)
      })
      await started.promise
      await opened.reopen()
      const { deliveries, consumer } = collect()
      await eventually(() => assert.equal(deliveries[0]?.id, job.id))
      await consumer.drain()
    })

    test('a worker that rejects gets its job again', async () => {
      const job = newJob()
      await enqueue(job)
      let calls = 0
      const consumer = consume(async () => {
        calls++
        if (calls === 1) throw new Error('not today')
        return { kind: 'done' }
      })
      await eventually(() => {
        opened.advance(opened.delayMs)
        assert.equal(calls, 2)
      })
      await consumer.drain()
    })

    test('a dead job is kept with its reason until it is revived', async () => {
      const job = newJob()
      await enqueue(job)
      const { deliveries, consumer } = collect(() =>
        deliveries.length === 1 ? { kind: 'dead', reason: 'hopeless' } : { kind: 'done' },
      )
      await eventually(async () => {
        const dead = await opened.port.listDead(100)
        assert.deepEqual(dead, [{ ...job, reason: 'hopeless' }])
      })
      await enqueue(job)
      assert.equal(await opened.port.revive('test:nobody'), false)
      assert.equal(deliveries.length, 1)
      assert.equal(await opened.port.revive(job.id), true)
      await eventually(() => assert.equal(deliveries.length, 2))
      assert.equal(deliveries[1]?.attempt, 1)
      assert.deepEqual(await opened.port.listDead(100), [])
      await consumer.drain()
    })

    test('jobs of one kind do not wait behind those of another', async () => {
      const [job, late] = [newJob(), newJob()]
      await enqueue({ id: late.id, job: { ...late.job, kind: 'derive_hls' } })
      await enqueue(job)
      const others: string[] = []
      const note = async ({ id }: { readonly id: string }): Promise<JobOutcome> => {
        others.push(id)
        return { kind: 'done' }
      }
      const conversations = opened.port.consume('conversation_job', { concurrency: 1 }, note)
      const { deliveries, consumer } = collect()
      await eventually(() => assert.equal(deliveries.length, 1))
      assert.equal(deliveries[0]?.id, job.id)
      assert.deepEqual(others, [])
      const hls = opened.port.consume('derive_hls', { concurrency: 1 }, note)
      await eventually(() => assert.deepEqual(others, [late.id]))
      await Promise.all([conversations, consumer, hls].map((one) => one.drain()))
    })

    test('a job about bytes brings the key it was given', async () => {
      const job = { kind: 'reprocess_blob', blob: newBlobKey() } as const
      await enqueue({ id: `test:${job.blob}`, job })
      const jobs: unknown[] = []
      const consumer = opened.port.consume(
        'reprocess_blob',
        { concurrency: 1 },
        async ({ job: delivered }) => {
          jobs.push(delivered)
          return { kind: 'done' }
        },
      )
      await eventually(() => assert.deepEqual(jobs, [job]))
      await consumer.drain()
    })

    test('a drained consumer takes nothing more', async () => {
      const { deliveries, consumer } = collect()
      await consumer.drain()
      const job = newJob()
      await enqueue(job)
      const next = collect()
      await eventually(() => assert.equal(next.deliveries.length, 1))
      assert.deepEqual(deliveries, [])
      await next.consumer.drain()
    })
  })
}
