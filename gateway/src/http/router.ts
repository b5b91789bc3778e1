import { ChatError } from '@satchel/protocol'
import type { PathParameters, Route } from './route.ts'

export interface Match {
  readonly route: Route
  readonly parameters: PathParameters
}

interface Pattern {
  readonly route: Route
  readonly segments: readonly string[]
}

/** Finds the route of a request. Routes without names in their path come first. */
export class Router {
  readonly #patterns: readonly Pattern[]

  constructor(routes: readonly Route[]) {
    this.#patterns = routes
      .map((route) => ({ route, segments: route.path.split('/') }))
      .sort((left, right) => openness(left) - openness(right))
  }

  /** Throws `no_such_route`, or `method_not_allowed` for a path that exists. */
  find(method: string, path: string): Match {
    const segments = path.split('/')
    let isPathKnown = false
    for (const { route, segments: pattern } of this.#patterns) {
      const parameters = match(pattern, segments)
      if (parameters === undefined) continue
      if (route.method === method) return { route, parameters }
      isPathKnown = true
    }
    if (isPathKnown) throw new ChatError('method_not_allowed', `${path} does not take ${method}`)
    throw new ChatError('no_such_route', `there is nothing at ${path}`)
  }
}

function openness({ segments }: Pattern): number {
  if (segments.includes('*')) return 100
  return segments.filter((segment) => segment.startsWith('{')).length
}

function match(
  pattern: readonly string[],
  segments: readonly string[],
): PathParameters | undefined {
  const hasTail = pattern.at(-1) === '*'
  if (hasTail ? segments.length < pattern.length : segments.length !== pattern.length)
    return undefined
  const parameters: Record<string, string> = {}
  for (const [index, expected] of pattern.entries()) {
    const segment = segments[index] ?? ''
    if (expected === '*') return parameters
    if (!expected.startsWith('{')) {
      if (segment !== expected) return undefined
    } else {
      const value = decode(segment)
      if (value === undefined || value === '') return undefined
      parameters[expected.slice(1, -1)] = value
    }
  }
  return parameters
}

function decode(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment)
  } catch {
    return undefined
  }
}
