import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { test, type TestContext } from 'node:test'
import { uploadStatus } from '@satchel/chat-core'
import { createScanner, type Scanner, type ScanVerdict } from '@satchel/media-worker'
import { eventually } from '../../chat-core/test/support/eventually.ts'
import { createClamdScanner } from '../src/clamd/clamd-scanner.ts'
import { parseClamdAddress } from '../src/clamd/clamd-address.ts'
import { MediaStage } from './support/media-stage.ts'
import { EICAR, startClamd } from './support/test-clamd.ts'
import { fourCorners } from './support/test-images.ts'

const CHUNK_BYTES = 64 * 1024
const QUICK = { idleMs: 200, verdictMs: 200 }

async function scan(scanner: Scanner, bytes: Uint8Array): Promise<ScanVerdict> {
  const running = scanner.open()
  try {
    for (let from = 0; from < bytes.length; from += CHUNK_BYTES) {
      await running.write(bytes.subarray(from, from + CHUNK_BYTES))
    }
    return await running.finish()
  } finally {
    running.cancel()
  }
}

/** Something that listens as clamd does, and behaves as `serve` says. */
async function openImpostor(t: TestContext, serve: (socket: Socket) => void): Promise<Scanner> {
  const sockets = new Set<Socket>()
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    serve(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const address = server.address()
  assert.ok(address !== null && typeof address === 'object')
  return createClamdScanner({ address: { host: '127.0.0.1', port: address.port }, times: QUICK })
}

test('clamd tells malware from everything else', async (t) => {
  const clamd = await startClamd(t)
  if (clamd === undefined) return
  const scanner = createScanner({ scanner: 'clamd', clamd: clamd.address })
  assert.deepEqual(await scan(scanner, EICAR), {
    kind: 'malicious',
    signature: 'Eicar-Test.UNOFFICIAL',
  })
  assert.deepEqual(await scan(scanner, Buffer.alloc(1_000_000, 'a')), { kind: 'clean' })
  assert.deepEqual(await scan(scanner, Buffer.alloc(0)), { kind: 'clean' })
  const many = await Promise.all(
    Array.from({ length: 20 }, (_, n) => scan(scanner, n % 2 === 0 ? EICAR : Buffer.from([n]))),
  )
  assert.equal(many.filter(({ kind }) => kind === 'malicious').length, 10)
})

test('a limit of clamd’s own is no verdict, on the way or at the end', async (t) => {
  const clamd = await startClamd(t)
  if (clamd === undefined) return
  const scanner = createScanner({ scanner: 'clamd', clamd: clamd.address })
  // More than it looks at in a file, and more than it takes of a stream.
  await assert.rejects(scan(scanner, Buffer.alloc(2_500_000, 'b')), /no verdict.*Limits/)
  await assert.rejects(scan(scanner, Buffer.alloc(8_000_000, 'c')))
  assert.deepEqual(await scan(scanner, EICAR), {
    kind: 'malicious',
    signature: 'Eicar-Test.UNOFFICIAL',
  })
})

test('clamd that is away, mute, hasty, or talks nonsense has no verdict', async (t) => {
  const away = createScanner({ scanner: 'clamd', clamd: '/nowhere/clamd.ctl' })
  await assert.rejects(scan(away, EICAR), { code: 'ENOENT' })
  const mute = await openImpostor(t, (socket) => socket.resume())
  await assert.rejects(scan(mute, EICAR), /in time/)
  const deaf = await openImpostor(t, (socket) => socket.pause())
  await assert.rejects(scan(deaf, Buffer.alloc(16_000_000)), /in time/)
  const leaving = await openImpostor(t, (socket) => socket.end())
  await assert.rejects(scan(leaving, Buffer.alloc(16_000_000)))
  const babbling = await openImpostor(t, (socket) => socket.resume().write('x'.repeat(9_000)))
  await assert.rejects(scan(babbling, EICAR), /too much/)
  const failing = await openImpostor(t, (socket) =>
    socket.resume().write('INSTREAM: Can’t allocate memory ERROR\0'),
  )
  await assert.rejects(scan(failing, EICAR), /no verdict/)
})

test('an answer before the end counts only against a file', async (t) => {
  const taken = Promise.withResolvers<undefined>()
  const hasty = await openImpostor(t, (socket) => {
    // Whoever has read the answer closes its end.
    socket.resume().once('close', () => taken.resolve(undefined))
    socket.write('stream: OK\0')
  })
  const running = hasty.open()
  await running.write(EICAR)
  await taken.promise
  await running.write(EICAR)
  await assert.rejects(running.finish(), /before the end/)
  const found = await openImpostor(t, (socket) => socket.resume().write('stream: Bad FOUND\0'))
  assert.deepEqual(await scan(found, EICAR), { kind: 'malicious', signature: 'Bad' })
})

test('addresses are paths or a host with its port', () => {
  assert.deepEqual(parseClamdAddress('/run/clamd.ctl'), { path: '/run/clamd.ctl' })
  assert.deepEqual(parseClamdAddress('clamav:3310'), { host: 'clamav', port: 3_310 })
  assert.deepEqual(parseClamdAddress('tcp://[::1]:3310'), { host: '::1', port: 3_310 })
  for (const wrong of ['clamav', 'clamav:0', 'clamav:99999', 'run/clamd.ctl'])
    assert.throws(() => parseClamdAddress(wrong), wrong)
})

test('while clamd is away nothing new is shown, but what it found once is refused at once', async (t) => {
  const clamd = await startClamd(t)
  if (clamd === undefined) return
  const scanner = createScanner({ scanner: 'clamd', clamd: clamd.address })
  const stage = await MediaStage.open({ ffmpegPath: '/nowhere/ffmpeg', scanner })
  t.after(() => stage.close())
  const malware = await stage.upload({ bytes: EICAR, name: 'invoice.pdf' })
  assert.equal((await stage.judged(malware)).state, 'rejected')
  const clean = await stage.process({ bytes: await fourCorners(40, 30) })
  assert.equal(clean.state, 'ready')

  await clamd.stop()
  const again = await stage.upload({ bytes: EICAR, by: stage.bob })
  assert.equal((await stage.judged(again)).state, 'rejected')
  assert.equal((await uploadStatus(stage.uploads, stage.bob, again)).reason, 'malware')
  const photo = await stage.upload({ bytes: await fourCorners(60, 50) })
  const seq = await stage.send({ id: photo })
  await eventually(() =>
    assert.ok(stage.told.some(({ what, about }) => what === 'scanUndecided' && about[0] === photo)),
  )
  assert.equal((await stage.inMessage(seq, photo)).state, 'processing')
  stage.clock.advance(stage.settings.stuckMs)
  await stage.worker.upkeep()
  assert.ok(stage.told.some(({ what, about }) => what === 'stillWaiting' && about[0] === photo))

  await clamd.start()
  await eventually(async () => {
    stage.clock.advance(60_000)
    assert.equal((await stage.inMessage(seq, photo)).state, 'ready')
  }, 20_000)
})
