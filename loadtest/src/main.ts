// npm run bench [-- media | peers | channel] …: the figures of one process beside relays, of uploads, of what else one could take, or of large channels.

const PROGRAMS: Readonly<Record<string, () => Promise<unknown>>> = {
  media: () => import('./media-main.ts'),
  peers: () => import('./peers-main.ts'),
  channel: () => import('./channel-main.ts'),
}

const [, , name = ''] = process.argv
const program = PROGRAMS[name]
if (program !== undefined) {
  process.argv.splice(2, 1)
  await program()
} else if (name === '' || name.startsWith('-')) {
  await import('./bench-main.ts')
} else {
  process.stderr.write(`There is no bench ${name}, only ${Object.keys(PROGRAMS).join(' and ')}.\n`)
  process.exitCode = 1
}
