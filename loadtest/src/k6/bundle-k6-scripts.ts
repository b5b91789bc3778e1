import { join } from 'node:path'
import { build, stop } from 'esbuild'

export const K6_SCRIPTS = ['chat', 'uploads', 'mixed'] as const
export type K6Script = (typeof K6_SCRIPTS)[number]

const SOURCE = join(import.meta.dirname, '..', '..', 'k6')

/**
 * Writes each script as one file that k6 runs as it is: the protocol's codec is in it, and what that needs of a browser.
 * Gives their paths.
 */
export async function bundleK6Scripts(folder: string): Promise<Readonly<Record<K6Script, string>>> {
  await build({
    entryPoints: K6_SCRIPTS.map((script) => join(SOURCE, `${script}.ts`)),
    outdir: folder,
    bundle: true,
    format: 'esm',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    target: 'es2022',
    external: ['k6', 'k6/*'],
    inject: ['text-encoding.ts', 'well-formed.ts'].map((file) => join(SOURCE, 'client', file)),
    logLevel: 'silent',
  })
  await stop()
  const pathOf = (script: K6Script): string => join(folder, `${script}.js`)
  return { chat: pathOf('chat'), uploads: pathOf('uploads'), mixed: pathOf('mixed') }
}
