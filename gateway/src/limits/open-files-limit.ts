import { readFileSync } from 'node:fs'

/** How many files the system lets this process hold open; infinitely many where it does not say. */
export function readOpenFilesLimit(): number {
  try {
    return parseOpenFilesLimit(readFileSync('/proc/self/limits', 'utf8'))
  } catch {
    return Infinity
  }
}

export function parseOpenFilesLimit(limits: string): number {
  const [, soft] = /^Max open files\s+(\d+)/m.exec(limits) ?? []
  return soft === undefined ? Infinity : Number(soft)
}
