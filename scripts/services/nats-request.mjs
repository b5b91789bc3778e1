import { exchange } from './exchange.mjs'

/**
 * Sends one request to a NATS server and gives the first answer, as text.
 *
 * @param {string} address `nats://host:port`
 * @param {string} subject
 * @param {string} [payload]
 * @param {number} [timeoutMs]
 */
export function requestNats(address, subject, payload = '', timeoutMs = 3_000) {
  const inbox = `_INBOX.${Math.random().toString(36).slice(2)}`
  const lines = [
    'CONNECT {"verbose":false,"pedantic":false}',
    `SUB ${inbox} 1`,
    `PUB ${subject} ${inbox} ${Buffer.byteLength(payload)}`,
    payload,
    '',
  ]
  return exchange(address, Buffer.from(lines.join('\r\n')), timeoutMs, (received) => {
    const text = received.toString('latin1')
    throwNatsError(text)
    const [header, size] = /^MSG \S+ 1 (?:\S+ )?(\d+)\r\n/m.exec(text) ?? []
    if (header === undefined) return undefined
    const start = text.indexOf(header) + header.length
    const end = start + Number(size)
    return received.length < end ? undefined : received.subarray(start, end).toString('utf8')
  })
}

/**
 * The version of a NATS server that answers.
 *
 * @param {string} address
 * @param {number} [timeoutMs]
 */
export function readNatsVersion(address, timeoutMs = 3_000) {
  return exchange(address, Buffer.from('CONNECT {}\r\nPING\r\n'), timeoutMs, (received) => {
    const text = received.toString('latin1')
    throwNatsError(text)
    if (!/^PONG\r\n/m.test(text)) return undefined
    const [, version] = /"version":"([^"]+)"/.exec(text) ?? []
    return version
  })
}

/** @param {string} text */
function throwNatsError(text) {
  const [, problem] = /^-ERR (.*)\r\n/m.exec(text) ?? []
  if (problem !== undefined) throw new Error(`NATS said ${problem}`)
}
