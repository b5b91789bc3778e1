import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { ServerProcess } from '../server-process.ts'

export interface SatchelServerOptions {
  readonly node: string
  readonly nodeFlags?: readonly string[] | undefined
  /** The environment of the caller: its own `SATCHEL_` settings do not reach the server. */
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly port: number
  readonly folder: string
}

export const TOKEN_SECRET = 'a secret that only load tests sign their tokens with'
export const SERVER_KEY = 'a key that only load tests call the HTTP API with'

const REPOSITORY = join(import.meta.dirname, '..', '..', '..')

/** The product as `npm start` runs it, with a data folder of its own and without user limits. */
export async function createSatchelServer(options: SatchelServerOptions): Promise<ServerProcess> {
  const { node, nodeFlags, environment, port, folder } = options
  await mkdir(folder, { recursive: true })
  const inherited = Object.entries(environment).filter(([name]) => !name.startsWith('SATCHEL_'))
  return new ServerProcess({
    program: node,
    nodeFlags,
    file: join(REPOSITORY, 'gateway', 'src', 'main.ts'),
    environment: {
      ...Object.fromEntries(inherited),
      SATCHEL_PORT: String(port),
      SATCHEL_DATA_DIR: join(folder, 'data'),
      SATCHEL_LIMITS: 'off',
      SATCHEL_LOG_LEVEL: 'warn',
      SATCHEL_TOKEN_SECRET: TOKEN_SECRET,
      SATCHEL_SERVER_KEYS: SERVER_KEY,
    },
    logFile: join(folder, 'server.log'),
    port,
    readyPath: '/ready',
  })
}
