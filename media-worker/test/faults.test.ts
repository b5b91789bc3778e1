import assert from 'node:assert/strict'
import { rm } from 'node:fs/promises'
import { describe, test, type TestContext } from 'node:test'
import { blobObjectKey, completeUpload, enqueueProcessing, uploadStatus } from '@satchel/chat-core'
import type { Scan, Scanner } from '@satchel/media-worker'
import { newBlobKey } from '@satchel/protocol'
import { eventually } from '../../chat-core/test/support/eventually.ts'
import { putPart } from '../../chat-core/test/support/put-part.ts'
import { runJobs } from '../src/run-jobs.ts'
import { MediaStage, type MediaStageOptions } from './support/media-stage.ts'
import { fourCorners, noise } from './support/test-images.ts'

async function openStage(test: TestContext, options?: MediaStageOptions): Promise<MediaStage> {
  const stage = await MediaStage.open(options)
  test.after(() => stage.close())
  return stage
}

/** A scanner that answers as `finish` does. */
function scannerThat(finish: Scan['finish']): Scanner {
  return {
    name: 'test',
    open: () => ({ write: async () => undefined, finish, cancel: () => undefined }),
  }
}

describe('a fault', { concurrency: 2 }, () => {
  test('what the scanner finds malicious is rejected, its bytes go, and the message says so', async (t) => {
    const scanner = scannerThat(async () => ({ kind: 'malicious', signature: 'Eicar' }))
    const stage = await openStage(t, { scanner })
    const id = await stage.upload({ bytes: Buffer.from('EICAR') })
    const second = await stage.send({ id })
    const rejected = await eventually(async () => {
      const attachment = await stage.inMessage(second, id)
      assert.equal(attachment.state, 'rejected')
      return attachment
    })
    assert.equal(rejected.reason, undefined)
    assert.equal((await uploadStatus(stage.uploads, stage.alice, id)).reason, 'malware')
    await assert.rejects(uploadStatus(stage.uploads, stage.bob, id), { code: 'no_such_attachment' })
    assert.equal(rejected.blob, undefined)
    assert.deepEqual(await stage.backend.objects.list('blob/', { limit: 9 }), [])
    assert.deepEqual(await stage.backend.objects.list('staging/', { limit: 9 }), [])
    assert.deepEqual(await stage.link(stage.bob, second, id, 'original'), { error: 'upload_state' })
  })

  test('a file waits from when it is complete, however long it took to bring', async (t) => {
    const scanner = scannerThat(() => Promise.reject(new Error('connection refused')))
    const stage = await openStage(t, { scanner })
    const { stuckMs } = stage.settings
    const bytes = await fourCorners(40, 30)
    const { attachmentId, urls } = await stage.begin({ bytes })
    stage.clock.advance(stuckMs - 1_000)
    await putPart(stage.backend.uploadTarget, urls[0]!, bytes, stage.clock.nowMs())
    await completeUpload(stage.uploads, stage.alice, attachmentId)
    const told = (what: string) => stage.told.filter((one) => one.what === what).length
    await eventually(() => assert.ok(told('scanUndecided') > 0))

    for (const [advanceMs, waiting] of [
      [1_000, 0],
      [stuckMs - 2_000, 0],
      [1_000, 1],
      [stuckMs - 1_000, 1],
      [1_000, 2],
    ] as const) {
      stage.clock.advance(advanceMs)
      await stage.worker.upkeep()
      assert.equal(told('stillWaiting'), waiting)
    }
  })

  test('a file stays unseen, and is not given up, until the scanner has a verdict', async (t) => {
    let isDown = true
    const scanner = scannerThat(async () => {
      if (isDown) throw new Error('connection refused')
      return { kind: 'clean' }
    })
    const stage = await openStage(t, { scanner })
    const id = await stage.upload({ bytes: await fourCorners(40, 30) })
    const tries = () => stage.told.filter(({ what }) => what === 'scanUndecided').length
    for (let attempt = 1; attempt <= 6; attempt++) {
      await eventually(() => assert.equal(tries(), attempt))
      assert.equal((await stage.row(id)).state, 'processing')
      stage.clock.advance(600_000)
    }
    isDown = false
    await eventually(async () => {
      stage.clock.advance(600_000)
      assert.equal((await stage.row(id)).state, 'ready')
    })
  })

  test('tries that wait for the scanner are none of the machine’s, which has all of its own afterwards', async (t) => {
    let state: 'away' | 'broken' | 'there' = 'away'
    const asked = scannerThat(async () => {
      if (state === 'away') throw new Error('connection refused')
      return { kind: 'clean' }
    })
    const open = () => {
      // Not for want of a verdict: as anything else on this machine.
      if (state === 'broken') throw new Error('too many open files')
      return asked.open()
    }
    const stage = await openStage(t, { scanner: { ...asked, open } })
    const id = await stage.upload({ bytes: await fourCorners(40, 30) })
    const tries = (what: string) => stage.told.filter((one) => one.what === what).length
    async function fail(as: 'away' | 'broken', times: number): Promise<void> {
      state = as
      const what = as === 'away' ? 'scanUndecided' : 'jobFailed'
      const before = tries(what)
      await eventually(() => {
        if (tries(what) < before + times) stage.clock.advance(600_000)
        assert.ok(tries(what) >= before + times)
      }, 20_000)
      assert.equal((await stage.row(id)).state, 'processing')
    }
    await fail('away', 5)
    // Faults in a row count, and no others.
    await fail('broken', 3)
    await fail('away', 1)
    await fail('broken', 2)
    state = 'there'
    await eventually(async () => {
      stage.clock.advance(600_000)
      assert.equal((await stage.row(id)).state, 'ready')
    }, 20_000)
    assert.deepEqual(await stage.backend.jobs.listDead(9), [])
  })

  test('a file at work while the catalogue is away is tried again within seconds, and the log says why', async (t) => {
    const stage = await openStage(t)
    await stage.worker.close()
    await stage.upload({ bytes: await fourCorners(40, 30) })
    let calls = 0
    const read = async () => Promise.reject(new Error(`away ${String(++calls)}`))
    const sandbox = { derive: () => assert.fail('nothing is known of the file') }
    const attachments = { ...stage.backend.attachments, read }
    const made = { attachments, sandbox, lateSandbox: sandbox, canPlay: true }
    const jobs = runJobs({ ...stage.workerDeps(), ...made }, 1)
    t.after(() => jobs.drain())
    for (const [tries, waitMs] of [5_000, 30_000, 120_000].entries()) {
      await eventually(() => assert.equal(stage.told.length, tries + 1))
      // Asked twice each time: for the file, and for its faults.
      const { what, about } = stage.told[tries]!
      assert.deepEqual(
        [what, String(about[2])],
        ['jobFailed', `Error: away ${String(2 * tries + 1)}`],
      )
      stage.clock.advance(waitMs)
    }
  })

  test('what was judged is told its message, however often that fails', async (t) => {
    const stage = await openStage(t)
    stage.reportsToFail = 6
    const id = await stage.upload({ bytes: await fourCorners(40, 30) })
    const seq = await stage.send({ id })
    await eventually(async () => {
      stage.clock.advance(600_000)
      assert.equal((await stage.inMessage(seq, id)).state, 'ready')
    }, 30_000)
    assert.equal(stage.reportsToFail, 0)
    assert.deepEqual(await stage.backend.jobs.listDead(9), [])
  })

  test('a file the machine cannot process is tried five times, then failed, and kept for an operator', async (t) => {
    const stage = await openStage(t)
    const bytes = await fourCorners(40, 30)
    // The worker has nowhere to work: no fault of the file.
    await rm(stage.workerFolder, { recursive: true })
    const whole = await stage.upload({ bytes })
    const second = await stage.send({ id: whole })
    const tries = () => stage.told.filter(({ what }) => what === 'jobFailed').length
    for (let attempt = 1; attempt <= 4; attempt++) {
      await eventually(() => assert.equal(tries(), attempt))
      stage.clock.advance(600_000)
    }
    await eventually(async () => {
      const attachment = await stage.inMessage(second, whole)
      assert.equal(attachment.state, 'failed')
      assert.equal(attachment.reason, 'processing_failed')
    })
    await eventually(async () => {
      const [dead] = await stage.backend.jobs.listDead(9)
      assert.match(dead?.reason ?? '', /ENOENT/)
    })
    assert.equal(stage.told.at(-1)?.what, 'jobDied')
    const row = await stage.row(whole)
    assert.ok(await stage.backend.objects.head(row.staging.key), 'the bytes are still there')
  })

  test('the same job again does nothing', async (t) => {
    const stage = await openStage(t)
    const id = await stage.upload({ bytes: await fourCorners(40, 30) })
    const seq = await stage.send({ id })
    await eventually(async () => assert.equal((await stage.inMessage(seq, id)).state, 'ready'))
    const [before, told] = [await stage.row(id), stage.results.length]
    await enqueueProcessing(stage.uploads, id)
    const other = await stage.upload({ bytes: await fourCorners(50, 30) })
    await stage.judged(other)
    assert.deepEqual(await stage.row(id), before)
    assert.equal(stage.results.length, told)
  })

  test('a file whose stored bytes have vanished fails, and is not looked for on and on', async (t) => {
    const stage = await openStage(t)
    const id = await stage.upload({ bytes: await fourCorners(40, 30) })
    await stage.judged(id)
    const row = await stage.row(id)
    const lost = {
      ...row,
      version: row.version + 1,
      state: 'processing',
      blob: newBlobKey(),
    } as const
    await stage.backend.objects.remove([blobObjectKey(row.copyKey)])
    assert.ok(await stage.backend.attachments.replace(row, lost))
    await eventually(async () => {
      // Its first job may not be quite over; until then asking again does nothing.
      await enqueueProcessing(stage.uploads, id)
      const { state, reason } = await stage.row(id)
      assert.deepEqual([state, reason], ['failed', 'bytes_lost'])
    })
  })

  test('types the operator refuses are rejected by what is in the file, whatever was claimed', async (t) => {
    const stage = await openStage(t, { settings: { refusedTypes: ['image/gif'] } })
    const gif = Buffer.from('R0lGODlhAQABAAAAACwAAAAAAQABAAACAkQBADs=', 'base64')
    const file = await stage.process({ bytes: gif, contentType: 'image/png' })
    assert.equal(file.state, 'rejected')
    assert.equal((await stage.row(file.id)).reason, 'type_not_allowed')
    assert.equal(file.variants, undefined)
  })

  test('a worker that is closed at work puts the file back for the next one', async (t) => {
    const stage = await openStage(t)
    const id = await stage.upload({ bytes: await noise(1_500, 1_500) })
    await eventually(async () => assert.ok((await stage.row(id)).blob))
    await stage.worker.close()
    const { state } = await stage.row(id)
    assert.ok(state === 'processing' || state === 'ready', state)
    assert.deepEqual(await stage.backend.jobs.listDead(9), [])
    await stage.restartWorker()
    await eventually(async () => {
      stage.clock.advance(60_000)
      assert.equal((await stage.row(id)).state, 'ready')
    }, 60_000)
  })

  test('a worker killed between its verdict and what follows leaves that to the next one', async (t) => {
    const stage = await openStage(t)
    await stage.worker.close()
    const id = await stage.upload({ bytes: Buffer.from('EICAR') })
    const seq = await stage.send({ id })
    const row = await stage.row(id)
    const verdict = {
      ...row,
      state: 'rejected',
      reason: 'malware',
      version: row.version + 1,
    } as const
    assert.equal(await stage.backend.attachments.replace(row, verdict), true)
    assert.ok(await stage.backend.objects.head(row.staging.key))
    await stage.restartWorker()
    await eventually(async () => {
      assert.equal((await stage.inMessage(seq, id)).state, 'rejected')
      assert.deepEqual(await stage.backend.objects.list('staging/', { limit: 9 }), [])
    })
  })
})
