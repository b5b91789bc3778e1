import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { SignJWT, generateKeyPair } from 'jose'
import { parseUserId, type UserId } from '@satchel/protocol'
import { createLog, createMetrics, readSettings } from '@satchel/chat-core/runtime'
import { openSingleProcess, type SingleProcessDeps } from '../src/single-process.ts'
import { signToken } from '../src/tokens/sign-token.ts'
import type { Capability } from '../src/tokens/identity.ts'
import { KeptConnection } from './kept-connection.ts'
import { SocketClient } from './socket-client.ts'

export interface TestServerOptions extends Partial<
  Pick<SingleProcessDeps, 'times' | 'outboundSteps' | 'webClient' | 'limitBytes'>
> {
  readonly environment?: Readonly<Record<string, string>>
  readonly dataDir?: string
}

export type TestServer = Awaited<ReturnType<typeof openTestServer>>

/** The whole server on a free port and a folder of its own, closed when the test ends. */
export async function openTestServer(context: TestContext, options: TestServerOptions = {}) {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'satchel-gateway-')))
  const log: string[] = []
  const settings = readSettings({
    SATCHEL_PORT: '0',
    SATCHEL_DATA_DIR: dataDir,
    SATCHEL_DRAIN_MS: '50',
    // Nothing is played: that spares each server from trying what it could be played with.
    SATCHEL_FFMPEG: '/nowhere/ffmpeg',
    ...options.environment,
  })
  const server = await openSingleProcess({
    webClient: Promise.resolve(new Map()),
    ...options,
    settings,
    log: createLog(settings, { write: (line) => log.push(line) }),
    metrics: createMetrics({ processMetrics: false }),
    pid: process.pid,
    nodePath: process.execPath,
  })
  const clients: SocketClient[] = []
  context.after(async () => {
    for (const client of clients) client.close()
    await server.close()
    if (options.dataDir === undefined) await rm(dataDir, { recursive: true, force: true })
  })
  const { port } = server
  const secret = server.settings.tokenSecret ?? ''
  const tokenOf = (user: string, claims: TokenClaims = {}): Promise<string> =>
    signToken(secret, {
      userId: userIdOf(user),
      nowMs: Date.now(),
      lifetimeMs: claims.lifetimeMs ?? 3_600_000,
      capabilities: claims.capabilities,
    })
  const connect = async (form: 'msgpack' | 'json' = 'msgpack'): Promise<SocketClient> => {
    const client = await SocketClient.connect(`ws://127.0.0.1:${port}/v1/socket`, form)
    clients.push(client)
    return client
  }
  /** A session of this user that has been welcomed. */
  const signIn = async (
    user: string,
    form: 'msgpack' | 'json' = 'msgpack',
  ): Promise<SocketClient> => {
    const client = await connect(form)
    await client.hello(await tokenOf(user))
    return client
  }
  return {
    server,
    dataDir,
    log,
    port,
    serverKey: server.settings.serverKeys[0] ?? '',
    url: `http://127.0.0.1:${port}`,
    tokenOf,
    /** A token nobody here has the key of. */
    foreignToken: async (user: string): Promise<string> => {
      const { privateKey } = await generateKeyPair('RS256')
      return new SignJWT()
        .setProtectedHeader({ alg: 'RS256', kid: 'elsewhere' })
        .setSubject(user)
        .setExpirationTime('1h')
        .sign(privateKey)
    },
    /** A connection that is there before the server stops listening. */
    keepAlive: () => KeptConnection.open(port),
    connect,
    signIn,
  }
}

interface TokenClaims {
  readonly lifetimeMs?: number
  readonly capabilities?: readonly Capability[]
}

export function userIdOf(text: string): UserId {
  const id = parseUserId(text)
  if (id === undefined) throw new Error(`${text} is no user id`)
  return id
}
