// The start of a sandboxed child: takes one request after another from its parent, and goes when it goes.

import { deriveFile } from './derive-file.ts'
import { lockDownSharp } from './derive-image.ts'
import type { ChildMessage, DeriveRequest } from './derive-request.ts'

lockDownSharp()
process.on('disconnect', () => process.exit())
process.on('message', (request: DeriveRequest) => {
  deriveFile(request).then(
    (derived) => tell({ kind: 'derived', derived, rssBytes: process.memoryUsage.rss() }),
    (error: unknown) => tell({ kind: 'failed', message: String(error) }),
  )
})
tell({ kind: 'ready', rssBytes: process.memoryUsage.rss() })

function tell(message: ChildMessage): void {
  process.send?.(message)
}
