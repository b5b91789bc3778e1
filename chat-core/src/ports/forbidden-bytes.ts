/** Content that is never accepted again, and why. */
export interface ForbiddenContent {
  /** Of the whole content, base64url. */
  readonly sha256: string
  /** What was found in it, for operators. */
  readonly finding: string
  readonly sinceMs: number
}

/**
 * What was found to be malware once: refused from then on, whether or not a scanner is there.
 *
 * - `add` of what is there already keeps the first finding. It settles when durable.
 * - `remove` of what is not there changes nothing.
 * - Reads see every write that settled before they were called.
 */
export interface ForbiddenBytes {
  add(content: ForbiddenContent): Promise<void>
  read(sha256: string): Promise<ForbiddenContent | undefined>
  /** The finding was wrong. */
  remove(sha256: string): Promise<void>
}
