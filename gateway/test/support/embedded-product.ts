import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Product } from './product.ts'

const READY_DEADLINE_MS = 30_000
const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url))

/** One process with data of its own on a free port; resolves when it says that it is ready. */
export async function startEmbeddedProduct(
  settings: Readonly<Record<string, string>>,
): Promise<Product> {
  const dataDir = await mkdtemp(join(tmpdir(), 'satchel-e2e-'))
  const port = String(await findFreePort())
  const environment = { ...settings, SATCHEL_DATA_DIR: dataDir, SATCHEL_PORT: port }
  let server = await startServer(environment)
  return {
    url: server.url,
    otherUrl: server.url,
    chatProcesses: [],
    environment,
    hasObject: async (key) => existsSync(join(dataDir, 'media', 'objects', key)),
    async restart(meanwhile) {
      await end(server.child, 'SIGKILL')
      await meanwhile?.()
      server = await startServer(environment)
    },
    async stop() {
      await end(server.child, 'SIGTERM')
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

interface Server {
  readonly child: ChildProcess
  readonly url: string
}

/** Reads the address from what the program prints when it is ready. */
function startServer(settings: Readonly<Record<string, string>>): Promise<Server> {
  const child = spawn(process.execPath, [main], {
    env: { PATH: process.env['PATH'], SATCHEL_LOG_LEVEL: 'warn', ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  return new Promise((resolve, reject) => {
    const fail = (why: string): void => {
      child.kill('SIGKILL')
      reject(new Error(`the product ${why}; it said:\n${said}`))
    }
    const timer = setTimeout(() => {
      fail(`was not ready after ${String(READY_DEADLINE_MS)} ms`)
    }, READY_DEADLINE_MS)
    const listen = (data: Buffer): void => {
      said += data.toString()
      const url = /open (http:\/\/\S+?)\/?\s/.exec(said)?.[1]
      if (url === undefined) return
      clearTimeout(timer)
      resolve({ child, url })
    }
    child.stdout.on('data', listen)
    child.stderr.on('data', listen)
    child.once('exit', (code) => {
      clearTimeout(timer)
      fail(`ended with code ${String(code)}`)
    })
  })
}

/**
 * A server that took any port (0) would leave it in a state in which its successor cannot take the same
 * one for a minute: so the port is chosen here.
 */
function findFreePort(): Promise<number> {
  const probe = createServer()
  return new Promise((resolve, reject) => {
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => {
        if (address !== null && typeof address === 'object') resolve(address.port)
        else reject(new Error('the probe has no port'))
      })
    })
  })
}

function end(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  return new Promise((resolve) => {
    child.once('exit', () => {
      resolve()
    })
    child.kill(signal)
  })
}
