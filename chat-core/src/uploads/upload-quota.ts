import { ChatError, type ErrorCode, type UserId } from '@satchel/protocol'
import type { WindowClaim } from '../ports/quota-windows.ts'
import type { UploadDeps } from './upload-deps.ts'

type QuotaDeps = Pick<UploadDeps, 'quotas' | 'settings' | 'enforceQuotas'>

const DAY_MS = 24 * 60 * 60 * 1_000
const UNCERTAIN: ReadonlySet<ErrorCode> = new Set(['unavailable', 'retry', 'internal'])

/** Counts a file and its bytes for whoever uploads it. Rejects with `quota_exceeded`, and has taken nothing then. */
export async function takeQuota(deps: QuotaDeps, userId: UserId, sizeBytes: number): Promise<void> {
  if (!deps.enforceQuotas) return
  const claims = claimsOf(deps, userId, sizeBytes)
  const verdicts = await deps.quotas.takeTogether(claims)
  for (const [index, { allowed, remaining, retryAfterMs }] of verdicts.entries()) {
    const claim = claims[index]
    if (allowed || claim === undefined) continue
    const { what, rule } = claim
    const message = `${userId} may upload ${rule.limit} ${what} per day`
    throw new ChatError('quota_exceeded', message, { limit: rule.limit, remaining, retryAfterMs })
  }
}

/** Gives back what an upload took that came to nothing. */
export async function refundQuota(
  deps: QuotaDeps,
  userId: UserId,
  sizeBytes: number,
): Promise<void> {
  if (!deps.enforceQuotas) return
  await refund(deps, claimsOf(deps, userId, sizeBytes))
}

/**
 * Gives back the bytes of an upload that its user gave up, and not the file: the upload was there, and without end
 * somebody could begin one and give it up.
 */
export async function refundBytes(
  deps: QuotaDeps,
  userId: UserId,
  sizeBytes: number,
): Promise<void> {
  if (!deps.enforceQuotas) return
  const claims = claimsOf(deps, userId, sizeBytes)
  await refund(
    deps,
    claims.filter(({ what }) => what === 'bytes'),
  )
}

async function refund({ quotas }: QuotaDeps, claims: readonly WindowClaim[]): Promise<void> {
  await Promise.all(claims.map(({ key, amount, rule }) => quotas.refund(key, amount, rule)))
}

/** Whether it is certain that nothing came of it: after any other failure the upload may be there. */
export function isRefusal(error: unknown): boolean {
  return error instanceof ChatError && !UNCERTAIN.has(error.code)
}

function claimsOf({ settings }: QuotaDeps, userId: UserId, sizeBytes: number) {
  const { filesPerUserAndDay, bytesPerUserAndDay } = settings
  return [
    {
      what: 'files',
      key: `upload-files:${userId}`,
      amount: 1,
      rule: { limit: filesPerUserAndDay, windowMs: DAY_MS },
    },
    {
      what: 'bytes',
      key: `upload-bytes:${userId}`,
      amount: sizeBytes,
      rule: { limit: bytesPerUserAndDay, windowMs: DAY_MS },
    },
  ] satisfies readonly (WindowClaim & { readonly what: string })[]
}
