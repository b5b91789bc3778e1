import type { PartUrl } from '@satchel/protocol'
import type { PartFlow, UploadTarget } from '@satchel/chat-core/ports'
import { receivePart } from '../../src/uploads/receive-part.ts'

const FLOW: PartFlow = { pause: () => undefined, resume: () => undefined }

/** Brings a part as the gateway's HTTP does, in chunks of 64 KiB. */
export async function putPart(
  uploadTarget: UploadTarget,
  { url }: Pick<PartUrl, 'url'>,
  bytes: Uint8Array,
  nowMs: number,
): Promise<void> {
  const [path = '', query = ''] = url.split('?')
  const request = { path, query, contentLength: bytes.length, nowMs }
  const part = receivePart({ uploadTarget }, request, FLOW)
  for (let start = 0; start < bytes.length; start += 65_536) {
    part.write(Uint8Array.from(bytes.subarray(start, start + 65_536)))
  }
  part.end()
  await part.done
}
