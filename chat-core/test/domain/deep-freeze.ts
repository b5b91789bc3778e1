/** Freezes everything within `value`, and makes its maps refuse to change. */
export function deepFreeze<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  if (value instanceof Map) {
    for (const method of ['set', 'delete', 'clear'] as const)
      Object.defineProperty(value, method, { value: refuse })
    for (const item of value.values()) deepFreeze(item)
  }
  for (const item of Object.values(value)) deepFreeze(item)
  return Object.freeze(value)
}

function refuse(): never {
  throw new TypeError('a frozen map was changed')
}
