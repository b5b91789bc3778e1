import { connect, createServer } from 'node:net'

/** @typedef {'to_server' | 'to_client'} Direction */
/** @typedef {import('node:net').Socket} Socket */

// As much as waits here at most per direction; then the sender's own socket fills.
const HELD_BYTES_MAX = 1024 * 1024

/**
 * A TCP proxy for tests: stands between clients and one server, on a free port of this machine, and does to their
 * connections what networks do.
 *
 * @param {string} address of the server: `scheme://host:port` or `host:port`
 */
export async function openTcpProxy(address) {
  const url = new URL(address.includes('://') ? address : `tcp://${address}`)
  const proxy = new TcpProxy({ host: url.hostname, port: Number(url.port) })
  const port = await proxy.listen()
  const scheme = address.includes('://') ? `${url.protocol}//` : ''
  return Object.assign(proxy, { address: `${scheme}127.0.0.1:${port}` })
}

class TcpProxy {
  #server = createServer({ allowHalfOpen: true }, (client) => this.#accept(client))
  #target
  /** @type {Set<Link>} */
  #links = new Set()
  /** @type {Record<Direction, Weather>} */
  #weather = { to_server: new Weather(), to_client: new Weather() }
  #refusing = false

  /** @param {{ host: string, port: number }} target */
  constructor(target) {
    this.#target = target
  }

  /** @returns {Promise<number>} */
  listen() {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(0, '127.0.0.1', () => {
        const address = this.#server.address()
        resolve(typeof address === 'object' ? (address?.port ?? 0) : 0)
      })
    })
  }

  get connections() {
    return this.#links.size
  }

  /**
   * Bytes that came and have not been passed on.
   *
   * @param {Direction} direction
   */
  waitingBytes(direction) {
    return [...this.#links].reduce((sum, link) => sum + link.waitingBytes(direction), 0)
  }

  /**
   * From now on bytes arrive so much later, in order.
   *
   * @param {Direction} direction
   * @param {number} ms
   */
  delay(direction, ms) {
    this.#weather[direction].delayMs = ms
  }

  /**
   * From now on no more bytes arrive in a second, on each connection.
   *
   * @param {Direction} direction
   * @param {number} bytesPerSecond
   */
  slow(direction, bytesPerSecond) {
    this.#weather[direction].bytesPerMs = bytesPerSecond / 1_000
  }

  /**
   * Nothing arrives: it waits, on connections made meanwhile as well.
   *
   * @param {Direction} direction
   */
  hold(direction) {
    this.#weather[direction].holding = true
  }

  /**
   * What was held arrives.
   *
   * @param {Direction} direction
   */
  release(direction) {
    this.#weather[direction].holding = false
    for (const link of this.#links) link.pump()
  }

  /**
   * What arrives from now on is lost. A connection that lost something cannot go on: it ends with `cut`.
   *
   * @param {Direction} direction
   */
  swallow(direction) {
    this.#weather[direction].swallowing = true
  }

  /** Ends every connection as a pulled plug does, with what was on its way; new ones are as if nothing had been. */
  cut() {
    for (const weather of Object.values(this.#weather)) weather.clear()
    for (const link of this.#links) link.destroy()
  }

  /** As if nothing had been; connections that lost something end. */
  heal() {
    const hasLost = Object.values(this.#weather).some(({ swallowing }) => swallowing)
    this.accept()
    for (const weather of Object.values(this.#weather)) weather.clear()
    if (hasLost) this.cut()
    else for (const link of this.#links) link.hurry()
  }

  /** Connections are turned away until `accept`; those there are go on. */
  refuse() {
    this.#refusing = true
  }

  accept() {
    this.#refusing = false
  }

  /** @returns {Promise<void>} */
  close() {
    this.cut()
    return new Promise((resolve) => this.#server.close(() => resolve()))
  }

  /** @param {Socket} client */
  #accept(client) {
    if (this.#refusing) {
      client.resetAndDestroy()
      return
    }
    const server = connect({ ...this.#target, allowHalfOpen: true })
    const link = new Link(client, server, this.#weather, () => {
      this.#links.delete(link)
    })
    this.#links.add(link)
  }
}

/** What happens to bytes of one direction. */
class Weather {
  delayMs = 0
  bytesPerMs = Infinity
  holding = false
  swallowing = false

  clear() {
    this.delayMs = 0
    this.bytesPerMs = Infinity
    this.holding = false
    this.swallowing = false
  }
}

/** A client's connection and the one to the server that belongs to it. */
class Link {
  #sockets
  #pipes

  /**
   * @param {Socket} client
   * @param {Socket} server
   * @param {Record<Direction, Weather>} weather
   * @param {() => void} ended
   */
  constructor(client, server, weather, ended) {
    this.#sockets = [client, server]
    this.#pipes = {
      to_server: new Pipe(client, server, weather.to_server),
      to_client: new Pipe(server, client, weather.to_client),
    }
    for (const socket of this.#sockets) {
      socket.setNoDelay(true)
      // Its end, which follows, says enough.
      socket.on('error', () => undefined)
      socket.on('close', () => {
        this.destroy()
        ended()
      })
    }
  }

  /** @param {Direction} direction */
  waitingBytes(direction) {
    return this.#pipes[direction].waitingBytes
  }

  pump() {
    for (const pipe of Object.values(this.#pipes)) pipe.pump()
  }

  hurry() {
    for (const pipe of Object.values(this.#pipes)) pipe.hurry()
  }

  destroy() {
    for (const pipe of Object.values(this.#pipes)) pipe.stop()
    for (const socket of this.#sockets) if (!socket.destroyed) socket.resetAndDestroy()
  }
}

/** One direction of a link. */
class Pipe {
  #source
  #sink
  #weather
  /** @type {{ chunk: Buffer | undefined, dueMs: number }[]} */
  #queue = []
  #waitingBytes = 0
  #freeMs = 0
  /** @type {NodeJS.Timeout | undefined} */
  #timer

  /**
   * @param {Socket} source
   * @param {Socket} sink
   * @param {Weather} weather
   */
  constructor(source, sink, weather) {
    this.#source = source
    this.#sink = sink
    this.#weather = weather
    source.on('data', (chunk) => this.#push(chunk))
    source.on('end', () => this.#push(undefined))
    sink.on('drain', () => source.resume())
  }

  get waitingBytes() {
    return this.#waitingBytes
  }

  stop() {
    clearTimeout(this.#timer)
    this.#queue = []
  }

  /** Passes on everything, due or not. */
  hurry() {
    this.#freeMs = 0
    for (const waiting of this.#queue) waiting.dueMs = 0
    this.pump()
  }

  /** Passes on what is due. */
  pump() {
    clearTimeout(this.#timer)
    for (;;) {
      const [next] = this.#queue
      if (next === undefined || this.#weather.holding) return
      const waitMs = next.dueMs - performance.now()
      if (waitMs > 0) {
        this.#timer = setTimeout(() => this.pump(), waitMs)
        return
      }
      this.#queue.shift()
      this.#pass(next.chunk)
    }
  }

  /** @param {Buffer | undefined} chunk none: the end */
  #push(chunk) {
    if (this.#weather.swallowing) return
    const { delayMs, bytesPerMs } = this.#weather
    const size = chunk?.length ?? 0
    // It leaves when what is before it has left, one byte after the other.
    this.#freeMs = Math.max(this.#freeMs, performance.now()) + size / bytesPerMs
    this.#queue.push({ chunk, dueMs: this.#freeMs + delayMs })
    this.#waitingBytes += size
    if (this.#waitingBytes > HELD_BYTES_MAX) this.#source.pause()
    this.pump()
  }

  /** @param {Buffer | undefined} chunk */
  #pass(chunk) {
    if (chunk === undefined) {
      this.#sink.end()
      return
    }
    this.#waitingBytes -= chunk.length
    const mayGoOn = this.#sink.write(chunk)
    if (!mayGoOn) this.#source.pause()
    else if (this.#waitingBytes <= HELD_BYTES_MAX) this.#source.resume()
  }
}
