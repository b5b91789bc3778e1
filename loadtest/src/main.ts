// npm run bench [-- media | peers | channel | owner | concurrent-uploads | SCENARIO] …: the figures of one process beside
// relays, of uploads, of what else one could take, of large channels, of an owner that goes, of very many uploads at once,
// or of one kind of load (load/scenarios.ts).

import { SCENARIOS } from './load/scenarios.ts'

const PROGRAMS: Readonly<Record<string, () => Promise<unknown>>> = {
  media: () => import('./media-main.ts'),
  peers: () => import('./peers-main.ts'),
  channel: () => import('./channel-main.ts'),
  'concurrent-uploads': () => import('./concurrent-uploads-main.ts'),
  owner: () => import('./owner-main.ts'),
}

const [, , name = ''] = process.argv
const program = Object.hasOwn(PROGRAMS, name) ? PROGRAMS[name] : undefined
if (program !== undefined) {
  process.argv.splice(2, 1)
  await program()
} else if (Object.hasOwn(SCENARIOS, name)) {
  await import('./load-main.ts')
} else if (name === '' || name.startsWith('-')) {
  await import('./bench-main.ts')
} else {
  const names = [...Object.keys(PROGRAMS), ...Object.keys(SCENARIOS)]
  process.stderr.write(`There is no bench ${name}, only ${names.join(', ')}.\n`)
  process.exitCode = 1
}
