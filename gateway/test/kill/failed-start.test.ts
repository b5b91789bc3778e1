import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'

const MAINS = ['gateway', 'chat-core', 'media-worker'] as const
const SECRET = 'a-secret-of-a-test-with-32-characters'
// Ten seconds for NATS; then a supervisor starts it again.
const DEADLINE_MS = 60_000

describe('a process whose servers take connections and say nothing', { concurrency: true }, () => {
  let silent: Server
  before(async () => {
    silent = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1')
    await once(silent, 'listening')
  })
  after(() => silent.close())

  for (const name of MAINS) {
    it(`ends, so that it is started again: ${name}`, { timeout: DEADLINE_MS }, async (context) => {
      const { port } = silent.address() as AddressInfo
      const address = `127.0.0.1:${port}`
      const main = fileURLToPath(new URL(`../../../${name}/src/main.ts`, import.meta.url))
      const child = spawn(process.execPath, [main], {
        stdio: ['ignore', 'ignore', 'pipe'],
        env: {
          PATH: process.env['PATH'],
          SATCHEL_BACKEND: 'distributed',
          SATCHEL_PORT: '0',
          SATCHEL_NATS_URLS: `nats://${address}`,
          SATCHEL_REDIS_URL: `redis://${address}`,
          SATCHEL_CASSANDRA_HOSTS: address,
          SATCHEL_S3_ENDPOINT: `http://${address}`,
          SATCHEL_S3_ACCESS_KEY: 'key',
          SATCHEL_S3_SECRET_KEY: SECRET,
          SATCHEL_LINK_SECRET: SECRET,
          SATCHEL_TOKEN_SECRET: SECRET,
          SATCHEL_SERVER_KEYS: SECRET,
          SATCHEL_SANDBOX: 'best-effort',
        },
      })
      context.after(() => child.kill('SIGKILL'))
      let said = ''
      child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text))
      const [code] = (await once(child, 'exit')) as [number | null]
      assert.equal(code, 1, said)
      assert.match(said, /nats|NATS/)
    })
  }
})
