/** What is open beside the inbox: a conversation, or a person who may have none with the user yet. */
export type Place = { readonly conversationId: string } | { readonly peerId: string }

const CONVERSATION = '#/c/'
const PERSON = '#/to/'

/** The part of the address that names a place; the back button and links work with it. */
export function hashOf(place: Place): string {
  return 'peerId' in place
    ? `${PERSON}${encodeURIComponent(place.peerId)}`
    : `${CONVERSATION}${place.conversationId}`
}

export function parseHash(hash: string): Place | undefined {
  if (hash.startsWith(CONVERSATION)) return { conversationId: hash.slice(CONVERSATION.length) }
  if (!hash.startsWith(PERSON)) return undefined
  try {
    return { peerId: decodeURIComponent(hash.slice(PERSON.length)) }
  } catch {
    return undefined
  }
}
