/** Sends one piece of a file to where the plan says. */
export interface PartTransport {
  /**
   * PUTs `body`. Resolves with the HTTP status whatever it is; rejects when there was none (no network,
   * aborted). `onProgress` is told how much of the body has left, where the platform can tell.
   */
  put(
    url: string,
    body: Blob,
    options: { readonly signal: AbortSignal; readonly onProgress: (sentBytes: number) => void },
  ): Promise<number>
}

/** Through `XMLHttpRequest` where there is one, because only that tells progress; otherwise `fetch`. */
export function createPartTransport(): PartTransport {
  if (typeof XMLHttpRequest === 'undefined') return { put: putWithFetch }
  const Request = XMLHttpRequest
  return { put: (url, body, options) => putWithXhr(new Request(), url, body, options) }
}

const putWithFetch: PartTransport['put'] = async (url, body, { signal }) => {
  const response = await fetch(url, { method: 'PUT', body, signal })
  // Unread bodies keep their connection busy.
  await response.arrayBuffer()
  return response.status
}

function putWithXhr(
  request: XhrLike,
  ...[url, body, { signal, onProgress }]: Parameters<PartTransport['put']>
): Promise<number> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      request.abort()
    }
    const settle = (finish: () => void): void => {
      signal.removeEventListener('abort', abort)
      finish()
    }
    request.upload.onprogress = ({ loaded }) => {
      onProgress(loaded)
    }
    request.onload = () => {
      settle(() => {
        resolve(request.status)
      })
    }
    request.onerror = request.onabort = () => {
      settle(() => {
        reject(new Error('the request had no answer'))
      })
    }
    signal.addEventListener('abort', abort, { once: true })
    request.open('PUT', url)
    request.send(body)
    if (signal.aborted) abort()
  })
}

/** The part of XMLHttpRequest that is used; Node has none, and its types know none. */
interface XhrLike {
  readonly upload: { onprogress: ((event: { readonly loaded: number }) => void) | null }
  readonly status: number
  onload: (() => void) | null
  onerror: (() => void) | null
  onabort: (() => void) | null
  open(method: string, url: string): void
  send(body: Blob): void
  abort(): void
}
declare const XMLHttpRequest: (new () => XhrLike) | undefined
