import wasmBundle from 'libheif-js/wasm-bundle.js'

/** What libheif answers when it could do what was asked has no `code` in it. */
export interface HeifError {
  readonly code: unknown
  readonly message: string
}

/** A C++ object behind its binding; `$$` is where Emscripten keeps the address. */
export interface HeifHandle {
  readonly $$: { readonly ptr: number }
}

export interface HeifChannel {
  readonly width: number
  readonly height: number
  /** Bytes from one row to the next. */
  readonly stride: number
  readonly data: Uint8Array
}

export interface HeifPixels {
  readonly image: HeifHandle
  readonly channels: readonly HeifChannel[]
}

/** The part of libheif's WebAssembly build that is used here. */
export interface Libheif {
  readonly HEAPU8: Uint8Array
  readonly heif_error_code: { readonly heif_error_Ok: unknown }
  readonly heif_colorspace: { readonly heif_colorspace_RGB: unknown }
  readonly heif_chroma: {
    readonly heif_chroma_interleaved_RGB: unknown
    readonly heif_chroma_interleaved_RGBA: unknown
  }
  heif_context_alloc(): HeifHandle
  heif_context_free(context: HeifHandle): void
  heif_context_read_from_memory(context: HeifHandle, bytes: Uint8Array): HeifError
  heif_js_context_get_primary_image_handle(context: HeifHandle): HeifHandle | HeifError
  /** After turning and cropping. */
  heif_image_handle_get_width(handle: HeifHandle): number
  heif_image_handle_get_height(handle: HeifHandle): number
  heif_image_handle_has_alpha_channel(handle: HeifHandle): number
  heif_image_handle_release(handle: HeifHandle): void
  heif_js_decode_image2(
    handle: HeifHandle,
    colourSpace: unknown,
    chroma: unknown,
  ): HeifPixels | HeifError
  heif_image_release(image: HeifHandle): void
  _heif_get_global_security_limits(): number
  _heif_image_handle_get_raw_color_profile_size(handle: number): number
  /** Fills an error, 12 bytes, at `error`. */
  _heif_image_handle_get_raw_color_profile(error: number, handle: number, to: number): void
  _malloc(bytes: number): number
  _free(address: number): void
}

/** The decoder, a megabyte of WebAssembly. */
export const libheif = parseLibheif(wasmBundle)

/** The package says nothing of types that TypeScript could find. */
function parseLibheif(module: unknown): Libheif {
  return module as Libheif
}
