import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { freePort } from '../../../loadtest/src/free-port.ts'
import { ServerProcess } from '../../../loadtest/src/server-process.ts'
import { signToken } from '../../src/tokens/sign-token.ts'
import { SocketClient } from '../socket-client.ts'
import { userIdOf } from '../test-server.ts'

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url))
const SECRET = 'a secret that only the tests of one process know'

export interface ServerChildOptions {
  readonly environment?: Readonly<Record<string, string>>
  /** How many files it may hold open; as many as we may, unless given. */
  readonly openFiles?: number
}

export type ServerChild = Awaited<ReturnType<typeof startServerChild>>

/** The product in a process of its own, which can be stopped and limited; ends with the test. */
export async function startServerChild(context: TestContext, options: ServerChildOptions = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'satchel-child-'))
  const port = await freePort()
  const server = new ServerProcess({
    ...limitedTo(options.openFiles),
    file: main,
    environment: {
      PATH: process.env['PATH'],
      SATCHEL_DATA_DIR: join(folder, 'data'),
      SATCHEL_PORT: String(port),
      SATCHEL_TOKEN_SECRET: SECRET,
      ...options.environment,
    },
    logFile: join(folder, 'server.log'),
    port,
    readyPath: '/ready',
  })
  const clients: SocketClient[] = []
  context.after(async () => {
    for (const client of clients) client.close()
    await server.kill('SIGTERM')
    await rm(folder, { recursive: true, force: true })
  })
  await server.start()
  const tokenOf = (user: string): Promise<string> =>
    signToken(SECRET, { userId: userIdOf(user), nowMs: Date.now(), lifetimeMs: 3_600_000 })
  return {
    server,
    port,
    url: `http://127.0.0.1:${port}`,
    tokenOf,
    signIn: async (user: string): Promise<SocketClient> => {
      const client = await SocketClient.connect(`ws://127.0.0.1:${port}/v1/socket`, 'msgpack')
      clients.push(client)
      await client.hello(await tokenOf(user))
      return client
    },
  }
}

/** Only a shell can lower the limit of what it becomes. */
function limitedTo(openFiles: number | undefined) {
  if (openFiles === undefined) return { program: process.execPath }
  const become = `ulimit -n ${openFiles} && exec "$0" "$@"`
  return { program: '/bin/sh', nodeFlags: ['-c', become, process.execPath] }
}
