// As much of Cassandra's native protocol (version 4) as it takes to ask one question without a driver.

import { exchange } from './exchange.mjs'

const VERSION = 4
const OPCODES = { error: 0, startup: 1, ready: 2, query: 7, result: 8 }
const CONSISTENCY_ONE = 1
const HEADER_BYTES = 9
const DROP_TIMEOUT_MS = 60_000
const ROWS = 2
const HAS_GLOBAL_TABLE = 1
const HAS_WARNINGS = 8

/**
 * Runs one statement and gives its rows, values as text; only columns of text can be read. Statements without rows give
 * none.
 *
 * @param {string} address `host:port`
 * @param {string} statement
 * @param {number} [timeoutMs]
 * @returns {Promise<readonly (readonly (string | undefined)[])[]>}
 */
export function requestCql(address, statement, timeoutMs = 5_000) {
  const query = Buffer.concat([int(Buffer.byteLength(statement)), Buffer.from(statement)])
  const question = Buffer.concat([query, short(CONSISTENCY_ONE), Buffer.from([0])])
  const startup = Buffer.concat([short(1), text('CQL_VERSION'), text('3.0.0')])
  let isAsked = false
  return exchange(address, frame(OPCODES.startup, startup), timeoutMs, (received, send) => {
    for (const { opcode, body } of readFrames(received)) {
      if (opcode === OPCODES.ready) {
        if (!isAsked) send(frame(OPCODES.query, question))
        isAsked = true
        continue
      }
      if (opcode === OPCODES.result) return readRows(body)
      const reason = opcode === OPCODES.error ? new Cursor(body, 4).text() : `opcode ${opcode}`
      throw new Error(`Cassandra said ${reason}`)
    }
    return undefined
  })
}

/**
 * Removes a keyspace, there or not: each table takes memory of a server that all tests of a run share, and it has little.
 *
 * @param {string | undefined} address
 * @param {string} keyspace
 */
export async function dropKeyspace(address, keyspace) {
  if (address !== undefined)
    await requestCql(address, `DROP KEYSPACE IF EXISTS ${keyspace}`, DROP_TIMEOUT_MS)
}

/**
 * @param {Buffer} received
 * @returns {Generator<{ opcode: number, body: Buffer }>}
 */
function* readFrames(received) {
  for (let start = 0; start + HEADER_BYTES <= received.length;) {
    const bodyStart = start + HEADER_BYTES
    const end = bodyStart + received.readUInt32BE(start + 5)
    if (received.length < end) return
    const body = received.subarray(bodyStart, end)
    const hasWarnings = (received.readUInt8(start + 1) & HAS_WARNINGS) !== 0
    yield {
      opcode: received.readUInt8(start + 4),
      body: hasWarnings ? body.subarray(lengthOfWarnings(body)) : body,
    }
    start = end
  }
}

/**
 * They come before the answer, as when a question goes over every partition.
 *
 * @param {Buffer} body
 */
function lengthOfWarnings(body) {
  const cursor = new Cursor(body)
  for (let left = cursor.short(); left > 0; left -= 1) cursor.text()
  return cursor.at
}

/** @param {Buffer} body */
function readRows(body) {
  const cursor = new Cursor(body)
  if (cursor.int() !== ROWS) return []
  const isGlobal = (cursor.int() & HAS_GLOBAL_TABLE) !== 0
  const columns = cursor.int()
  const skipTable = () => [cursor.text(), cursor.text()]
  if (isGlobal) skipTable()
  for (let column = 0; column < columns; column += 1) {
    if (!isGlobal) skipTable()
    cursor.text()
    cursor.short()
  }
  return Array.from({ length: cursor.int() }, () =>
    Array.from({ length: columns }, () => cursor.value()),
  )
}

class Cursor {
  #bytes
  #at

  /**
   * @param {Buffer} bytes
   * @param {number} [at]
   */
  constructor(bytes, at = 0) {
    this.#bytes = bytes
    this.#at = at
  }

  get at() {
    return this.#at
  }

  int() {
    this.#at += 4
    return this.#bytes.readInt32BE(this.#at - 4)
  }

  short() {
    this.#at += 2
    return this.#bytes.readUInt16BE(this.#at - 2)
  }

  text() {
    return this.#take(this.short())
  }

  value() {
    const length = this.int()
    return length < 0 ? undefined : this.#take(length)
  }

  /** @param {number} length */
  #take(length) {
    this.#at += length
    return this.#bytes.toString('utf8', this.#at - length, this.#at)
  }
}

/**
 * @param {number} opcode
 * @param {Buffer} body
 */
function frame(opcode, body) {
  return Buffer.concat([Buffer.from([VERSION, 0, 0, 0, opcode]), int(body.length), body])
}

/** @param {number} value */
function int(value) {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}

/** @param {number} value */
function short(value) {
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16BE(value)
  return bytes
}

/** @param {string} value */
function text(value) {
  return Buffer.concat([short(Buffer.byteLength(value)), Buffer.from(value)])
}
