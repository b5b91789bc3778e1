import { readProcess } from '../bench/process-meter.ts'
import { freePort } from '../free-port.ts'
import type { ChaosTarget } from './chaos-target.ts'
import { chooseStrikes, type StrikeTable } from './choose-strikes.ts'
import { processVictim } from './process-victim.ts'
import { createSatchelServer, SERVER_KEY, TOKEN_SECRET } from './satchel-server.ts'
import { openWire, WIRE_STRIKES } from './wire.ts'

export interface EmbeddedTargetOptions {
  readonly node: string
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly folder: string
  /** Which of `STRIKES` may be dealt; all when empty. */
  readonly strikes: readonly string[]
}

const RECOVERY_MS = 60_000

/** What may be done to whom. */
const STRIKES: StrikeTable = {
  'kill-server': [{ kind: 'kill', victims: ['server'] }],
  'restart-server': [{ kind: 'restart', victims: ['server'] }],
  'pause-server': [{ kind: 'pause', victims: ['server'] }],
  'wire-clients': WIRE_STRIKES.map((kind) => ({ kind, victims: ['clients'] })),
}

/** One process, and the wire from its clients to it. */
export async function openEmbeddedTarget(options: EmbeddedTargetOptions): Promise<ChaosTarget> {
  const port = await freePort()
  const server = await createSatchelServer({ ...options, port })
  await server.start()
  const wire = await openWire('clients', `http://127.0.0.1:${port}`)
  return {
    ports: [Number(new URL(wire.address).port)],
    tokenSecret: TOKEN_SECRET,
    serverKey: SERVER_KEY,
    victims: [
      wire,
      processVictim({
        name: 'server',
        kill: () => server.kill('SIGKILL'),
        stop: () => server.kill('SIGTERM'),
        start: () => server.start(),
        pause() {
          server.pause()
          return Promise.resolve()
        },
        resume: () => server.resume(),
      }),
    ],
    memoryBytes: () =>
      new Map([['server', server.pid === undefined ? 0 : readProcess(server.pid).rssBytes]]),
    choices: chooseStrikes(STRIKES, options.strikes),
    recoveryMs: RECOVERY_MS,
    async close() {
      await wire.close()
      await server.kill('SIGTERM')
    },
  }
}
