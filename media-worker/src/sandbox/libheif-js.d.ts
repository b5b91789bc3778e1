declare module 'libheif-js/wasm-bundle.js' {
  /** `Libheif`, of which the package itself has no types. */
  const libheif: unknown
  export { libheif as default }
}
