import { access, constants, realpath } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** Programs that children run beside themselves, by absolute paths; absent: not on this machine. */
export interface MediaPrograms {
  readonly ffmpeg?: string | undefined
  readonly ffprobe?: string | undefined
  /** Has the others end with the child that runs them. */
  readonly setpriv?: string | undefined
}

/** With what video and audio are looked into. */
export interface InstalledPrograms extends MediaPrograms {
  readonly ffmpeg: string
  readonly ffprobe: string
}

/** Where packages put them. The search path of whoever started us is no concern of a sandbox. */
const FOLDERS = ['/usr/bin', '/usr/local/bin', '/opt/homebrew/bin'] as const

/**
 * Found before any confinement, and handed to children with each request. `ffmpegPath`, where given, is
 * ffmpeg, with ffprobe beside it, and no other is looked for.
 */
export async function findMediaPrograms(ffmpegPath?: string): Promise<MediaPrograms> {
  const folders = ffmpegPath === undefined ? FOLDERS : [dirname(ffmpegPath)]
  return {
    ffmpeg: ffmpegPath === undefined ? await find('ffmpeg', FOLDERS) : await there(ffmpegPath),
    ffprobe: await find('ffprobe', folders),
    setpriv: await find('setpriv', FOLDERS),
  }
}

/** The folders they lie in, for children to see. */
export function foldersOf({ ffmpeg, ffprobe }: MediaPrograms): readonly string[] {
  return [ffmpeg, ffprobe].flatMap((path) => (path === undefined ? [] : [dirname(path)]))
}

/** Whether video and audio can be looked into. */
export function canPlay(programs: MediaPrograms): programs is InstalledPrograms {
  return programs.ffmpeg !== undefined && programs.ffprobe !== undefined
}

async function find(name: string, folders: readonly string[]): Promise<string | undefined> {
  for (const folder of folders) {
    const path = await there(join(folder, name))
    if (path !== undefined) return path
  }
  return undefined
}

async function there(path: string): Promise<string | undefined> {
  try {
    await access(path, constants.X_OK)
    // A link may point to where a child sees nothing.
    return await realpath(path)
  } catch {
    return undefined
  }
}
