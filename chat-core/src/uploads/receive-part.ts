import { ChatError } from '@satchel/protocol'
import type { IncomingPart, PartFlow, PartRequest, UploadTarget } from '../ports/upload-target.ts'

/**
 * Takes the PUT of one part, at the URL the plan named. Synchronous, so that a server can hand over the
 * first chunk it holds; `flow` is asked to pause and resume. Throws `no_such_route` where parts go
 * somewhere else, and what `PartReceiver.receive` throws.
 */
export function receivePart(
  deps: { readonly uploadTarget: Pick<UploadTarget, 'receiver'> },
  request: PartRequest,
  flow: PartFlow,
): IncomingPart {
  const { receiver } = deps.uploadTarget
  if (receiver === undefined) {
    throw new ChatError('no_such_route', 'parts are not brought to this server')
  }
  return receiver.receive(request, flow)
}
