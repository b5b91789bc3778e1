import type { DeriveRequest } from '../derive-request.ts'
import type { InstalledPrograms } from '../media-programs.ts'
import type { Container } from './containers.ts'

/** A foreign file that ffmpeg is to open, and where it works. */
export interface PlayableFile {
  readonly path: string
  readonly container: Container
  readonly folder: string
  readonly programs: InstalledPrograms
}

export function playableFile(
  { inputPath, outputFolder }: DeriveRequest,
  container: Container,
  programs: InstalledPrograms,
): PlayableFile {
  return { path: inputPath, container, folder: outputFolder, programs }
}
