// Node's own report of a test run, with up to two paragraphs before its totals: which contracts ran against which
// server, and what became of failed files that were run again.

import { resolve } from 'node:path'
import { spec } from 'node:test/reporters'
import { runAgain } from './run-again.mjs'
import { readTestServerVersions } from './services/test-services.mjs'

/** Contract suites are called “port, technology”. */
const CONTRACT = /^[a-z ]+, (embedded|nats|redis|cassandra|s3|distributed)$/

/** @param {AsyncIterable<import('node:test/reporters').TestEvent>} source */
export default async function* report(source) {
  const reporter = new spec()
  const contracts = new ContractCount()
  /** @type {Set<string>} */
  const failedFiles = new Set()
  let areTotalsDue = true
  for await (const event of source) {
    contracts.take(event)
    const failedFile = readFailedFile(event)
    if (failedFile !== undefined) failedFiles.add(failedFile)
    if (areTotalsDue && isTotal(event)) {
      areTotalsDue = false
      yield await contracts.describe()
      yield await runAgain(failedFiles)
    }
    reporter.write(event)
    yield reporter.read() ?? ''
  }
  reporter.end()
  for await (const rest of reporter) yield String(rest)
}

/**
 * The file that was run, also when the test that failed stands in one it imports: alone, that one may do something else.
 * Files are tests as well, called by their paths; one with a broken hook is complete first, and fails then.
 *
 * @param {import('node:test/reporters').TestEvent} event
 */
function readFailedFile({ type, data }) {
  const hasFailed = type === 'test:fail' || (type === 'test:complete' && !data.details.passed)
  if (!hasFailed || data.file === undefined || resolve(data.name) !== data.file) return undefined
  return data.file
}

/** @param {import('node:test/reporters').TestEvent} event */
function isTotal(event) {
  return (
    event.type === 'test:diagnostic' &&
    event.data.nesting === 0 &&
    event.data.message.startsWith('tests ')
  )
}

class ContractCount {
  /** @type {Map<string, number>} */
  #portsOf = new Map()

  /** @param {import('node:test/reporters').TestEvent} event */
  take(event) {
    if (event.type !== 'test:pass' || event.data.skip !== undefined) return
    const [, technology] = CONTRACT.exec(event.data.name) ?? []
    if (event.data.details.type !== 'suite' || technology === undefined) return
    this.#portsOf.set(technology, (this.#portsOf.get(technology) ?? 0) + 1)
  }

  async describe() {
    if (this.#portsOf.size === 0) return ''
    const versions = Object.entries(await readTestServerVersions())
    const lines = [...this.#portsOf].map(([technology, ports]) => {
      const [, version] = versions.find(([name]) => name.startsWith(technology)) ?? []
      return `  ${technology} ${version ?? ''}: of ${ports} ports`.replace(' :', ':')
    })
    return ['Contracts kept:', ...lines.sort(), ''].join('\n')
  }
}
