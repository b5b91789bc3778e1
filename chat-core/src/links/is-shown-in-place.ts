/**
 * Variants that pages show or play; all others are downloads. All of these were made by the pipeline: what
 * somebody uploaded is never shown as it came.
 */
export function isShownInPlace(variant: string): boolean {
  return /^(w\d+|animated|loop|play|hls(\/.*)?)$/.test(variant)
}
