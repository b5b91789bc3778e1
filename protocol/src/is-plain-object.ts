/** Whether an object is nothing but its entries. In whatever realm it was made: only the root of all is above it. */
export function isPlainObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}
