import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { History, Journal } from '../journal.ts'

/** Writes what a run saw into a folder: a file a device, and one with all histories. */
export async function saveJournals(
  folder: string,
  journals: readonly Journal[],
  histories: readonly History[],
): Promise<void> {
  await mkdir(folder, { recursive: true })
  for (const { deviceId, userId, commands, observations } of journals) {
    const lines = [
      JSON.stringify({ deviceId, userId }),
      ...commands.map((command) => JSON.stringify({ command })),
      ...[...observations].map(([conversationId, seen]) =>
        JSON.stringify({ conversationId, seen }),
      ),
    ]
    await writeFile(join(folder, `${deviceId}.jsonl`), `${lines.join('\n')}\n`)
  }
  const lines = histories.map((history) => JSON.stringify(history))
  await writeFile(join(folder, 'histories.jsonl'), `${lines.join('\n')}\n`)
}
