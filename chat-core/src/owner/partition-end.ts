/** Why a partition cannot be owned: its log, or what is stored, is not what it has to be. */
export type RefusalReason =
  /** Records behind the checkpoint are gone. */
  | 'log_starts_late'
  /** The log ends before the checkpoint: it was truncated, emptied or made anew. */
  | 'log_ends_early'
  /** A conversation was committed at a position that the log does not have. */
  | 'log_behind_state'
  | 'other_generation'
  /** Written by a newer release. */
  | 'unknown_record_version'
  | 'unknown_rules_version'
  | 'records_missing'

/** How an owner's time with a partition ended without its doing. */
export type PartitionEnd =
  /** Another has claimed it. */
  | { readonly kind: 'lost'; readonly toOwnerId: string }
  | { readonly kind: 'refused'; readonly reason: RefusalReason }
