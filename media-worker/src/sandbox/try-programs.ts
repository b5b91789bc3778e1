import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { makeChildFolder, removeChildFolder } from './child-folder.ts'
import type { Confinement } from './confinement.ts'
import { canPlay, type MediaPrograms } from './media-programs.ts'

const run = promisify(execFile)
const TIMEOUT_MS = 20_000

/**
 * Why ffmpeg and ffprobe do not start where children run them, such as for want of a library that lies where
 * children see nothing; `undefined` when they do, or are not there.
 */
export async function tryPrograms(
  programs: MediaPrograms,
  confinement: Confinement,
  folder: string,
): Promise<unknown> {
  if (!canPlay(programs)) return undefined
  const tried = [programs.ffmpeg, programs.ffprobe].map((program) =>
    tryProgram(program, confinement, folder),
  )
  const failures = await Promise.all(tried)
  return failures.find((failure) => failure !== undefined)
}

async function tryProgram(
  program: string,
  confinement: Confinement,
  folder: string,
): Promise<unknown> {
  const childFolder = await makeChildFolder(folder)
  try {
    const [command, ...rest] = [...confinement.command(childFolder), program]
    const options = { timeout: TIMEOUT_MS, killSignal: 'SIGKILL', env: {}, cwd: '/' } as const
    await run(command, [...rest, '-version'], options)
    return undefined
  } catch (error) {
    return error
  } finally {
    await removeChildFolder(childFolder)
  }
}
