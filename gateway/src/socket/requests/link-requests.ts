import { mintLinks, type LinkDeps } from '@satchel/chat-core'
import type { RequestHandlers } from './request-handlers.ts'

export function createLinkRequests(deps: LinkDeps): Pick<RequestHandlers, 'links'> {
  return {
    links: async ({ userId }, { wanted }) => ({ links: await mintLinks(deps, userId, wanted) }),
  }
}
