import type { MediaPrograms } from './media-programs.ts'

/** A file to look at, and where to leave what is made of it. */
export interface FileToDerive {
  readonly inputPath: string
  /** Empty; the child writes each file it makes here, under the variant's name. */
  readonly outputFolder: string
  /** False when decoding it has killed a child before: it is only looked at from outside. */
  readonly decode: boolean
  /** `hls`: of a video only that, which takes long. Everything else unless given. */
  readonly task?: 'hls' | undefined
}

/** What a sandboxed child is asked: look at a file, make what can be made of it. */
export interface DeriveRequest extends FileToDerive {
  /** What else it may run, by absolute paths. */
  readonly programs: MediaPrograms
}

export interface DerivedFile {
  readonly variant: string
  readonly contentType: string
  readonly width?: number | undefined
  readonly height?: number | undefined
  /** Of a variant of several files: their names, in a folder under the variant's name. */
  readonly fileNames?: readonly string[] | undefined
}

/** What a child found out and made. */
export interface Derived {
  /** By content. */
  readonly contentType: string
  readonly width?: number | undefined
  readonly height?: number | undefined
  /** Of what plays. */
  readonly durationMs?: number | undefined
  /** base64url */
  readonly thumbhash?: string | undefined
  /** Peaks of what sounds, a byte each, base64url. */
  readonly waveform?: string | undefined
  /** The whole file may be handed out as it came: nothing in it needs to be taken out. */
  readonly keepsOriginal: boolean
  readonly files: readonly DerivedFile[]
  /** Why there are no previews although the type has some. */
  readonly reason?: string | undefined
}

export type ChildMessage =
  | { readonly kind: 'ready' }
  /** Said first of every file: how much time the parent gives follows from the type. */
  | { readonly kind: 'sniffed'; readonly contentType: string }
  | { readonly kind: 'derived'; readonly derived: Derived }
  /** The child itself failed, not the file. */
  | { readonly kind: 'failed'; readonly message: string }
