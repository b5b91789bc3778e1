import {
  ANSWERS,
  ChatError,
  REQUESTS,
  parseErrorCode,
  schema,
  uploadState,
  userId,
  type UploadState,
  type UserId,
} from '@satchel/protocol'
import type { UploadRequest } from '../../ports/upload-requests.ts'
import { pack, unpack } from './packed.ts'

const { parsedText, tuple } = schema

/** A request travels as its name, who asks, and its fields as in the protocol, by position. */
const REQUEST_LAYOUTS = {
  begin_upload: tuple(REQUESTS.begin_upload.fields, 'upload request'),
  upload_parts: tuple(REQUESTS.upload_parts.fields, 'upload request'),
  upload_status: tuple(REQUESTS.upload_status.fields, 'upload request'),
  complete_upload: tuple(REQUESTS.complete_upload.fields, 'upload request'),
  abort_upload: tuple(REQUESTS.abort_upload.fields, 'upload request'),
} as const

const { message, details } = ANSWERS.error.fields
const refusal = tuple(
  { code: parsedText('error code', parseErrorCode), message, details },
  'refusal',
)

export function formatUploadRequest(asking: UserId, request: UploadRequest): Uint8Array {
  return pack(REQUEST_LAYOUTS[request.type].formatInto([request.type, asking], request, 'json'))
}

/** Throws a `ChatError` for what is no request that this version knows; it is answered by `NOT_UNDERSTOOD`. */
export function parseUploadRequest(payload: Uint8Array): {
  readonly userId: UserId
  readonly request: UploadRequest
} {
  const values = unpack(payload)
  return { userId: userId.parse(values[1], 'json'), request: parseRequest(values) }
}

function parseRequest(values: readonly unknown[]): UploadRequest {
  const [type] = values
  switch (type) {
    case 'begin_upload':
      return { type, ...REQUEST_LAYOUTS[type].parseInto({}, values, 2, 'json') }
    case 'upload_parts':
      return { type, ...REQUEST_LAYOUTS[type].parseInto({}, values, 2, 'json') }
    case 'upload_status':
    case 'complete_upload':
    case 'abort_upload':
      return { type, ...REQUEST_LAYOUTS[type].parseInto({}, values, 2, 'json') }
    default:
      throw new ChatError('bad_frame', 'a request about uploads that is not known here')
  }
}

export function formatUploadState(state: UploadState): Uint8Array {
  return pack(['done', uploadState.format(state, 'json')])
}

export function formatRefusal(error: ChatError): Uint8Array {
  return pack(refusal.formatInto(['refused'], error, 'json'))
}

export const NOT_UNDERSTOOD = pack(['not_understood'])

export type UploadReply = { readonly state: UploadState } | { readonly refusal: ChatError }

/** Throws a `ChatError` for what is no answer that this version knows. */
export function parseUploadReply(payload: Uint8Array): UploadReply {
  const values = unpack(payload)
  switch (values[0]) {
    case 'done':
      return { state: uploadState.parse(values[1], 'json') }
    case 'refused': {
      const { code, message: text, details: facts } = refusal.parseInto({}, values, 1, 'json')
      return { refusal: new ChatError(code, text, facts) }
    }
    default:
      throw new ChatError('bad_frame', 'no answer about an upload that is known here')
  }
}
