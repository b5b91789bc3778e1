import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { openNatsClient, type NatsClient } from '../../../src/adapters/nats/nats-client.ts'
import { eventually } from '../../support/eventually.ts'
import { startRealServers } from '../../support/real-servers.ts'
import { RecordedServerTelemetry } from '../../support/recorded-server-telemetry.ts'

describe('the connection to NATS', () => {
  it('comes back after the server was killed, and says so', async (test) => {
    const servers = await startRealServers(test, ['nats'])
    if (servers === undefined) return
    const { client, telemetry } = await open(test, servers.addresses.nats)
    let reconnects = 0
    client.watchReconnects(() => reconnects++)
    const received: string[] = []
    client.connection.subscribe('there', { callback: (_, { subject }) => received.push(subject) })
    await servers.server('nats').kill()
    await eventually(() => assert.equal(client.connected, false))
    await servers.server('nats').start()
    await eventually(() => assert.equal(reconnects, 1))
    assert.equal(client.connected, true)
    client.connection.publish('there')
    await eventually(() => assert.deepEqual(received, ['there']))
    assert.deepEqual(
      telemetry.breakers.map(({ state }) => state),
      ['open', 'closed'],
    )
    const [url = ''] = servers.addresses.nats
    assert.deepEqual(
      telemetry.losses.map(({ address }) => address),
      [new URL(url).host],
    )
    await client.close()
    assert.equal(telemetry.breakers.length, 2)
  })

  it('notices within seconds that a server no longer answers', async (test) => {
    const servers = await startRealServers(test, ['nats'])
    if (servers === undefined) return
    const { client } = await open(test, servers.addresses.nats)
    await servers.server('nats').pause()
    await eventually(() => assert.equal(client.connected, false), 6_000)
    servers.server('nats').resume()
    await eventually(() => assert.equal(client.connected, true))
  })

  it('closes at once without a server', async (test) => {
    const servers = await startRealServers(test, ['nats'])
    if (servers === undefined) return
    const { client } = await open(test, servers.addresses.nats)
    await servers.server('nats').kill()
    await eventually(() => assert.equal(client.connected, false))
    await client.close()
    assert.equal(client.connection.isClosed(), true)
  })

  it('is refused in time where no server is', async () => {
    const telemetry = new RecordedServerTelemetry()
    const options = { deployment: 'test', name: 'test', telemetry, openTimeoutMs: 200 }
    const urls = ['nats://user:password@127.0.0.1:1']
    await assert.rejects(openNatsClient({ ...options, urls }), {
      code: 'unavailable',
      message: 'NATS could not be reached at 127.0.0.1:1',
    })
  })
})

async function open(
  test: TestContext,
  urls: readonly string[],
): Promise<{ readonly client: NatsClient; readonly telemetry: RecordedServerTelemetry }> {
  const telemetry = new RecordedServerTelemetry()
  const client = await openNatsClient({ urls, deployment: 'test', name: 'test', telemetry })
  test.after(() => client.close())
  return { client, telemetry }
}
