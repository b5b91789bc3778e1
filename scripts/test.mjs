// npm test [-- FILTER… --node-flag…]: installs what is missing, then runs the test files whose path contains a filter.

import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { installMissing, repositoryRoot } from './installation.mjs'
import { listMissingPrograms } from './programs.mjs'
import { VERDICT_VARIABLE } from './run-again.mjs'
import { spawnNode22 } from './run-on-node-22.mjs'
import { shareTestServices } from './services/test-services.mjs'
import { findTestFiles } from './source-files.mjs'

// More at once than this makes the timing of every test worse and none faster. In CI nothing may depend on timing.
const isCi = process.env['CI'] === 'true'
const maxFilesAtOnce = isCi ? 1 : 4
const fileTimeoutMs = 15 * 60_000

installMissing()
const givenArguments = process.argv.slice(2)
const nodeFlags = givenArguments.filter((argument) => argument.startsWith('-'))
const filters = givenArguments.filter((argument) => !argument.startsWith('-'))
const files = findTestFiles(repositoryRoot, filters)

for (const { name, neededFor } of listMissingPrograms()) {
  console.log(`Not on this machine: ${name}. What needs it, ${neededFor}, says so below.`)
}

if (files.length === 0) {
  console.error(`No test file's path contains ${filters.join(' or ')}.`)
  process.exitCode = 1
} else {
  const services = await shareTestServices()
  Object.assign(process.env, services.environment)
  const verdictFolder = await mkdtemp(join(tmpdir(), 'satchel-verdict-'))
  const verdictFile = join(verdictFolder, 'unsteady')
  if (isCi) process.env[VERDICT_VARIABLE] = verdictFile
  const testArguments = [
    '--test',
    `--test-reporter=${join(repositoryRoot, 'scripts', 'test-reporter.mjs')}`,
    '--test-reporter-destination=stdout',
    `--test-concurrency=${Math.min(availableParallelism(), maxFilesAtOnce)}`,
    `--test-timeout=${fileTimeoutMs}`,
    ...nodeFlags,
    ...files,
  ]
  spawnNode22(testArguments, async () => {
    const hasOnlyUnsteady = existsSync(verdictFile)
    await rm(verdictFolder, { recursive: true, force: true })
    await services.stop()
    return hasOnlyUnsteady ? 0 : undefined
  })
}
