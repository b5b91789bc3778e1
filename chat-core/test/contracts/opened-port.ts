/** A port over a backing store of the test's own. */
export interface OpenedPort<Port> {
  /** The present one. */
  readonly port: Port
  /** As a restart of the process does; replaces `port`. */
  reopen(): Promise<void>
  close(): Promise<void>
}
