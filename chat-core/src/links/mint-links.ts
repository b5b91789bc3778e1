import {
  ChatError,
  type ConversationId,
  type LinkAnswer,
  type LinkWanted,
  type Seq,
  type UserId,
  type Variant,
} from '@satchel/protocol'
import type { BlobFacts } from '../ports/blob-catalogue.ts'
import type { Clock } from '../ports/clock.ts'
import { isShownInPlace } from './is-shown-in-place.ts'
import type { MediaLinks } from './media-links.ts'
import { downloadName } from './download-name.ts'
import {
  requireMessageAttachment,
  type MessageAttachmentDeps,
} from './require-message-attachment.ts'

/** A link that was given, without what makes it one. */
export interface GivenLink extends LinkWanted {
  readonly expiresAtMs: number
}

export interface LinkReader {
  /** Events up to this seq are not for them. */
  readonly hiddenUpTo: Seq
  /** The conversation's links hold for minutes only. */
  readonly strictLinks: boolean
}

export interface LinkDeps extends MessageAttachmentDeps {
  readonly clock: Clock
  readonly links: MediaLinks
  /** Of conversations that are strict about it. */
  readonly strictLinks: MediaLinks
  /** What a user may see; rejects with `not_a_member` for strangers. */
  readonly readerOf: (userId: UserId, conversationId: ConversationId) => Promise<LinkReader>
  /** Who was given links to what, all those of a request at once: for the audit. */
  readonly onGiven?: ((userId: UserId, given: readonly GivenLink[]) => void) | undefined
}

/**
 * Links for somebody who may read the messages, in the order asked; each a link or the code of why there
 * is none: `not_a_member`, `no_such_attachment`, `upload_state` while there is no verdict.
 */
export async function mintLinks(
  deps: LinkDeps,
  userId: UserId,
  wanted: readonly LinkWanted[],
): Promise<readonly LinkAnswer[]> {
  const readers = new Map<ConversationId, Promise<LinkReader>>()
  const readerOf = (id: ConversationId): Promise<LinkReader> => {
    const reader = readers.get(id) ?? deps.readerOf(userId, id)
    readers.set(id, reader)
    return reader
  }
  const answers = await Promise.all(
    wanted.map(async (want) => {
      try {
        return await mintLink(deps, want, await readerOf(want.conversationId))
      } catch (error) {
        if (error instanceof ChatError) return { error: error.code }
        throw error
      }
    }),
  )
  const given = wanted.flatMap((want, index) => {
    const expiresAtMs = answers[index]?.expiresAtMs
    return expiresAtMs === undefined ? [] : [{ ...want, expiresAtMs }]
  })
  if (given.length > 0) deps.onGiven?.(userId, given)
  return answers
}

async function mintLink(
  deps: LinkDeps,
  want: LinkWanted,
  { hiddenUpTo, strictLinks }: LinkReader,
): Promise<LinkAnswer> {
  const { blob, facts, name } = await requireMessageAttachment(deps, want, hiddenUpTo)
  const variant = findVariant(facts, want.variant)
  if (variant === undefined) {
    throw new ChatError('no_such_attachment', `the attachment has no variant ${want.variant}`)
  }
  const { pipelineVersion } = facts
  const target = { blob, pipelineVersion, variant: variant.name, contentType: variant.contentType }
  const saved = variant.name === 'original' ? name : downloadName(name, variant.contentType)
  const isInPlace = isShownInPlace(want.variant)
  const links = strictLinks ? deps.strictLinks : deps.links
  return links.sign(target, deps.clock.nowMs(), isInPlace ? undefined : saved)
}

/** Where the file to play has nothing that is to be taken out, it is the download as well. */
function findVariant({ variants }: BlobFacts, wanted: string): Variant | undefined {
  const find = (name: string): Variant | undefined => variants.find((one) => one.name === name)
  return find(wanted) ?? (wanted === 'download' ? find('play') : undefined)
}
