import { readFileSync } from 'node:fs'

/** One frame in both forms: as the JSON form writes it, and the bytes of the MessagePack form. */
export interface FrameVector {
  readonly name: string
  readonly from: 'client' | 'server'
  /** The request that a result answers. */
  readonly resultOf?: string
  readonly frame: readonly unknown[]
  readonly hex: string
}

/** A piece of input, and how often it is repeated. */
type Repeated = readonly [piece: string, times: number]

/** What a server refuses: the whole message (`bad_frame`), or one request with `answer`. */
export interface RefusedVector {
  readonly name: string
  readonly form: 'msgpack' | 'json'
  readonly bytes?: readonly Repeated[]
  readonly text?: readonly Repeated[]
  readonly answer?: { readonly code: string; readonly requestId?: number; readonly field?: string }
  readonly why: string
}

interface Reasoned {
  readonly why: string
}

export interface IdVectors {
  readonly conversationIds: readonly {
    readonly kind: 'direct' | 'group' | 'channel'
    readonly from: string
    readonly hex: string
    readonly base64url: string
  }[]
  readonly notConversationIds: readonly (Reasoned & { readonly base64url: string })[]
  readonly commandIds: readonly {
    readonly outbox: string
    readonly counter: number
    readonly hex: string
    readonly base64url: string
  }[]
  readonly notCommandIds: readonly (Reasoned & { readonly hex: string })[]
  readonly base64url: readonly { readonly hex: string; readonly base64url: string }[]
  readonly notBase64url: readonly (Reasoned & { readonly text: string })[]
  readonly userIds: readonly string[]
  readonly notUserIds: readonly (Reasoned & { readonly text: string })[]
}

function readVectors(name: string): unknown {
  const file = new URL(`../vectors/${name}.json`, import.meta.url)
  return JSON.parse(readFileSync(file, 'utf8'))
}

export const frameVectors = readVectors('frames') as readonly FrameVector[]
export const refusedVectors = readVectors('refused') as readonly RefusedVector[]
export const idVectors = readVectors('ids') as IdVectors

export function messageOf(vector: RefusedVector): Uint8Array | string {
  if (vector.text !== undefined) {
    return vector.text.map(([piece, times]) => piece.repeat(times)).join('')
  }
  return Buffer.from(
    (vector.bytes ?? []).map(([piece, times]) => piece.repeat(times)).join(''),
    'hex',
  )
}
