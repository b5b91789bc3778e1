import { basename, join } from 'node:path'
import { buildSync } from 'esbuild'

/** Modules in plain JavaScript, by the names of their files. */
export type ChildCode = ReadonlyMap<string, Uint8Array>

/** The one that a child runs. */
export const CHILD_MODULE = 'child-main.mjs'

/** Loaded from where it is installed, since it loads a library from beside itself. */
const NATIVE = ['sharp', 'libheif-js/wasm-bundle.js'] as const
/** Packages in the older format ask for Node's own modules with it. */
const REQUIRE = `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);`

/** The code of children in a few files. From TypeScript, in many, they take three times as long to load. */
export function bundleChild(): ChildCode {
  const main = join(import.meta.dirname, 'child-main.ts')
  const { outputFiles } = buildSync({
    entryPoints: [main],
    outdir: '/',
    outExtension: { '.js': '.mjs' },
    write: false,
    bundle: true,
    // What is imported when it is needed becomes a file of its own.
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    banner: { js: REQUIRE },
    // Found from here: where the files are put no packages are.
    alias: Object.fromEntries(NATIVE.map((name) => [name, import.meta.resolve(name)])),
    external: ['file:*'],
    logLevel: 'silent',
  })
  return new Map(outputFiles.map(({ path, contents }) => [basename(path), contents]))
}
