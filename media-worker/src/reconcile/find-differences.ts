import type { Finding } from './finding.ts'
import { findLostRows } from './find-lost-rows.ts'
import { findLostObjects } from './find-lost-objects.ts'
import { findOrphans } from './find-orphans.ts'
import type { ReconcileDeps } from './reconcile-deps.ts'

/**
 * Compares catalogue and bucket both ways. Everything is read in pages, and findings come one by one: what it
 * takes does not grow with what there is. Beside a running deployment it may find what is just being
 * done; whoever repairs looks again.
 */
export async function* findDifferences(deps: ReconcileDeps): AsyncGenerator<Finding> {
  yield* findOrphans(deps)
  yield* findLostObjects(deps)
  yield* findLostRows(deps)
}
