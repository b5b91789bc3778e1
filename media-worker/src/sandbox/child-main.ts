// The start of a sandboxed child: takes one request after another from its parent, and goes when it goes.

import { Socket } from 'node:net'
import { CHANNEL_DESCRIPTOR } from './channel-descriptor.ts'
import { deriveFile } from './derive-file.ts'
import type { ChildMessage, Derived, DeriveRequest } from './derive-request.ts'
import { LineChannel } from './line-channel.ts'
import { sniffType } from './sniff-type.ts'

const socket = new Socket({ fd: CHANNEL_DESCRIPTOR, readable: true, writable: true })
const channel = new LineChannel(socket, parseRequest)
tell({ kind: 'ready' })
for (;;) {
  const request = await channel.next()
  if (request === undefined) process.exit()
  // Not waited for, so that the end of the parent is seen meanwhile.
  lookAt(request).then(
    (derived) => tell({ kind: 'derived', derived }),
    (error: unknown) => tell({ kind: 'failed', message: String(error) }),
  )
}

async function lookAt(request: DeriveRequest): Promise<Derived> {
  const contentType = await sniffType(request.inputPath)
  tell({ kind: 'sniffed', contentType })
  return deriveFile(request, contentType)
}

function tell(message: ChildMessage): void {
  channel.send(message)
}

/** Of the parent, which is not doubted. */
function parseRequest(value: unknown): DeriveRequest {
  return value as DeriveRequest
}
