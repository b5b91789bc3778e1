export type ScanVerdict =
  { readonly kind: 'clean' } | { readonly kind: 'malicious'; readonly signature: string }

/** One file's bytes on their way past a scanner. */
export interface Scan {
  write(chunk: Uint8Array): Promise<void>
  /** All bytes were written. Rejects when there is no certain verdict. */
  finish(): Promise<ScanVerdict>
  /** Nothing more comes. */
  cancel(): void
}

/** The scanner is down, or not sure: never taken as clean. The file waits, unseen, until it is. */
export class ScanUndecided extends Error {
  constructor(scanner: string, cause: unknown) {
    super(`the scanner ${scanner} has no verdict`, { cause })
    this.name = 'ScanUndecided'
  }
}

/** Looks for malware in what passes by, in the one read every upload gets. */
export interface Scanner {
  /** As settings call it. */
  readonly name: string
  open(): Scan
}

/** Finds everything clean: for deployments that chose not to scan. */
export const noScanner: Scanner = {
  name: 'none',
  open: () => ({
    write: async () => undefined,
    finish: async () => ({ kind: 'clean' }),
    cancel: () => undefined,
  }),
}
