import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, stop } from 'esbuild'
import type { BuildOptions, BuildResult, OutputFile } from 'esbuild'

/** A file of the web client, ready to be served. */
export interface WebFile {
  readonly contentType: string
  readonly body: Uint8Array
  /** Its path names its content: whoever has it need never ask again. */
  readonly immutable: boolean
}

const webFolder = fileURLToPath(new URL('../../web/', import.meta.url))
const clientLibrary = fileURLToPath(import.meta.resolve('@satchel/client'))

/** Where index.html wants the names that only bundling knows. */
const SCRIPT_MARK = '%script%'
const STYLE_MARK = '%style%'

const shared: BuildOptions = {
  bundle: true,
  write: false,
  minify: true,
  legalComments: 'none',
  target: ['es2022', 'chrome111', 'firefox115', 'safari16.4'],
  outdir: '/',
  logLevel: 'silent',
}

/**
 * Bundles the web client and the client library, in memory, in well under a second. By path: `/` the page,
 * `/assets/…` what it loads, `/client.js` the library as one module for integrators' own pages.
 */
export async function bundleWebClient(): Promise<ReadonlyMap<string, WebFile>> {
  const [app, library, page, icon] = await Promise.all([
    build({
      ...shared,
      entryPoints: { app: join(webFolder, 'main.tsx'), style: join(webFolder, 'styles/app.css') },
      entryNames: 'assets/[name]-[hash]',
      // What is imported when it is needed becomes a file of its own.
      chunkNames: 'assets/[name]-[hash]',
      splitting: true,
      format: 'esm',
      jsx: 'automatic',
      jsxImportSource: 'preact',
    }),
    build({ ...shared, entryPoints: { client: clientLibrary }, format: 'esm' }),
    readFile(join(webFolder, 'index.html'), 'utf8'),
    readFile(join(webFolder, 'favicon.svg')),
  ])
  // Its process has nothing to do any more; the server lives on.
  await stop()
  const files = new Map<string, WebFile>()
  for (const output of outputsOf(app)) files.set(output.path, webFile(output, true))
  for (const output of outputsOf(library)) files.set(output.path, webFile(output, false))
  files.set('/favicon.svg', { contentType: 'image/svg+xml', body: icon, immutable: false })
  files.set('/', {
    contentType: 'text/html; charset=utf-8',
    body: new TextEncoder().encode(fillIn(page, [...files.keys()])),
    immutable: false,
  })
  return files
}

function outputsOf(result: BuildResult): readonly OutputFile[] {
  return result.outputFiles ?? []
}

function webFile(output: OutputFile, immutable: boolean): WebFile {
  const contentType = output.path.endsWith('.css') ? 'text/css' : 'text/javascript'
  return { contentType: `${contentType}; charset=utf-8`, body: output.contents, immutable }
}

function fillIn(page: string, paths: readonly string[]): string {
  const script = paths.find((path) => path.startsWith('/assets/app-') && path.endsWith('.js'))
  const style = paths.find((path) => path.startsWith('/assets/style-'))
  if (script === undefined || style === undefined) {
    throw new Error('bundling the web client made no script or no style sheet')
  }
  return page.replace(SCRIPT_MARK, script).replace(STYLE_MARK, style)
}
