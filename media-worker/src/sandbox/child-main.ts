// The start of a sandboxed child: takes one request after another from its parent, and goes when it goes.

import { deriveFile } from './derive-file.ts'
import type { ChildMessage, Derived, DeriveRequest } from './derive-request.ts'
import { lockDownSharp } from './open-image.ts'
import { sniffType } from './sniff-type.ts'

lockDownSharp()
process.on('disconnect', () => process.exit())
process.on('message', (request: DeriveRequest) => {
  lookAt(request).then(
    (derived) => tell({ kind: 'derived', derived }),
    (error: unknown) => tell({ kind: 'failed', message: String(error) }),
  )
})
tell({ kind: 'ready' })

async function lookAt(request: DeriveRequest): Promise<Derived> {
  const contentType = await sniffType(request.inputPath)
  tell({ kind: 'sniffed', contentType })
  return deriveFile(request, contentType)
}

function tell(message: ChildMessage): void {
  process.send?.(message)
}
