/** Something that a run may hurt, and that comes back. */
export interface Victim<Kind extends string = string> {
  readonly name: string
  /** Settles when it is done. */
  hurt(kind: Kind): Promise<void>
  /** Settles when it is as before. Rejects when it cannot be yet: then it may be called again. */
  heal(kind: Kind): Promise<void>
}
