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
const PATIENTLY = { timeoutMs: LONG_MS, repeats: true }

const servers = await startServersOfFile(['nats'])
if (servers !== undefined) describeRequests(servers.addresses.nats)

function describeRequests(urls: readonly string[]): void {
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
  const ask = async (client: NatsClient, subject: string, text: string, how = PATIENTLY) =>
    Buffer.from(await client.requests.request(subject, bytes(text), how)).toString()

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
      await assert.rejects(ask(client, subject, 'first', { timeoutMs: 50, repeats: true }), {
        code: 'TIMEOUT',
      })
      assert.equal(await ask(client, subject, 'second'), 'in time')
    })

    /** One that asks through a network that a test may break. */
    async function openBehindProxy(test: TestContext) {
      const [url = ''] = urls
      const proxy = await openTcpProxy(url)
      test.after(() => proxy.close())
      return { proxy, client: await openTestNatsClient(test, [proxy.address]) }
    }

    it('are asked again over the next connection, those that may be', async (test) => {
      const heard: string[] = []
      const subject = await serve(test, (asked) => {
        heard.push(asked.string())
        return heard.indexOf(asked.string()) === heard.length - 1 ? undefined : 'again'
      })
      const { proxy, client } = await openBehindProxy(test)
      const reading = ask(client, subject, 'reading')
      const doing = ask(client, subject, 'doing', { timeoutMs: LONG_MS, repeats: false })
      void doing.catch(() => undefined)
      await eventually(() => assert.equal(heard.length, 2))
      proxy.cut()
      assert.equal(await reading, 'again')
      assert.deepEqual(heard, ['reading', 'doing', 'reading'])
    })

    it('are answered over the next connection where they are not asked again', async (test) => {
      let open: Msg | undefined
      const subject = await serve(test, (asked) => {
        open = asked
        return undefined
      })
      const { proxy, client } = await openBehindProxy(test)
      const doing = ask(client, subject, 'doing', { timeoutMs: LONG_MS, repeats: false })
      const asked = await eventually(() => {
        assert.ok(open)
        return open
      })
      proxy.cut()
      await eventually(() => assert.equal(client.connected, false))
      await eventually(() => assert.equal(client.connected, true))
      asked.respond(bytes('done'))
      assert.equal(await doing, 'done')
    })

    it('wait for the connection, and are then asked once', async (test) => {
      const heard: string[] = []
      const subject = await serve(test, (asked) => {
        heard.push(asked.string())
        return 'here'
      })
      const { proxy, client } = await openBehindProxy(test)
      proxy.refuse()
      proxy.cut()
      await eventually(() => assert.equal(client.connected, false))
      const asked = ask(client, subject, 'away')
      proxy.accept()
      assert.equal(await asked, 'here')
      assert.equal(await ask(client, subject, 'after'), 'here')
      assert.deepEqual(heard, ['away', 'after'])
    })

    it('that are too large are told so', async (test) => {
      const client = await openTestNatsClient(test, urls)
      const tooLarge = 'x'.repeat(1 + (client.connection.info?.max_payload ?? 0))
      await assert.rejects(ask(client, 'any', tooLarge), { code: 'MAX_PAYLOAD_EXCEEDED' })
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
