import { readFileSync } from 'node:fs'

const document = readFileSync(new URL('../PROTOCOL.md', import.meta.url), 'utf8')

/** The rows of the table behind `<!-- table: name -->`, without its header. */
export function readTable(name: string): readonly (readonly string[])[] {
  const [, behind] = document.split(`<!-- table: ${name} -->\n\n`)
  if (behind === undefined) throw new Error(`PROTOCOL.md has no table ${name}`)
  const [table = ''] = behind.split('\n\n')
  return table.trim().split('\n').slice(2).map(readRow)
}

/** `| a | | c |` → a, nothing, c. */
function readRow(line: string): readonly string[] {
  return line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim())
}

/** A line of an example: a frame in the JSON form, and who sends it. */
export interface Example {
  readonly from: 'client' | 'server'
  readonly line: string
}

/** Every line of the ```json blocks, in order. */
export function readExamples(): readonly Example[] {
  const blocks = document.matchAll(/^```json (client|server)\n(.*?)\n```$/gms)
  return [...blocks].flatMap(([, from, lines = '']) =>
    lines.split('\n').map((line) => ({ from: from === 'client' ? 'client' : 'server', line })),
  )
}

/** Targets of links within the document, and the anchors of its headings. */
export function readAnchors(): {
  readonly links: readonly string[]
  readonly anchors: readonly string[]
} {
  const links = [...document.matchAll(/\]\(#([^)]*)\)/g)].map(([, anchor = '']) => anchor)
  const headings = [...document.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => heading)
  const anchors = headings.map((heading) =>
    heading
      .toLowerCase()
      .replace(/[^\w -]/g, '')
      .replaceAll(' ', '-'),
  )
  return { links, anchors }
}
