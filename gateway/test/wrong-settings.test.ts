import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { App } from 'uWebSockets.js'
import { listen } from '../src/listen.ts'
import { readEmbeddedSecrets, readTokenSecret } from '../src/tokens/embedded-secrets.ts'
import { temporaryFolder } from './temporary-folder.ts'
import { openTestServer } from './test-server.ts'

const run = promisify(execFile)
const tokenMain = fileURLToPath(new URL('../src/token-main.ts', import.meta.url))

test('a key in a file must be as long as one in a variable; each that is not is named', async (context) => {
  const dataDir = await temporaryFolder(context)
  const keys = join(dataDir, 'keys')
  readEmbeddedSecrets(dataDir)
  await writeFile(join(keys, 'server-key'), 'x')
  await writeFile(join(keys, 'token-secret'), 'abc\n')
  await writeFile(join(keys, 'link-secret'), '')
  await assert.rejects(openTestServer(context, { dataDir }), ({ message }: Error) => {
    for (const name of ['server-key', 'token-secret', 'link-secret'])
      assert.ok(message.includes(`${join(keys, name)}: expected at least 32 characters`), message)
    return true
  })
  assert.throws(() => readTokenSecret(dataDir), /token-secret/)
  await rm(keys, { recursive: true })
  await openTestServer(context, { dataDir })
})

test('a replica that is not there is named, and nothing is made in its place', async (context) => {
  const folder = await temporaryFolder(context)
  const unmounted = join(folder, 'mount-point')
  await mkdir(unmounted)
  for (const replica of [join(folder, 'nowhere'), unmounted])
    await assert.rejects(
      openTestServer(context, { environment: { SATCHEL_REPLICA: replica } }),
      new RegExp(`SATCHEL_REPLICA: there is no folder ${replica}/media`),
    )
  assert.deepEqual(await readdir(folder, { recursive: true }), ['mount-point'])
  const backup = join(folder, 'backup')
  await mkdir(join(backup, 'media', 'objects'), { recursive: true })
  await openTestServer(context, { environment: { SATCHEL_REPLICA: backup } })
  assert.deepEqual(await readdir(join(backup, 'media')), ['objects'])
})

test('an audit log that cannot be written is named', async (context) => {
  const path = join(await temporaryFolder(context), 'nowhere', 'audit.log')
  await assert.rejects(
    openTestServer(context, { environment: { SATCHEL_AUDIT_LOG: path } }),
    new RegExp(`SATCHEL_AUDIT_LOG: ${path} cannot be written: ENOENT`),
  )
})

test('tokens are signed with the key of a server, never with one made for it', async (context) => {
  const folder = await temporaryFolder(context)
  const dataDir = join(folder, 'typo')
  const sign = () =>
    run(process.execPath, [tokenMain, 'bob'], { env: { SATCHEL_DATA_DIR: dataDir } })
  await assert.rejects(sign(), ({ code, stdout, stderr }: Record<string, unknown>) => {
    assert.equal(code, 1)
    assert.equal(stdout, '')
    assert.match(String(stderr), /^SATCHEL_DATA_DIR: no server has been started with .*typo/)
    return true
  })
  assert.deepEqual(await readdir(folder), [])
  const server = await openTestServer(context, { dataDir })
  const client = await server.connect()
  const welcome = await client.hello((await sign()).stdout.trim())
  assert.equal(welcome.user.id, 'bob')
})

test('why a server cannot listen is said: port taken, no such address, no such name', async (context) => {
  const port = await takePort(context)
  await assert.rejects(listen(App(), '127.0.0.1', port), /another server does already/)
  await assert.rejects(listen(App(), '192.0.2.1', 0), /no such address/)
  await assert.rejects(listen(App(), 'no-such-name.invalid', 0), /has no address/)
})

async function takePort(context: TestContext): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  context.after(() => server.close())
  return (server.address() as AddressInfo).port
}
