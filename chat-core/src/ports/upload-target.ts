import type { PartUrl } from '@satchel/protocol'

/** Where the bytes of one upload gather before they are judged. */
export interface StagedUpload {
  /** Key of the object they become: `staging/<day>/<random>/<attachment id>`. */
  readonly key: string
  /** The target's own name for it, as `open` gave it. */
  readonly targetId: string
  readonly sizeBytes: number
  /** 0: one PUT of the whole, as part 0. Otherwise parts are 1 … partCount. */
  readonly partCount: number
  /** Of every part but the last; 0 where there is one PUT. */
  readonly partBytes: number
}

export interface ReceivedPart {
  readonly part: number
  readonly sizeBytes: number
  readonly receivedAtMs: number
}

export type AssembledUpload =
  | { readonly kind: 'assembled'; readonly etag: string }
  | { readonly kind: 'missing'; readonly parts: readonly number[] }
  /** Aborted, or never opened. */
  | { readonly kind: 'gone' }

/** What the caller of `PartReceiver.receive` learns about the flow of bytes. */
export interface PartFlow {
  /** Bytes are not written as fast as they come: bring none until `resume`. */
  pause(): void
  resume(): void
}

/** One part on its way in. Nothing of it counts before `done` settles. */
export interface IncomingPart {
  /** Takes over `chunk`: the caller must not change it afterwards. */
  write(chunk: Uint8Array): void
  /** All bytes were written. */
  end(): void
  /** The sender went away. */
  cancel(): void
  /**
   * Settles when the part is durable. Rejects with `file_changed` (more or fewer bytes than signed),
   * `upload_state` (aborted or complete meanwhile), `storage_full`, or `unavailable` (sender gone, or
   * slower than the deadline). Handled: nothing happens when nobody looks at it.
   */
  readonly done: Promise<void>
}

export interface PartRequest {
  /** As requested, undecoded: `/u/…`. */
  readonly path: string
  /** Without the question mark. */
  readonly query: string
  /** Of the body; `undefined` when the request does not say. */
  readonly contentLength: number | undefined
  readonly nowMs: number
}

/** Takes parts in this process, behind the URLs `sign` made. */
export interface PartReceiver {
  /**
   * Throws, before a byte is taken: `link_invalid`, `link_expired`, or `file_changed` when the length is
   * not the signed one. A part received again replaces the earlier one.
   */
  receive(request: PartRequest, flow: PartFlow): IncomingPart
}

/**
 * Where clients bring bytes.
 *
 * - `open` makes room and gives the target's name for it.
 * - `sign` gives URLs that take exactly the bytes of that part until they expire.
 * - `received` tells what the store itself has, in ascending order; nothing for what is gone.
 * - `assemble` makes the object under `key` of all parts, once: again, it gives the same etag. What
 *   arrives afterwards does not change the object that the etag names.
 * - `abort` frees everything, the assembled object included. Parts still on their way do not bring it
 *   back; where URLs are not revoked (`revokesUrls`), one PUT of the whole may, until its URL expires.
 *   Again, or of what never was: nothing.
 * - `listOpen` finds every upload that takes up room since before `beforeMs` and was not aborted, so that
 *   what nobody knows of can be; assembled ones may be among them.
 */
export interface UploadTarget {
  /** There when the bytes come to this process. */
  readonly receiver: PartReceiver | undefined
  /**
   * Whether completing and aborting end the URLs that were signed. Otherwise those of one PUT of the whole
   * work until they expire, and an upload that was aborted is not told from one that has not arrived: it is
   * `missing` instead of `gone`.
   */
  readonly revokesUrls: boolean
  open(upload: Omit<StagedUpload, 'targetId'>): Promise<string>
  sign(
    upload: StagedUpload,
    parts: readonly number[],
    expiresAtMs: number,
  ): Promise<readonly PartUrl[]>
  received(upload: StagedUpload): Promise<readonly ReceivedPart[]>
  assemble(upload: StagedUpload): Promise<AssembledUpload>
  abort(upload: Pick<StagedUpload, 'key' | 'targetId'>): Promise<void>
  listOpen(beforeMs: number): AsyncIterable<Pick<StagedUpload, 'key' | 'targetId'>>
}
