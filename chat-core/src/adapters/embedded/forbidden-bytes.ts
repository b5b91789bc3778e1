import type { ForbiddenBytes, ForbiddenContent } from '../../ports/forbidden-bytes.ts'
import { formatCell, parseForbiddenContent } from '../cell-value.ts'
import type { EmbeddedStore } from './embedded-store.ts'
import { idKey } from './media-key.ts'

/** Findings by SHA-256. */
export function openEmbeddedForbiddenBytes(
  store: Pick<EmbeddedStore, 'openDatabase' | 'write'>,
): ForbiddenBytes {
  const contents = store.openDatabase('forbidden-bytes')
  return {
    async add(content) {
      await store.write((transaction) => {
        transaction.putIfAbsent(contents, idKey(content.sha256), formatCell(content))
      })
    },
    async read(sha256): Promise<ForbiddenContent | undefined> {
      const bytes = contents.get(idKey(sha256))
      return bytes === undefined ? undefined : parseForbiddenContent(bytes)
    },
    async remove(sha256) {
      await store.write((transaction) => transaction.remove(contents, idKey(sha256)))
    },
  }
}
