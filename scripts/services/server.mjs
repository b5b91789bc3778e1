import { spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { HopelessError, pollUntil } from './poll-until.mjs'
import { readProcessIdentity, readRssBytes } from './process-identity.mjs'
import * as runFile from './run-file.mjs'
import { isFree } from './service-ports.mjs'

/**
 * @typedef {object} ServerPlan how one server is run
 * @property {string} name
 * @property {string} address where clients reach it
 * @property {readonly number[]} ports
 * @property {string} program
 * @property {readonly string[]} arguments
 * @property {Readonly<Record<string, string>>} [environment]
 * @property {string} dataFolder one process at a time may use it
 * @property {() => Promise<void>} [prepare] writes what the program reads
 * @property {() => Promise<string | undefined>} probe gives the version once the server can be used; throws before
 * @property {number} startTimeoutMs
 */

/**
 * @typedef {object} ServerHome
 * @property {string} folder where run files and logs are
 * @property {boolean} tied whether the servers end when this process ends, however it ends
 */

const OLD_PROCESS_TIMEOUT_S = 60
const FOLDER_IN_USE_EXIT_CODE = 75
const LOG_TAIL_BYTES = 1_500

/**
 * One real server. Its process is found again through a file, so that any process may stop what another one started;
 * it is signalled by pid, and only while that pid is still the process that was started.
 */
export class Server {
  #plan
  #home
  #runFile
  #logFile
  /** @type {number | null} */
  #exitCode = null

  /**
   * @param {ServerPlan} plan
   * @param {ServerHome} home
   */
  constructor(plan, home) {
    this.#plan = plan
    this.#home = home
    this.#runFile = runFile.runFilePath(home.folder, plan.name)
    this.#logFile = join(home.folder, 'log', `${plan.name}.log`)
  }

  get name() {
    return this.#plan.name
  }

  get address() {
    return this.#plan.address
  }

  get logFile() {
    return this.#logFile
  }

  /** As the server itself says; `undefined` before it could be used. */
  get version() {
    return runFile.readRunFile(this.#runFile)?.version
  }

  /** The pid, while it runs. */
  get pid() {
    return runFile.readRunningServer(this.#runFile)?.pid
  }

  get rssBytes() {
    const { pid } = this
    return pid === undefined ? 0 : readRssBytes(pid)
  }

  /** Starts it unless it runs, and settles once it can be used. */
  async start() {
    let running = runFile.readRunningServer(this.#runFile)
    if (running?.isStopping === true) {
      await this.stop()
      running = undefined
    }
    if (running === undefined) await this.#spawn()
    else if (running.address !== this.address) {
      throw new Error(`${this.name} runs already, at ${running.address}: stop it first`)
    }
    await this.#untilUsable()
  }

  /** Asks it to end and waits for that; one that does not listen is killed. */
  async stop() {
    await runFile.stopServer(this.#runFile)
  }

  /** Ends it as a crash would, and waits until it is gone. */
  async kill() {
    await runFile.killProcess(this.#requireRunning())
  }

  /** Stops its clock, and settles when it stands still: connections stay open, nothing is answered. */
  async pause() {
    await runFile.pauseProcess(this.#requireRunning())
  }

  resume() {
    process.kill(this.#requireRunning().pid, 'SIGCONT')
  }

  async #spawn() {
    const { name, address, ports, dataFolder, prepare } = this.#plan
    for (const port of ports) {
      if (await isFree(port)) continue
      throw new Error(`${name} cannot have port ${port}: something else listens there`)
    }
    for (const folder of [dataFolder, dirname(this.#logFile)]) {
      await mkdir(folder, { recursive: true })
    }
    await prepare?.()
    const identity = readProcessIdentity(this.#spawnLocked() ?? 0)
    if (identity === undefined) throw new Error(`${name} did not start, see ${this.#logFile}`)
    runFile.writeRunFile(this.#runFile, { ...identity, address })
  }

  #spawnLocked() {
    const { program, arguments: programArguments, environment, dataFolder } = this.#plan
    // Each of these becomes the next one, so that the pid is the server's. The lock is the server's as well: whoever
    // comes next waits until the last process on these data is gone.
    const tie = this.#home.tied ? ['setpriv', '--pdeathsig', 'SIGKILL', '--'] : []
    const lock = ['flock', '--no-fork', '--exclusive', '--wait', String(OLD_PROCESS_TIMEOUT_S)]
    const conflict = ['--conflict-exit-code', String(FOLDER_IN_USE_EXIT_CODE)]
    const line = [...tie, ...lock, ...conflict, join(dataFolder, '.lock'), program]
    const [command = '', ...commandArguments] = [...line, ...programArguments]
    // Nothing else of ours is for them: some take settings from the environment.
    const { PATH = '', HOME = '', LANG = 'C.UTF-8', TZ } = process.env
    const log = openSync(this.#logFile, 'a')
    const child = spawn(command, commandArguments, {
      cwd: dataFolder,
      // Out of reach of the terminal's Ctrl-C: whoever started it decides when it ends.
      detached: true,
      stdio: ['ignore', log, log],
      env: { PATH, HOME, LANG, ...(TZ === undefined ? {} : { TZ }), ...environment },
    })
    closeSync(log)
    // The missing pid says so.
    child.on('error', () => undefined)
    child.on('exit', (code) => (this.#exitCode = code))
    child.unref()
    return child.pid
  }

  async #untilUsable() {
    const { name, startTimeoutMs, probe } = this.#plan
    try {
      const timeoutMs = OLD_PROCESS_TIMEOUT_S * 1_000 + startTimeoutMs
      const version = await pollUntil(`${name} can be used`, timeoutMs, async () => {
        if (this.pid === undefined) throw new HopelessError(this.#whyEnded())
        return probe()
      })
      runFile.writeRunFile(this.#runFile, { ...this.#requireRunning(), version })
    } catch (error) {
      const tail = readFileSync(this.#logFile).subarray(-LOG_TAIL_BYTES).toString('utf8').trim()
      const problem = error instanceof Error ? error.message : String(error)
      throw new Error(`${problem}\n${this.#logFile} ends with:\n${tail}`, { cause: error })
    }
  }

  #whyEnded() {
    const { name, dataFolder } = this.#plan
    return this.#exitCode === FOLDER_IN_USE_EXIT_CODE
      ? `${name} cannot start: another process still uses ${dataFolder}`
      : `${name} ended while it was starting`
  }

  #requireRunning() {
    const running = runFile.readRunningServer(this.#runFile)
    if (running === undefined) throw new Error(`${this.name} is not running`)
    return running
  }
}
