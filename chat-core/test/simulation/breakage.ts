/** Ways to break the design on purpose, to see that the checker notices. */
export const BREAKAGES = [
  'answers come before commits',
  'the head is read apart',
  'nobody reads the epochs of others',
  'positions are not checked',
  'writes carry no timestamps',
] as const

export type Breakage = (typeof BREAKAGES)[number]
