/** @typedef {import('node:child_process').ChildProcessByStdio<null, import('node:stream').Readable, import('node:stream').Readable>} PipedChild */

/**
 * What a child says until it ends, on both streams in the order in which it came, and its exit code: `null` when a
 * signal ended it. Rejects when it could not be started.
 *
 * @param {PipedChild} child
 * @returns {Promise<{ readonly code: number | null, readonly output: string }>}
 */
export function gatherOutput(child) {
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (/** @type {string} */ text) => (output += text))
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, output }))
  })
}
