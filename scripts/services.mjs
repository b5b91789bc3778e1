// npm run services -- [start | stop | status | reset | obtain] [--detach] [--only nats,redis] [--nats-servers 1] [--redis-port 6379 …] [--json]

import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { repositoryRoot } from './installation.mjs'
import { parseCommandLine } from './services/command-line.mjs'
import { readRssBytes } from './services/process-identity.mjs'
import * as runFiles from './services/run-file.mjs'
import { obtainPrograms, removeServicesData, startServices } from './services/start-services.mjs'

/** @typedef {ReturnType<typeof parseCommandLine>} CommandLine */
/** @typedef {import('./services/start-services.mjs').Services} Services */

const WATCH_INTERVAL_MS = 1_000
const MEGABYTE = 1024 * 1024

const folder = join(repositoryRoot, '.services')

try {
  await run(parseCommandLine(process.argv.slice(2)))
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}

/** @param {CommandLine} commandLine */
async function run(commandLine) {
  switch (commandLine.command) {
    case 'start':
      await start(commandLine)
      return
    case 'stop':
      await stop()
      return
    case 'status':
      printStatus(commandLine.isJson)
      return
    case 'reset':
      await stop()
      await removeServicesData(folder)
      console.log(`removed what the services had stored in ${folder}`)
      return
    case 'obtain':
      await obtainPrograms(commandLine.only, console.log)
  }
}

/** @param {CommandLine} commandLine */
async function start({ isDetached, isJson, only, natsServers, ports }) {
  const startedMs = performance.now()
  // Beside servers that run on their own, the missing ones run on their own as well.
  const isWatching = !isDetached && listServers().every(({ pid }) => pid === undefined)
  const log = console.error
  const services = await startServices({ folder, only, natsServers, ports, tied: isWatching, log })
  writeAddresses(services)
  printStatus(isJson)
  const seconds = ((performance.now() - startedMs) / 1_000).toFixed(1)
  const how = isWatching ? 'Ctrl-C stops them' : '`npm run services -- stop` stops them'
  console.error(`usable after ${seconds} s; ${how}`)
  if (isWatching) watch(services)
}

/**
 * Lives as long as the servers do.
 *
 * @param {Services} services
 */
function watch(services) {
  const running = new Set(services.servers)
  const timer = setInterval(() => {
    for (const server of running) {
      if (server.pid !== undefined) continue
      running.delete(server)
      console.error(`${server.name} has ended; its log is ${server.logFile}`)
    }
    if (running.size === 0) clearInterval(timer)
  }, WATCH_INTERVAL_MS)
  let isEnding = false
  const end = () => {
    // One Ctrl-C arrives twice: from the terminal, and passed on by npm.
    if (isEnding) return
    isEnding = true
    clearInterval(timer)
    console.error('stopping')
    services.stop().then(
      () => process.exit(0),
      (/** @type {unknown} */ error) => {
        console.error(error)
        process.exit(1)
      },
    )
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, end)
}

async function stop() {
  const names = runFiles.listStartedServers(folder)
  await Promise.all(names.map((name) => runFiles.stopServer(runFiles.runFilePath(folder, name))))
  console.log(names.length === 0 ? 'nothing runs' : `stopped ${names.join(', ')}`)
}

function listServers() {
  return runFiles.listStartedServers(folder).map((name) => {
    const file = runFiles.runFilePath(folder, name)
    const { address, version } = runFiles.readRunFile(file) ?? {}
    const pid = runFiles.readRunningServer(file)?.pid
    return { name, address, version, pid, rssBytes: pid === undefined ? 0 : readRssBytes(pid) }
  })
}

/** @param {boolean} isJson */
function printStatus(isJson) {
  const servers = listServers()
  if (isJson) console.log(JSON.stringify(servers))
  else if (servers.length === 0) console.log('nothing runs')
  else for (const server of servers) console.log(describe(server))
  if (servers.some(({ pid }) => pid === undefined)) process.exitCode = 1
}

/** @param {ReturnType<typeof listServers>[number]} server */
function describe({ name, address = '', version = '', pid, rssBytes }) {
  const state =
    pid === undefined ? 'has ended' : `pid ${pid}, ${Math.round(rssBytes / MEGABYTE)} MB`
  return `${name.padEnd(10)} ${address.padEnd(24)} ${version.padEnd(8)} ${state}`
}

/**
 * For programs that use the services.
 *
 * @param {Services} services
 */
function writeAddresses({ addresses }) {
  const file = join(folder, 'addresses.json')
  writeFileSync(`${file}.new`, `${JSON.stringify(addresses, undefined, 2)}\n`, { mode: 0o600 })
  renameSync(`${file}.new`, file)
}
