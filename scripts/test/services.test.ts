import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test, type TestContext } from 'node:test'
import { parseBlobKey } from '../../protocol/src/index.ts'
import type { MediaTarget } from '../../chat-core/src/links/media-links.ts'
import { SatchelLinks } from '../../chat-core/src/links/satchel-links.ts'
import { objectKeyOf } from '../../chat-core/src/links/object-keys.ts'
import { openTemporaryFolder } from '../../chat-core/test/support/temporary-folder.ts'
import { deriveSecret } from '../../chat-core/src/links/derive-secret.ts'
import { requestCql } from '../services/cql-request.mjs'
import { requestNats } from '../services/nats-request.mjs'
import { pollUntil } from '../services/poll-until.mjs'
import { readProcessIdentity } from '../services/process-identity.mjs'
import { requestRedis } from '../services/redis-request.mjs'
import { requireServices } from '../services/require-services.mjs'
import { requestS3 } from '../services/s3-request.mjs'
import { startServices } from '../services/start-services.mjs'
import { temporaryFolder } from './support/temporary-folder.ts'

type Services = Awaited<ReturnType<typeof startServices>>
type ServiceName = Parameters<typeof requireServices>[1][number]

type Reason = string | false

/** What the machine lacks. */
async function skipWithout(services: readonly ServiceName[]): Promise<Reason> {
  let reason: Reason = false
  await requireServices({ skip: (why) => (reason = why) }, services)
  return reason
}

/** Servers of the test's own; `undefined` after the test was skipped for what the machine lacks. */
async function start(
  context: TestContext,
  only: readonly ServiceName[],
  natsServers: 1 | 3 = 1,
): Promise<Services | undefined> {
  if (!(await requireServices(context, only))) return undefined
  const folder = await openTemporaryFolder()
  const services = await startServices({ folder: folder.path, only, natsServers })
  context.after(async () => {
    await services.stop()
    await folder.remove()
  })
  return services
}

describe('the servers', () => {
  test('three NATS servers keep what they acknowledged when all are killed', async (t) => {
    const services = await start(t, ['nats'], 3)
    if (services === undefined) return
    const [first = ''] = services.addresses.nats
    const stream = { name: 'kept', subjects: ['kept'], storage: 'file', num_replicas: 3 }
    await requestNats(first, '$JS.API.STREAM.CREATE.kept', JSON.stringify(stream))
    assert.match(await requestNats(first, 'kept', 'one'), /"seq":1/)
    await Promise.all(services.servers.map((server) => server.kill()))
    assert.deepEqual(
      services.servers.map(({ pid }) => pid),
      [undefined, undefined, undefined],
    )
    await Promise.all(services.servers.map((server) => server.start()))
    await services.untilUsable()
    const message = await pollUntil('the stream has a leader', 30_000, () =>
      requestNats(first, '$JS.API.STREAM.MSG.GET.kept', '{"seq":1}'),
    )
    assert.match(message, new RegExp(Buffer.from('one').toString('base64')))
  })

  test('two NATS servers of three go on when one is killed', async (t) => {
    const services = await start(t, ['nats'], 3)
    if (services === undefined) return
    const [first = '', ...others] = services.addresses.nats
    const stream = { name: 'kept', subjects: ['kept'], storage: 'file', num_replicas: 3 }
    await requestNats(first, '$JS.API.STREAM.CREATE.kept', JSON.stringify(stream))
    await services.server('nats-1').kill()
    for (const address of others) {
      const answer = await pollUntil('the stream has a leader', 30_000, () =>
        requestNats(address, 'kept', 'x', 1_000),
      )
      assert.match(answer, /"stream":"kept"/)
    }
  })

  test('Redis that is paused answers nobody, and goes on where it was', async (t) => {
    const services = await start(t, ['redis'])
    const { redis = '' } = services?.addresses ?? {}
    if (services === undefined) return
    await requestRedis(redis, 'SET colour green')
    await services.server('redis').pause()
    await assert.rejects(requestRedis(redis, 'GET colour', 300), /did not answer/)
    services.server('redis').resume()
    assert.equal(await requestRedis(redis, 'GET colour'), 'green')
  })

  test('Cassandra keeps the row it answered for when it is killed', async (t) => {
    const services = await start(t, ['cassandra'])
    const address = services?.addresses.cassandra?.contactPoint ?? ''
    if (services === undefined) return
    const replication = "{'class': 'SimpleStrategy', 'replication_factor': 1}"
    const ask = (statement: string): ReturnType<typeof requestCql> =>
      requestCql(address, statement, 20_000)
    await ask(`CREATE KEYSPACE kept WITH replication = ${replication}`)
    await ask('CREATE TABLE kept.row (name text PRIMARY KEY, value text)')
    await ask("INSERT INTO kept.row (name, value) VALUES ('colour', 'green')")
    await services.server('cassandra').kill()
    await services.server('cassandra').start()
    assert.deepEqual(await ask('SELECT value FROM kept.row'), [['green']])
    // Cassandra warns of questions that go over every partition, in front of the answer.
    assert.deepEqual(await ask('SELECT CAST(COUNT(*) AS text) FROM kept.row'), [['1']])
  })

  test('servers that run already are left alone by a second start', async (t) => {
    const first = await start(t, ['redis'])
    if (first === undefined) return
    const { pid } = first.server('redis')
    const { folder, ports } = first
    const second = await startServices({ folder, ports, only: ['redis'] })
    assert.equal(second.server('redis').pid, pid)
    // Where another port is wanted than is there, nothing is touched.
    const elsewhere = startServices({ folder, only: ['redis'] })
    await assert.rejects(elsewhere, /redis runs already, at redis:/)
    assert.equal(first.server('redis').pid, pid)
    await second.stop()
    assert.equal(first.server('redis').pid, undefined)
  })

  test('a server waits until the last process on its data is gone', async (t) => {
    const first = await start(t, ['redis'])
    if (first === undefined) return
    const { pid = 0 } = first.server('redis')
    await rm(join(first.folder, 'run'), { recursive: true })
    const second = startServices({ folder: first.folder, only: ['redis'] })
    const runFile = join(first.folder, 'run', 'redis.json')
    await pollUntil('the second one is under way', 10_000, () => existsSync(runFile) || undefined)
    assert.ok(readProcessIdentity(pid), 'the first one was ended')
    process.kill(pid, 'SIGKILL')
    assert.match((await second).server('redis').version ?? '', /^\d/)
  })

  test('servers end with the process that started them, however it ends', async (t) => {
    if (!(await requireServices(t, ['redis']))) return
    const folder = await temporaryFolder(t)
    const program = `
      import { startServices } from '${new URL('../services/start-services.mjs', import.meta.url).href}'
      const services = await startServices({ folder: ${JSON.stringify(folder)}, only: ['redis'] })
      console.log(services.server('redis').pid)
      setInterval(() => undefined, 1000)`
    const starter = spawn(process.execPath, ['--input-type=module', '--eval', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const pid = await new Promise<number>((resolve) =>
      starter.stdout.once('data', (output: Buffer) => resolve(Number(output.toString()))),
    )
    assert.ok(readProcessIdentity(pid))
    starter.kill('SIGKILL')
    await pollUntil(
      'Redis is gone',
      10_000,
      () => readProcessIdentity(pid) === undefined || undefined,
    )
  })
})

const edgeSkip = await skipWithout(['edge'])

describe('the edge before a real store', { skip: edgeSkip }, () => {
  const blob = parseBlobKey('q83vEjRWeJq83vEjRWeJqA')!
  const photo: MediaTarget = {
    blob,
    pipelineVersion: 1,
    variant: 'original',
    contentType: 'image/jpeg',
  }
  const bytes = Uint8Array.from({ length: 300_000 }, (_, index) => index % 251)
  let services: Services
  let links: SatchelLinks
  let close = (): Promise<void> => Promise.resolve()

  before(async () => {
    const folder = await openTemporaryFolder()
    services = await startServices({ folder: folder.path, only: ['edge'] })
    close = async () => {
      await services.stop()
      await folder.remove()
    }
    const { s3, edge } = services.addresses
    assert.ok(s3 && edge)
    const secret = deriveSecret(edge.linkSecret, 'media links')
    links = new SatchelLinks({ secret, windowMs: 3_600_000 })
    await requestS3(s3, 'PUT', `/${edge.bucket}`)
    const put = await requestS3(s3, 'PUT', `/${edge.bucket}/${objectKeyOf(photo)}`, bytes)
    assert.equal(put.status, 200)
  })
  after(() => close())

  const sign = (target: MediaTarget, agoMs = 0, name?: string): string =>
    links.sign(target, Date.now() - agoMs, name).url
  const ask = (url: string, init?: RequestInit): Promise<Response> =>
    fetch(String(services.addresses.edge?.url) + url, init)
  const parseCode = async (response: Response): Promise<unknown> => {
    const body: unknown = await response.json()
    return (body as { error?: { code?: unknown } }).error?.code
  }

  test('a signed link gives the bytes, named and kept from doing harm', async () => {
    const response = await ask(sign(photo, 0, 'Grüße 😀.jpg'))
    assert.equal(response.status, 200)
    assert.deepEqual(new Uint8Array(await response.arrayBuffer()), bytes)
    const { headers } = response
    assert.equal(headers.get('content-type'), 'image/jpeg')
    assert.equal(headers.get('x-content-type-options'), 'nosniff')
    assert.equal(headers.get('content-security-policy'), "default-src 'none'; sandbox")
    assert.match(headers.get('cache-control') ?? '', /^private, max-age=\d+, immutable$/)
    const name = encodeURIComponent('Grüße 😀.jpg')
    assert.equal(
      headers.get('content-disposition'),
      `attachment; filename="Gr__e __.jpg"; filename*=UTF-8''${name}`,
    )
    assert.deepEqual(
      [...headers.keys()].filter((header) => header.startsWith('x-amz')),
      [],
    )
  })

  test('a head has the headers of the bytes and none of them', async () => {
    const response = await ask(sign(photo), { method: 'HEAD' })
    assert.equal(response.status, 200)
    assert.equal(response.headers.get('content-length'), String(bytes.length))
    assert.equal((await response.arrayBuffer()).byteLength, 0)
  })

  test('a range gives its part, one outside is refused', async () => {
    const part = await ask(sign(photo), { headers: { range: 'bytes=1000-1999' } })
    assert.equal(part.status, 206)
    assert.equal(part.headers.get('content-range'), `bytes 1000-1999/${bytes.length}`)
    assert.deepEqual(new Uint8Array(await part.arrayBuffer()), bytes.slice(1_000, 2_000))
    const outside = await ask(sign(photo), { headers: { range: 'bytes=300000-' } })
    assert.deepEqual([outside.status, await parseCode(outside)], [416, 'range_not_satisfiable'])
  })

  test('who has the bytes already is not sent them again', async () => {
    const etag = (await ask(sign(photo), { method: 'HEAD' })).headers.get('etag') ?? ''
    assert.notEqual(etag, '')
    const again = await ask(sign(photo), { headers: { 'if-none-match': etag } })
    assert.equal(again.status, 304)
    const resumed = { range: 'bytes=0-9', 'if-range': '"other"' }
    assert.equal((await ask(sign(photo), { headers: resumed })).status, 200)
  })

  test('a link that was changed is refused, one that was valid once is gone', async () => {
    const url = sign(photo, 0, 'a.jpg')
    const expiry = String(/e=(\d+)/.exec(url)?.[1])
    for (const changed of [
      url.replace('a.jpg', 'b.jpg'),
      url.replace('/1/', '/2/'),
      url.replace(expiry, String(Number(expiry) + 3_600)),
      url.replace(/&s=.*/, ''),
      url.replace('/original.jpg', '/../original.jpg'),
    ]) {
      const response = await ask(changed)
      assert.deepEqual([response.status, await parseCode(response)], [403, 'link_invalid'], changed)
    }
    const late = await ask(sign(photo, 7_200_000))
    assert.deepEqual([late.status, await parseCode(late)], [410, 'link_expired'])
  })

  test('what was deleted is not there', async () => {
    const response = await ask(sign({ ...photo, variant: 'w800', contentType: 'image/webp' }))
    assert.deepEqual([response.status, await parseCode(response)], [404, 'no_such_attachment'])
  })

  test('nothing but reading is done', async () => {
    const response = await ask(sign(photo), { method: 'DELETE' })
    assert.deepEqual([response.status, await parseCode(response)], [405, 'method_not_allowed'])
    assert.equal((await ask('/')).status, 404)
    assert.equal((await ask(sign(photo))).status, 200)
  })

  test('while the store is away the edge says so, and recovers by itself', async () => {
    const store = services.server('s3')
    await store.kill()
    // What it has not fetched before: the rest it has.
    const other = { ...photo, pipelineVersion: 2, variant: 'download' }
    const response = await ask(sign(other))
    assert.deepEqual([response.status, await parseCode(response)], [503, 'unavailable'])
    assert.equal((await ask(sign(photo))).status, 200)
    await store.start()
    await pollUntil('the store is reached again', 20_000, async () =>
      (await ask(sign(other))).status === 404 ? true : undefined,
    )
  })
})
