import { readProcess } from '../bench/process-meter.ts'
import { freePort } from '../free-port.ts'
import type { ChaosTarget } from './chaos-target.ts'
import { createSatchelServer, SERVER_KEY, TOKEN_SECRET } from './satchel-server.ts'

export interface EmbeddedTargetOptions {
  readonly node: string
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly folder: string
}

const RECOVERY_MS = 60_000

/** One process, which is killed. */
export async function openEmbeddedTarget(options: EmbeddedTargetOptions): Promise<ChaosTarget> {
  const port = await freePort()
  const server = await createSatchelServer({ ...options, port })
  await server.start()
  return {
    ports: [port],
    tokenSecret: TOKEN_SECRET,
    serverKey: SERVER_KEY,
    victims: [
      {
        name: 'server',
        kill: () => server.kill('SIGKILL'),
        stop: () => server.kill('SIGTERM'),
        start: () => server.start(),
        pause() {
          server.pause()
          return Promise.resolve()
        },
        resume: () => server.resume(),
      },
    ],
    memoryBytes: () =>
      new Map([['server', server.pid === undefined ? 0 : readProcess(server.pid).rssBytes]]),
    choices: [{ kind: 'kill', victims: ['server'] }],
    recoveryMs: RECOVERY_MS,
    close: () => server.kill('SIGTERM'),
  }
}
