/** What the checker looks for. Each of them must be zero. */
export const BREAKAGES = [
  /** An acknowledged command whose event is not there, or is not what was acknowledged. */
  'lost',
  /** A command that took effect twice, an answer that changed, an event that no command explains. */
  'duplicated',
  /** A refused command that took effect all the same. */
  'resurrected',
  /** Commands of one device in one conversation whose seqs are not in the order of sending. */
  'reordered',
  /** A seq that is missing from a history, or that a reader never got. */
  'holes',
  /** The same seq, or the same version of a part, with another content. */
  'diverged',
  /** A reader that was taken back to an older version of a part. */
  'regressed',
  /** An event shown to somebody who was not a member. */
  'leaked',
] as const
export type Breakage = (typeof BREAKAGES)[number]

const DESCRIBED = 20

/** Counts breakages, and keeps words about the first of each kind. */
export class Findings {
  readonly counts: Record<Breakage, number>
  readonly descriptions: string[] = []

  constructor() {
    this.counts = {
      lost: 0,
      duplicated: 0,
      resurrected: 0,
      reordered: 0,
      holes: 0,
      diverged: 0,
      regressed: 0,
      leaked: 0,
    }
  }

  report(breakage: Breakage, description: string): void {
    if (++this.counts[breakage] <= DESCRIBED) this.descriptions.push(`${breakage}: ${description}`)
  }

  get total(): number {
    return BREAKAGES.reduce((sum, breakage) => sum + this.counts[breakage], 0)
  }
}
