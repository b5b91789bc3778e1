import type { Settings } from './settings.ts'

export interface S3Addresses {
  readonly endpoint: string
  /** Where clients reach the same store. */
  readonly publicEndpoint: string
}

/** Where the S3 store is that media lies in; `undefined` when media lies in a folder of this process. */
export function s3AddressesOf(
  settings: Pick<Settings, 'backend' | 's3Endpoint' | 's3PublicEndpoint' | 's3Region'>,
): S3Addresses | undefined {
  if (settings.backend === 'embedded') return undefined
  const { s3Endpoint: endpoint = awsEndpoint(settings.s3Region) } = settings
  return { endpoint, publicEndpoint: settings.s3PublicEndpoint ?? endpoint }
}

export function awsEndpoint(region: string): string {
  return `https://s3.${region}.amazonaws.com`
}
