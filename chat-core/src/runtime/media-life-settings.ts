import { choiceSetting, integerSetting, optionalSetting, type Setting } from './setting.ts'

const HOUR_MS = 3_600_000

/** How long what is stored stays, and how it is looked after. */
export const MEDIA_LIFE_SETTINGS = {
  blobGraceMs: integerSetting(
    'SATCHEL_BLOB_GRACE_MS',
    { min: 0, max: 90 * 24 * HOUR_MS, otherwise: 72 * HOUR_MS },
    'How long bytes that nothing refers to any more are kept, in milliseconds; with several processes at least twice `SATCHEL_LINK_WINDOW_MS`.',
  ),
  mediaRetentionDays: integerSetting(
    'SATCHEL_MEDIA_RETENTION_DAYS',
    { min: 0, max: 36_500, otherwise: 0 },
    'After how many days files go, while the messages they are in stay and say so; counted from when they were uploaded or forwarded. `0`: never.',
  ),
  tieringDays: integerSetting(
    'SATCHEL_TIERING_DAYS',
    { min: 0, max: 36_500, otherwise: 0 },
    'After how many days originals move to `SATCHEL_TIERING_CLASS` (S3 only). `0`: never.',
  ),
  tieringClass: choiceSetting(
    'SATCHEL_TIERING_CLASS',
    ['STANDARD_IA', 'ONEZONE_IA', 'INTELLIGENT_TIERING', 'GLACIER_IR'],
    'STANDARD_IA',
    'The storage class for old originals, one that is read without waiting: `STANDARD_IA`, `ONEZONE_IA`, `INTELLIGENT_TIERING` or `GLACIER_IR`.',
  ),
  upkeepIntervalMs: integerSetting(
    'SATCHEL_UPKEEP_INTERVAL_MS',
    { min: 100, max: HOUR_MS, otherwise: 60_000 },
    'How often a media worker looks after what time changes: uploads that expire, bytes that are deleted.',
  ),
  replica: optionalSetting(
    'SATCHEL_REPLICA',
    'none',
    'A second copy of all files, which lost or damaged ones are restored from: with several processes a bucket of the same store, in one process another data folder (a backup), which is only read and must be there: a disk that is not mounted is no copy.',
  ),
  orphanAgeMs: integerSetting(
    'SATCHEL_ORPHAN_AGE_MS',
    { min: 60_000, max: 90 * 24 * HOUR_MS, otherwise: 48 * HOUR_MS },
    'How old an object without a row is before the reconciler calls it an orphan, in milliseconds; more than an upload may take.',
  ),
} as const satisfies Readonly<Record<string, Setting<unknown>>>
