import type { TestContext } from 'node:test'
import { ChatClient } from '@satchel/client'
import { closeAfter } from '../../../scripts/close-after.mjs'

/** Somebody who uses the client library instead of a browser; leaves with the test. */
export async function connectClient(
  context: TestContext,
  productUrl: string,
  name: string,
): Promise<ChatClient> {
  const client = new ChatClient({
    url: `${productUrl.replace(/^http/, 'ws')}/v1/socket`,
    getToken: () => signInByName(productUrl, name),
  })
  closeAfter(context, () => {
    client.close()
  })
  await client.connect()
  return client
}

async function signInByName(productUrl: string, name: string): Promise<string> {
  const response = await fetch(`${productUrl}/dev/sign-in`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name }),
  })
  const answer: unknown = await response.json()
  if (typeof answer === 'object' && answer !== null && 'token' in answer)
    return String(answer.token)
  throw new Error(`signing in was answered ${String(response.status)}`)
}
