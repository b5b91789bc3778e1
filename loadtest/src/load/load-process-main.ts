// A process of the generator: it is one of LOAD_PARTS, and does what the process that started it asks for.

import { LOAD_PARTS, type LoadPartName } from './load-parts.ts'
import type { Asked } from './load-process.ts'

const [, , name = '', options = ''] = process.argv
const part = createPart(name, parseOptions(options))
process.on('message', (message) => {
  void answer(parseAsked(message))
})
process.on('disconnect', () => process.exit())

async function answer({ id, method, argument }: Asked): Promise<void> {
  try {
    const called: unknown = Reflect.get(part, method)
    if (typeof called !== 'function') throw new Error(`${name} cannot ${method}`)
    const value: unknown = await Reflect.apply(called, part, [argument])
    process.send?.({ id, value })
  } catch (error) {
    process.send?.({ id, error: error instanceof Error ? error.message : String(error) })
  }
}

function createPart(partName: string, partOptions: never): object {
  return LOAD_PARTS[parseName(partName)](partOptions)
}

function parseName(text: string): LoadPartName {
  if (!Object.hasOwn(LOAD_PARTS, text)) throw new Error(`there is no part ${text}`)
  return text as LoadPartName
}

function parseOptions(text: string): never {
  return JSON.parse(text) as never
}

function parseAsked(message: unknown): Asked {
  return message as Asked
}
