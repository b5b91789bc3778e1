import { open } from 'node:fs/promises'
import { fileTypeFromBuffer } from 'file-type'
import { brandsOf } from './heif-file.ts'
import { typeBySignature } from './signatures.ts'

const HEAD_BYTES = 64 * 1024
const UNKNOWN_TYPE = 'application/octet-stream'

/**
 * The type of a file by what is in it: by signature where there is one; text is what is valid UTF-8 without
 * control characters; the rest is bytes. Names and claims are not looked at.
 */
export async function sniffType(path: string): Promise<string> {
  const head = await readHead(path)
  if (isAvif(head)) return 'image/avif'
  const found = await fileTypeFromBuffer(head)
  if (found !== undefined) return found.mime.split(';', 1)[0] ?? UNKNOWN_TYPE
  return isText(head) ? 'text/plain' : (typeBySignature(head) ?? UNKNOWN_TYPE)
}

/** Also where its main brand is the one of HEIF as such, which says nothing of how it is coded. */
function isAvif(head: Buffer): boolean {
  const { major = '', compatible = [] } = brandsOf(head) ?? {}
  if (major !== 'mif1' && major !== 'msf1') return false
  return compatible.includes('avif') && !compatible.includes('heic')
}

async function readHead(path: string): Promise<Buffer> {
  const file = await open(path)
  try {
    const buffer = Buffer.alloc(HEAD_BYTES)
    const { bytesRead } = await file.read(buffer, 0, HEAD_BYTES, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}

// eslint-disable-next-line no-control-regex -- control characters are what tells bytes from text
const CONTROL = /[\u0000-\u0008\u000e-\u001a\u001c-\u001f\u007f]/

function isText(head: Uint8Array): boolean {
  if (head.length === 0) return false
  try {
    // The head may end in the middle of a character: as a stream, that is no fault.
    const text = new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: true })
    return !CONTROL.test(text)
  } catch {
    return false
  }
}
