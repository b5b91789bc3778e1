import fc from 'fast-check'

const leaf = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.uint8Array({ maxLength: 300 }),
  fc.maxSafeInteger(),
  fc.integer({ min: -70_000, max: 70_000 }),
  // Written as 0, -0 comes back as 0.
  fc.double().map((drawn) => drawn + 0),
  fc.boolean(),
  fc.constant(null),
)

/** Anything MessagePack can say that frames are made of. */
export const { tree: messagePackTree } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { maxDepth: 6, withCrossShrink: true },
    leaf,
    fc.array(tie('tree'), { maxLength: 20 }),
    fc.dictionary(
      fc.string({ unit: 'binary', maxLength: 40 }).filter((key) => key !== '__proto__'),
      tie('tree'),
      { maxKeys: 20, noNullPrototype: true },
    ),
  ),
}))
