import { exchange } from './exchange.mjs'

/**
 * Sends one command, its words divided by spaces, and gives Redis' answer when that is a line or a text.
 *
 * @param {string} address `redis://host:port`
 * @param {string} command
 * @param {number} [timeoutMs]
 */
export function requestRedis(address, command, timeoutMs = 3_000) {
  return exchange(address, Buffer.from(`${command}\r\n`), timeoutMs, (received) => {
    const text = received.toString('utf8')
    const lineEnd = text.indexOf('\r\n')
    if (lineEnd < 0) return undefined
    const [kind, line] = [text[0], text.slice(1, lineEnd)]
    if (kind === '-') throw new Error(`Redis said ${line}`)
    if (kind !== '$') return line
    const start = lineEnd + 2
    const end = start + Math.max(0, Number(line))
    return received.length < end ? undefined : received.subarray(start, end).toString('utf8')
  })
}
