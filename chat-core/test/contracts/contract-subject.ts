import type { TestContext } from 'node:test'

/**
 * A port as two processes hold it, over the same backing and fresh for one test, which closes it. A
 * backend that knows one process only gives the same twice.
 */
export interface ContractSubject<Ports> {
  open(test: TestContext): Promise<ContractPair<Ports>>
}

export interface ContractPair<Ports> {
  readonly one: Ports
  readonly other: Ports
  /** Lets time pass, for the ports and for nobody else where the backend can. */
  readonly advance: (ms: number) => Promise<void>
}

/** Where a server lies between the two. */
export interface InterruptibleSubject<Ports> extends ContractSubject<Ports> {
  open(test: TestContext): Promise<InterruptiblePair<Ports>>
}

export interface InterruptiblePair<Ports> extends ContractPair<Ports> {
  /** The server goes away, and comes back with nothing but what it keeps; `meanwhile` happens without it. */
  readonly interrupt: (meanwhile?: () => Promise<void>) => Promise<void>
}
