import type { JobQueue } from '@satchel/chat-core/ports'
import type { BlobKey } from '@satchel/protocol'

/** Asks for a blob to be described anew, also where a worker has given up; asked for already: nothing. */
export async function askToDescribeAnew(
  { jobs }: { readonly jobs: Pick<JobQueue, 'enqueue' | 'revive'> },
  blob: BlobKey,
): Promise<void> {
  const id = `reprocess:${blob}`
  if (!(await jobs.revive(id))) await jobs.enqueue(id, { kind: 'reprocess_blob', blob })
}
