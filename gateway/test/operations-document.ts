import { readFile } from 'node:fs/promises'

const file = new URL('../../docs/OPERATIONS.md', import.meta.url)

/** The rows of the tables under a heading of OPERATIONS.md, cell by cell, without the heads. */
export async function tableRows(heading: string): Promise<readonly (readonly string[])[]> {
  const text = await readFile(file, 'utf8')
  const [, rest = ''] = text.split(`\n## ${heading}\n`)
  const [section = ''] = rest.split(/\n## /)
  return section
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )
}
