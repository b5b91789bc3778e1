// The servers' programs, as natively as they can be had: Go and Maven build what Debian has not, or too old.

import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { buildOnce } from './build-once.mjs'
import { findJava, findOnPath, findNginxJsModule } from './installed-programs.mjs'

export const NATS_SERVER_VERSION = '2.15.2'
export const VERSITYGW_VERSION = '1.7.0'
export const CASSANDRA_VERSION = '5.0.8'

/** What `buildOnce` calls them. */
export const builtNames = Object.freeze({
  natsServer: `nats-server-${NATS_SERVER_VERSION}`,
  versitygw: `versitygw-${VERSITYGW_VERSION}`,
  cassandra: `cassandra-${CASSANDRA_VERSION}`,
})

const cassandraPom = fileURLToPath(new URL('cassandra/pom.xml', import.meta.url))

/**
 * @typedef {object} Workshop
 * @property {string} binFolder where built programs are kept
 * @property {(line: string) => void} log
 */

/**
 * The path of `nats-server`; built by Go when it is not there.
 *
 * @param {Workshop} workshop
 */
export function obtainNatsServer(workshop) {
  const module = `github.com/nats-io/nats-server/v2@v${NATS_SERVER_VERSION}`
  return installWithGo(workshop, builtNames.natsServer, module, 'nats-server')
}

/**
 * The path of Versity's S3 gateway; built by Go when it is not there.
 *
 * @param {Workshop} workshop
 */
export function obtainVersitygw(workshop) {
  const module = `github.com/versity/versitygw/cmd/versitygw@v${VERSITYGW_VERSION}`
  return installWithGo(workshop, builtNames.versitygw, module, 'versitygw')
}

/**
 * A Java to run it, and a folder with Cassandra's jars in `lib/`; fetched by Maven when it is not there.
 *
 * @param {Workshop} workshop
 */
export async function obtainCassandra({ binFolder, log }) {
  const java = require('Java', await findJava())
  const home = await buildOnce(binFolder, builtNames.cassandra, async (workFolder) => {
    log(`fetching Cassandra ${CASSANDRA_VERSION}, some 66 MB`)
    await copyFile(cassandraPom, join(workFolder, 'pom.xml'))
    const target = join(workFolder, 'home')
    const goal = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies'
    await run(workFolder, require('mvn', findOnPath('mvn')), [
      ...['--quiet', '--batch-mode', goal, '-DincludeScope=runtime'],
      ...[`-Dcassandra.version=${CASSANDRA_VERSION}`, `-DoutputDirectory=${join(target, 'lib')}`],
    ])
    return target
  })
  return { java, home }
}

/** The path of `redis-server`, which the system must have. */
export function obtainRedisServer() {
  return require('redis-server', findOnPath('redis-server'))
}

/** nginx with its JavaScript module, which the system must have. */
export async function obtainNginx() {
  const path = require('nginx', findOnPath('nginx'))
  const jsModule = require('nginx with njs', findNginxJsModule())
  const { stderr } = await promisify(execFile)(path, ['-v'])
  const [, version = 'unknown'] = /nginx\/(\S+)/.exec(stderr) ?? []
  return { path, jsModule, version }
}

/**
 * @param {Workshop} workshop
 * @param {string} name
 * @param {string} module
 * @param {string} program
 */
function installWithGo({ binFolder, log }, name, module, program) {
  return buildOnce(binFolder, name, async (workFolder) => {
    log(`building ${name}, which takes a minute`)
    await run(workFolder, require('go', findOnPath('go')), ['install', '-trimpath', module], {
      GOBIN: workFolder,
      // Needs no C compiler.
      CGO_ENABLED: '0',
    })
    return join(workFolder, program)
  })
}

/**
 * @param {string} folder
 * @param {string} program
 * @param {readonly string[]} programArguments
 * @param {Readonly<Record<string, string>>} [environment]
 */
async function run(folder, program, programArguments, environment = {}) {
  const child = spawn(program, programArguments, {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, ...environment },
  })
  await once(child, 'close')
  if (child.exitCode !== 0) throw new Error(`${program} ${programArguments.join(' ')} failed`)
}

/**
 * @param {string} what
 * @param {string | undefined} path
 */
function require(what, path) {
  if (path === undefined) throw new Error(`${what} is not installed on this machine`)
  return path
}
