import { access, constants } from 'node:fs/promises'
import { join } from 'node:path'

/** Programs that children run beside themselves, by absolute paths; absent: not on this machine. */
export interface MediaPrograms {
  readonly ffmpeg?: string | undefined
  readonly ffprobe?: string | undefined
}

/** Where packages put them. The search path of whoever started us is no concern of a sandbox. */
const FOLDERS = ['/usr/bin', '/usr/local/bin', '/opt/homebrew/bin'] as const

/** Found before any confinement, and handed to children with each request. */
export async function findMediaPrograms(): Promise<MediaPrograms> {
  return { ffmpeg: await find('ffmpeg'), ffprobe: await find('ffprobe') }
}

async function find(name: string): Promise<string | undefined> {
  for (const folder of FOLDERS) {
    const path = join(folder, name)
    try {
      await access(path, constants.X_OK)
      return path
    } catch {
      // The next one.
    }
  }
  return undefined
}
