import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { createOwnerTelemetry, startOwner } from '@satchel/chat-core'
import { openEmbeddedBackend } from '@satchel/chat-core/backends'
import type { GatewayMessage } from '@satchel/chat-core/ports'
import { createLog, createMetrics, readSettings } from '@satchel/chat-core/runtime'
import { openGateway } from '../src/gateway.ts'
import { withEmbeddedSecrets } from '../src/tokens/embedded-secrets.ts'
import { signToken } from '../src/tokens/sign-token.ts'
import { SocketClient } from './socket-client.ts'
import { userIdOf } from './test-server.ts'

type EventsMessage = Extract<GatewayMessage, { readonly type: 'events' }>

/**
 * A gateway and an owner between which the bus loses what `loses` names, as a real one may. Answers
 * always arrive: what they do without is tested elsewhere.
 */
export async function openLossyGateway(
  context: TestContext,
  loses: (message: EventsMessage) => boolean,
) {
  const dataDir = await mkdtemp(join(tmpdir(), 'satchel-gateway-'))
  const settings = withEmbeddedSecrets(
    readSettings({ SATCHEL_PORT: '0', SATCHEL_DATA_DIR: dataDir }),
  )
  const log = createLog({ logLevel: 'silent' }, { write: () => undefined })
  const metrics = createMetrics({ processMetrics: false })
  const backend = await openEmbeddedBackend({
    dataDir,
    pid: process.pid,
    onListenerError: (error) => {
      throw error
    },
  })
  const { bus } = backend
  const lossy: typeof bus = {
    ...bus,
    listen: (gatewayId, listener) =>
      bus.listen(gatewayId, (message) => {
        if (message.type !== 'events' || !loses(message)) listener(message)
      }),
  }
  const telemetry = createOwnerTelemetry(log, metrics)
  const owner = startOwner({ ...backend, settings, telemetry })
  const webClient = Promise.resolve(new Map())
  const gateway = await openGateway({
    backend: { ...backend, bus: lossy },
    settings,
    log,
    metrics,
    webClient,
  })
  const clients: SocketClient[] = []
  context.after(async () => {
    for (const client of clients) client.close()
    await gateway.close()
    await owner.close()
    await backend.close()
    await rm(dataDir, { recursive: true, force: true })
  })
  return {
    signIn: async (user: string): Promise<SocketClient> => {
      const address = `ws://127.0.0.1:${gateway.port}/v1/socket`
      const client = await SocketClient.connect(address, 'msgpack')
      clients.push(client)
      const options = { userId: userIdOf(user), nowMs: Date.now(), lifetimeMs: 60_000 }
      await client.hello(await signToken(settings.tokenSecret ?? '', options))
      return client
    },
  }
}
