import { ChatError, LIMITS, parseErrorCode } from '@satchel/protocol'
import type { LinkAnswer, LinkWanted, Seq } from '@satchel/protocol'
import type { Clock } from './clock.ts'
import type { Connection } from './connection.ts'
import { createDeferred } from './deferred.ts'
import type { Deferred } from './deferred.ts'
import { requireAttachmentId, requireConversationId } from './identifiers.ts'
import type { MessageAttachment } from './message.ts'
import { retryDelayMs } from './retry-hold.ts'

/** Names an attachment by its message. */
export interface AttachmentPlace {
  readonly conversationId: string
  readonly seq: Seq
  readonly attachmentId: string
}

export interface LinksDeps {
  readonly connection: Pick<Connection, 'request' | 'serverNow'>
  readonly clock: Clock
  readonly random: () => number
  /** Turns a path of the server into a whole URL. */
  readonly resolveUrl: (url: string) => string
}

interface Link {
  readonly url: string
  readonly expiresAtMs: number
}

interface AskedLink {
  readonly wanted: LinkWanted
  readonly answer: Deferred<string>
  /** A reason that may pass is waited out until then. */
  readonly untilMs: number
}

/** Requests that come within this time travel together. */
const GATHER_MS = 10
/** A link that expires within this time is not given out any more. */
const RENEW_BEFORE_MS = 60_000
const LINKS_MAX = 2_000
/** As long as other requests are asked again. */
const DEADLINE_MS = 30_000

/** Links to attachments: asked for in batches, kept while they are good. */
export class Links {
  readonly #deps: LinksDeps
  /** Least recently used first. */
  readonly #links = new Map<string, Link>()
  readonly #asked = new Map<string, AskedLink>()
  #unsent: string[] = []

  constructor(deps: LinksDeps) {
    this.#deps = deps
  }

  /** A URL that is good for a minute at least. Rejects with the code of why there is none. */
  get(attachment: MessageAttachment | AttachmentPlace, variant: string): Promise<string> {
    const wanted = toWanted(attachment, variant)
    const key = `${wanted.conversationId}/${String(wanted.seq)}/${wanted.attachmentId}/${variant}`
    const known = this.#links.get(key)
    if (known !== undefined && this.#isFresh(known.expiresAtMs)) {
      this.#keep(key, known)
      return Promise.resolve(known.url)
    }
    const riding = 'variants' in attachment ? ridingLink(attachment, variant) : undefined
    if (riding !== undefined && this.#isFresh(riding.expiresAtMs)) {
      return Promise.resolve(this.#keep(key, riding))
    }
    return this.#ask(key, wanted)
  }

  #ask(key: string, wanted: LinkWanted): Promise<string> {
    const asked = this.#asked.get(key)
    if (asked !== undefined) return asked.answer.promise
    const answer = createDeferred<string>()
    const untilMs = this.#deps.clock.now() + DEADLINE_MS
    this.#asked.set(key, { wanted, answer, untilMs })
    this.#enqueue(key)
    return answer.promise
  }

  #enqueue(key: string): void {
    this.#unsent.push(key)
    if (this.#unsent.length === LIMITS.linksPerRequest) this.#send()
    else if (this.#unsent.length === 1) {
      this.#deps.clock.setTimer(GATHER_MS, () => {
        this.#send()
      })
    }
  }

  #send(): void {
    const keys = this.#unsent
    this.#unsent = []
    const asked = keys.flatMap((key) => {
      const request = this.#asked.get(key)
      return request === undefined ? [] : [{ key, ...request }]
    })
    if (asked.length === 0) return
    this.#deps.connection
      .request({ type: 'links', wanted: asked.map(({ wanted }) => wanted) })
      .then(
        ({ links }) => {
          for (const [index, { key, ...link }] of asked.entries()) {
            this.#settle(key, link, links[index])
          }
        },
        (error: unknown) => {
          for (const { key, answer } of asked) {
            this.#asked.delete(key)
            answer.reject(error instanceof Error ? error : new Error(String(error)))
          }
        },
      )
  }

  #settle(key: string, { answer, untilMs }: AskedLink, link: LinkAnswer | undefined): void {
    if (link?.url === undefined) {
      const code = parseErrorCode(link?.error ?? '') ?? 'no_such_attachment'
      const error = new ChatError(code, 'there is no link to this attachment')
      if (this.#tryAgain(key, error, untilMs)) return
      this.#asked.delete(key)
      answer.reject(error)
      return
    }
    this.#asked.delete(key)
    const expiresAtMs = link.expiresAtMs ?? 0
    answer.resolve(this.#keep(key, { url: link.url, expiresAtMs }))
  }

  /** What cannot be looked up at the moment may be there in a second. */
  #tryAgain(key: string, error: ChatError, untilMs: number): boolean {
    const { clock, random } = this.#deps
    if (!error.retryable || clock.now() >= untilMs) return false
    clock.setTimer(retryDelayMs(error) * (1 + random()), () => {
      this.#enqueue(key)
    })
    return true
  }

  #keep(key: string, { url, expiresAtMs }: Link): string {
    const resolved = this.#deps.resolveUrl(url)
    this.#links.delete(key)
    this.#links.set(key, { url: resolved, expiresAtMs })
    const [oldest] = this.#links.keys()
    if (this.#links.size > LINKS_MAX && oldest !== undefined) this.#links.delete(oldest)
    return resolved
  }

  #isFresh(expiresAtMs: number): boolean {
    return expiresAtMs > this.#deps.connection.serverNow() + RENEW_BEFORE_MS
  }
}

/** Throws `no_such_attachment` while the attachment's message is not sent. */
export function requirePlace(
  attachment: MessageAttachment | AttachmentPlace,
): Omit<LinkWanted, 'variant'> {
  const { conversationId, seq } = attachment
  if (conversationId === undefined || seq === undefined) {
    throw new ChatError('no_such_attachment', 'the attachment is in no message yet')
  }
  return {
    conversationId: requireConversationId(conversationId),
    seq,
    attachmentId: requireAttachmentId('id' in attachment ? attachment.id : attachment.attachmentId),
  }
}

function toWanted(attachment: MessageAttachment | AttachmentPlace, variant: string): LinkWanted {
  return { ...requirePlace(attachment), variant }
}

/** The link that came with the attachment itself, when it says how long it is good (`e`, in seconds). */
function ridingLink(attachment: MessageAttachment, variant: string): Link | undefined {
  const url = attachment.variants?.find(({ name }) => name === variant)?.link
  const expirySeconds = Number(/[?&]e=(\d+)/.exec(url ?? '')?.[1])
  if (url === undefined || !(expirySeconds > 0)) return undefined
  return { url, expiresAtMs: expirySeconds * 1_000 }
}
