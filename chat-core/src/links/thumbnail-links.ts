import type { Attachment, ConversationEvent } from '@satchel/protocol'
import type { MediaLinks } from './media-links.ts'

/** Variants for looking at, as opposed to those for keeping. */
function isThumbnail(variantName: string): boolean {
  return /^w\d+$/.test(variantName)
}

/**
 * The attachment with links to its thumbnails, as it rides along in events and history. The same for
 * every reader at a time, so that an event is encoded once for all of them.
 */
export function withThumbnailLinks(
  links: MediaLinks,
  attachment: Attachment,
  nowMs: number,
): Attachment {
  const { state, blob, pipelineVersion, variants } = attachment
  if (state !== 'ready' || blob === undefined || pipelineVersion === undefined) return attachment
  if (variants === undefined) return attachment
  const linked = variants.map((variant) => {
    if (!isThumbnail(variant.name)) return variant
    const { name, contentType } = variant
    const target = { blob, pipelineVersion, variant: name, contentType }
    return { ...variant, link: links.sign(target, nowMs).url }
  })
  return { ...attachment, variants: linked }
}

/** The event with the links of its attachments; events without any are given back as they are. */
export function withEventLinks(
  links: MediaLinks,
  event: ConversationEvent,
  nowMs: number,
): ConversationEvent {
  const { content } = event
  if (content.kind === 'message_sent' && content.attachments !== undefined) {
    const attachments = content.attachments.map((one) => withThumbnailLinks(links, one, nowMs))
    return { ...event, content: { ...content, attachments } }
  }
  if (content.kind === 'attachment_updated' && content.attachment !== undefined) {
    const attachment = withThumbnailLinks(links, content.attachment, nowMs)
    return { ...event, content: { ...content, attachment } }
  }
  return event
}
