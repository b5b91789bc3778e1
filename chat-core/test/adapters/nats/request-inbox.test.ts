import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import type { Msg } from 'nats'
import { openTcpProxy } from '../../../../scripts/services/tcp-proxy.mjs'
import type { NatsClient } from '../../../src/adapters/nats/nats-client.ts'
import { eventually } from '../../support/eventually.ts'
import { newDeployment, openTestNatsClient } from '../../support/nats-clients.ts'
import { startServersOfFile } from '../../support/real-servers.ts'

/** Longer than any test takes. */
const LONG_MS = 600_000

const servers = await startServersOfFile(['nats'])
if (servers !== undefined) describeRequests(servers.addresses.nats)

function describeRequests(urls: readonly string[]): void {
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
  const ask = async (client: NatsClient, subject: string, text: string, timeoutMs = LONG_MS) =>
    Buffer.from(await client.requests.request(subject, bytes(text), timeoutMs)).toString()

  /** Somebody who answers what is asked about `subject`, known to the server when it resolves. */
  async function serve(test: TestContext, answer: (message: Msg) => string | undefined) {
    const subject = `${newDeployment()}.questions`
    const client = await openTestNatsClient(test, urls)
    client.connection.subscribe(subject, {
      callback: (_, message) => {
        const text = answer(message)
        if (text !== undefined) message.respond(bytes(text))
      },
    })
    await client.connection.flush()
    return subject
  }

  describe('questions over NATS', () => {
    it('each get their own answer, also an empty one', async (test) => {
      const subject = await serve(test, (asked) =>
        asked.string() === '7' ? '' : `${asked.string()}!`,
      )
      const client = await openTestNatsClient(test, urls)
      const asked = Array.from({ length: 500 }, (_, index) => String(index))
      const answers = await Promise.all(asked.map((text) => ask(client, subject, text)))
      assert.deepEqual(
        answers,
        asked.map((text) => (text === '7' ? '' : `${text}!`)),
      )
    })

    it('to nobody are told so', async (test) => {
      const client = await openTestNatsClient(test, urls)
      await assert.rejects(ask(client, newDeployment(), 'anybody?'), { code: '503' })
    })

    it('are given up in time, and an answer that comes later is nobody’s', async (test) => {
      let late: Msg | undefined
      const subject = await serve(test, (asked) => {
        late?.respond(bytes('late'))
        late = asked
        return asked.string() === 'first' ? undefined : 'in time'
      })
      const client = await openTestNatsClient(test, urls)
      await assert.rejects(ask(client, subject, 'first', 50), { code: 'TIMEOUT' })
      assert.equal(await ask(client, subject, 'second'), 'in time')
    })

    it('are given up when the connection is lost, and asked over the next one', async (test) => {
      const subject = await serve(test, (asked) => (asked.string() === 'slow' ? undefined : 'here'))
      const [url = ''] = urls
      const proxy = await openTcpProxy(url)
      test.after(() => proxy.close())
      const client = await openTestNatsClient(test, [proxy.address])
      const slow = ask(client, subject, 'slow')
      const given = assert.rejects(slow, { code: 'DISCONNECT' })
      await client.connection.flush()
      proxy.cut()
      await given
      await eventually(() => assert.ok(client.connected))
      assert.equal(await ask(client, subject, 'again'), 'here')
    })

    it('are given up when it is closed', async (test) => {
      const subject = await serve(test, () => undefined)
      const client = await openTestNatsClient(test, urls)
      const given = assert.rejects(ask(client, subject, 'slow'), { code: 'CONNECTION_CLOSED' })
      await client.connection.flush()
      await client.close()
      await given
      await assert.rejects(ask(client, subject, 'after'), { code: 'CONNECTION_CLOSED' })
    })
  })
}
