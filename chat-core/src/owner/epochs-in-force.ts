import { RULES_VERSION } from '../domain/decide.ts'
import type { RulesSettings } from '../domain/decision.ts'
import type { Epoch, EpochRecord } from '../ports/command-log.ts'
import type { PartitionEnd } from './partition-end.ts'

/** Where an owner begins to read, and what holds there. */
export interface PartitionStart {
  readonly partition: number
  readonly generation: number
  /** Of the checkpoint: what follows it is read. */
  readonly record: number
  /** Of the checkpoint; absent before the first claim there ever was. */
  readonly epoch: Epoch | undefined
  /** By which commands are decided until the next epoch record. */
  readonly settings: RulesSettings
  /** The owner's own epoch record; absent where nobody else can claim. */
  readonly claim: { readonly record: number; readonly ownerId: string } | undefined
}

interface InForce {
  readonly epoch: Epoch | undefined
  readonly record: number
}

/** Which epoch holds where in a partition's log, from the checkpoint on; and when another's begins. */
export class EpochsInForce {
  readonly #claim: PartitionStart['claim']
  #settings: RulesSettings
  // Ascending; the first holds from before everything that is asked for.
  #epochs: readonly InForce[]

  constructor({ record, epoch, settings, claim }: PartitionStart) {
    this.#claim = claim
    this.#settings = settings
    this.#epochs = [{ record, epoch }]
  }

  /** Of the record that is read next. */
  get settings(): RulesSettings {
    return this.#settings
  }

  /**
   * Takes the next epoch record. Those before the owner's own are history, its own may be there twice;
   * another's behind it is its end.
   */
  take({ record, epoch }: EpochRecord): PartitionEnd | undefined {
    const claim = this.#claim
    if (claim !== undefined && record > claim.record && epoch.ownerId !== claim.ownerId)
      return { kind: 'lost', toOwnerId: epoch.ownerId }
    if (epoch.rulesVersion > RULES_VERSION)
      return { kind: 'refused', reason: 'unknown_rules_version' }
    this.#settings = epoch.settings
    this.#epochs = [...this.#epochs, { record, epoch }]
    return undefined
  }

  /** In force for what follows `record`; nothing before it will be asked for any more. */
  advance(record: number): Epoch | undefined {
    const index = this.#epochs.findLastIndex((one) => one.record <= record)
    this.#epochs = this.#epochs.slice(Math.max(0, index))
    return this.#epochs[0]?.epoch
  }
}
