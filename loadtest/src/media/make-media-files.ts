import { execFile } from 'node:child_process'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

export interface MediaFile {
  readonly path: string
  readonly name: string
  readonly contentType: string
  readonly sizeBytes: number
}

export type MediaFiles = Readonly<
  Record<'photo' | 'picture' | 'video' | 'voice' | 'text', MediaFile>
>

/** What people send: made here by ffmpeg, so that nobody's licence comes with it. */
export async function makeMediaFiles(ffmpeg: string, folder: string): Promise<MediaFiles> {
  async function make(name: string, contentType: string, ...options: readonly string[]) {
    const path = join(folder, name)
    await run(ffmpeg, ['-nostdin', '-loglevel', 'error', '-y', ...options, path])
    return { path, name, contentType, sizeBytes: (await stat(path)).size }
  }
  const noise = 'noise=alls=18:allf=t'
  return {
    photo: await make('photo.jpg', 'image/jpeg', ...still('4000x3000', noise), '-q:v', '3'),
    picture: await make('picture.png', 'image/png', ...still('800x600', noise)),
    // 21 Mbit/s for 19 s: 50 MB less a little.
    video: await make(
      'video.mp4',
      'video/mp4',
      ...source('testsrc2=size=1920x1080:rate=30,noise=alls=60:allf=t'),
      ...source('sine=frequency=440'),
      ...['-t', '19', '-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p'],
      ...['-b:v', '21M', '-minrate', '21M', '-maxrate', '21M', '-bufsize', '21M'],
      ...['-c:a', 'aac', '-b:a', '128k'],
    ),
    voice: await make(
      'voice.webm',
      'audio/webm',
      ...source('sine=frequency=220,tremolo=f=3:d=0.9'),
      ...['-t', '10', '-ac', '1', '-c:a', 'libopus', '-b:a', '32k'],
    ),
    text: await make(
      'notes.txt',
      'text/plain',
      ...source('testsrc2=size=320x240:rate=10'),
      ...['-t', '20', '-f', 'framemd5'],
    ),
  }
}

function still(size: string, filter: string): readonly string[] {
  return [...source(`testsrc2=size=${size},${filter}`), '-frames:v', '1']
}

function source(graph: string): readonly string[] {
  return ['-f', 'lavfi', '-i', graph]
}
