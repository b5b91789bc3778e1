import { attachmentId, uploadState } from '@satchel/protocol'
import { forwardAttachment, mintLinks } from '@satchel/chat-core'
import type { MediaDeps } from '../../media-deps.ts'
import { operation, type AnyApiOperation } from './api-operation.ts'
import {
  apiBeginUpload,
  apiForward,
  apiLinks,
  apiLinksWanted,
  apiPartsWanted,
} from './api-schemas.ts'

const url = '/v1/uploads/{attachmentId}'
const asUpload = {
  permission: 'user',
  capability: 'upload',
  path: { attachmentId },
  query: {},
  status: 200,
  result: uploadState,
} as const

export function mediaOperations(deps: MediaDeps): readonly AnyApiOperation[] {
  return [...uploadOperations(deps), forwardOperation(deps), ...linkOperations(deps)]
}

function uploadOperations({ answerUploadRequest: answer }: MediaDeps): readonly AnyApiOperation[] {
  return [
    operation({
      ...asUpload,
      id: 'beginUpload',
      summary: 'Plans an upload: where to PUT its bytes.',
      method: 'POST',
      url: '/v1/uploads',
      path: {},
      body: apiBeginUpload,
      status: 201,
      run: ({ userId, body }) => answer(userId, { type: 'begin_upload', upload: body }),
    }),
    operation({
      ...asUpload,
      id: 'readUpload',
      summary: 'How an upload stands, and where to PUT what is missing.',
      method: 'GET',
      url,
      run: ({ userId, path }) => answer(userId, { type: 'upload_status', ...path }),
    }),
    operation({
      ...asUpload,
      id: 'requestParts',
      summary: 'Addresses for these parts, as far as they are missing.',
      method: 'POST',
      url: `${url}/parts`,
      body: apiPartsWanted,
      run: ({ userId, path, body }) => answer(userId, { type: 'upload_parts', ...path, ...body }),
    }),
    operation({
      ...asUpload,
      id: 'completeUpload',
      summary: 'Says that all bytes have been brought.',
      method: 'POST',
      url: `${url}/complete`,
      run: ({ userId, path }) => answer(userId, { type: 'complete_upload', ...path }),
    }),
    operation({
      ...asUpload,
      id: 'abortUpload',
      summary: 'Gives an upload up.',
      method: 'DELETE',
      url,
      run: ({ userId, path }) => answer(userId, { type: 'abort_upload', ...path }),
    }),
  ]
}

function forwardOperation({ uploads }: MediaDeps): AnyApiOperation {
  return operation({
    ...asUpload,
    id: 'forwardAttachment',
    summary: 'A new attachment of a file in a message the user may read, for a message elsewhere.',
    method: 'POST',
    url: '/v1/forwards',
    path: {},
    body: apiForward,
    status: 201,
    run: ({ userId, body }) => forwardAttachment(uploads, userId, body),
  })
}

function linkOperations({ links }: MediaDeps): readonly AnyApiOperation[] {
  return [
    operation({
      id: 'mintLinks',
      summary: 'Links to media of messages the user may read.',
      method: 'POST',
      url: '/v1/links',
      permission: 'user',
      path: {},
      query: {},
      body: apiLinksWanted,
      status: 200,
      result: apiLinks,
      run: async ({ userId, body }) => ({ links: await mintLinks(links, userId, body.wanted) }),
    }),
  ]
}
