// npm run k6 -- chat | uploads | mixed [--distributed | --bundle FOLDER] [NAME=value …]: runs a k6 script against a server of its own.
// With GATEWAYS and TOKEN_SECRET in the environment, against that deployment.

import { mkdtemp, rm } from 'node:fs/promises'
import { loadavg, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { findOptionalProgram } from './find-optional-program.ts'
import { bundleK6Scripts, K6_SCRIPTS } from './k6/bundle-k6-scripts.ts'
import { k6EnvironmentOf, runK6 } from './k6/run-k6.ts'
import { openLoadTarget } from './load/load-target.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { distributed: { type: 'boolean', default: false }, bundle: { type: 'string' } },
})
const tell = (line: string): void => {
  process.stderr.write(`${line}\n`)
}
const [name = '', ...settings] = positionals
const script = K6_SCRIPTS.find((one) => one === name)
const k6 = findOptionalProgram('k6', process.env['SATCHEL_K6'], process.env['PATH'])

if (values.bundle !== undefined) {
  const scripts = await bundleK6Scripts(resolve(values.bundle))
  tell(Object.values(scripts).join('\n'))
} else if (script === undefined) {
  tell(`Which of ${K6_SCRIPTS.join(', ')}? See loadtest/k6/README.md.`)
  process.exitCode = 1
} else if (k6 === undefined) {
  tell('There is no k6 on the search path, nor at SATCHEL_K6. See loadtest/k6/README.md.')
  process.exitCode = 1
} else {
  const folder = await mkdtemp(join(tmpdir(), 'satchel-k6-'))
  const scripts = await bundleK6Scripts(folder)
  const own =
    process.env['GATEWAYS'] === undefined
      ? await openLoadTarget({
          node: process.execPath,
          environment: process.env,
          folder,
          isDistributed: values.distributed,
          tell,
        })
      : undefined
  try {
    process.exitCode = await runK6({
      k6,
      script: scripts[script],
      environment: own === undefined ? process.env : { ...process.env, ...k6EnvironmentOf(own) },
      settings,
    })
    const load = loadavg().map((average) => average.toFixed(1))
    tell(`load average at the end: ${load.join(', ')}`)
  } finally {
    await own?.close()
  }
  await rm(folder, { recursive: true, force: true })
}
