import assert from 'node:assert/strict'
import { mkdtemp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { it } from 'node:test'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { startProduct } from '../support/start-product.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))

it('runs the example of the README as it stands there', async (t) => {
  const readme = await readFile(join(root, 'README.md'), 'utf8')
  const example = /```ts\n(.*?)```/s.exec(readme)?.[1]
  assert.ok(example !== undefined, 'the README has an example in TypeScript')
  const product = await startProduct(t)
  if (product === undefined) return
  const said = await runExample(example, product.url)
  // `events read, text of the last message, conversations in the inbox`, as its last line says.
  assert.deepEqual(
    said.find((values) => values.length === 3),
    [1, 'Look here!', 1],
  )
  const seqs = said
    .filter(([, kind]) => typeof kind === 'string' && kind.includes('_'))
    .map(([seq]) => seq)
  // Where it listens before the first event has come, it hears of that as well.
  const [first = 0] = seqs
  assert.ok(first === 1 || first === 2, 'its events come from the start')
  assert.deepEqual(seqs.slice(0, 3), [first, first + 1, first + 2], 'its events come in order')
})

/** Runs the code as a module of its own; gives what it printed. */
async function runExample(example: string, url: string): Promise<readonly (readonly unknown[])[]> {
  // Within the repository, so that the package is found by its name.
  const artifacts = join(root, 'artifacts')
  await mkdir(artifacts, { recursive: true })
  const folder = await mkdtemp(join(artifacts, 'readme-'))
  try {
    const given = join(folder, 'given.ts')
    await writeFile(given, givenModule(url))
    const file = join(folder, 'example.ts')
    await writeFile(
      file,
      `import { url, getToken, deviceId, file, console } from './given.ts'\n${example}`,
    )
    await import(pathToFileURL(file).href)
    const module: unknown = await import(pathToFileURL(given).href)
    return parsePrinted(module)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** What the example takes for granted: an address, a token, a file, and a console that listens. */
function givenModule(url: string): string {
  return `
    export const url = ${JSON.stringify(url.replace('http', 'ws') + '/v1/socket')}
    export const deviceId = 'readme'
    export const file = new File(['not really a photo'], 'photo.txt', { type: 'text/plain' })
    export async function getToken() {
      const answer = await fetch(${JSON.stringify(`${url}/dev/sign-in`)}, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ name: 'alice' }),
      })
      return (await answer.json()).token
    }
    export const printed = []
    export const console = { log: (...values) => { printed.push(values) } }
  `
}

function parsePrinted(module: unknown): readonly (readonly unknown[])[] {
  assert.ok(typeof module === 'object' && module !== null && 'printed' in module)
  assert.ok(Array.isArray(module.printed))
  return module.printed as readonly (readonly unknown[])[]
}
