/** The whole product, running as somebody who installed it would run it. */
export interface Product {
  /** Of its page, without a slash at the end. It stays the same over restarts. */
  readonly url: string
  /** The page at another gateway, where there is more than one. */
  readonly otherUrl: string
  /** Its gateways and chat-cores and where each tells its metrics, if they are processes of their own. */
  readonly chatProcesses: readonly { readonly name: string; readonly address: string }[]
  /** What its own programs, like the reconciler, are started with. */
  readonly environment: Readonly<Record<string, string>>
  /** Whether the store has an object under this key. */
  hasObject(key: string): Promise<boolean>
  /** Ends it the hard way and starts it again after `meanwhile`, with the same data, under the same address. */
  restart(meanwhile?: () => Promise<void>): Promise<void>
  /** Ends it and removes its data. */
  stop(): Promise<void>
}
