import { BlockList, isIPv4, isIPv6 } from 'node:net'

/** The networks of `SATCHEL_TRUSTED_PROXIES`. */
export function trustedNetworks(networks: readonly string[]): BlockList {
  const trusted = new BlockList()
  for (const network of networks) {
    const [address = '', bits] = network.split('/')
    const family = isIPv4(address) ? 'ipv4' : 'ipv6'
    trusted.addSubnet(
      address,
      bits === undefined ? (family === 'ipv4' ? 32 : 128) : Number(bits),
      family,
    )
  }
  return trusted
}

/**
 * The client's address: the peer's, unless that is a trusted proxy; then the last address of
 * `X-Forwarded-For` that is not a trusted proxy itself. Whatever stands before it is hearsay.
 */
export function clientAddress(trusted: BlockList, peer: string, forwardedFor: string): string {
  let address = normalize(peer)
  if (forwardedFor === '') return address
  for (const hop of forwardedFor.split(',').reverse()) {
    if (!isIn(trusted, address)) return address
    const next = normalize(hop.trim())
    if (!isIPv4(next) && !isIPv6(next)) return address
    address = next
  }
  return address
}

export function isLoopback(address: string): boolean {
  return address === '::1' || (isIPv4(address) && address.startsWith('127.'))
}

/** Whose limits an address counts for: with IPv6 one customer has at least a whole /64. */
export function networkOf(address: string): string {
  if (!isIPv6(address)) return address
  const [head = [], tail] = address.split('::').map((part) => part.split(':').filter(Boolean))
  const zeros = Array.from({ length: 8 - head.length - (tail?.length ?? 0) }, () => '0')
  const groups = tail === undefined ? head : [...head, ...zeros, ...tail]
  return `${groups.slice(0, 4).join(':')}::/64`
}

/** Of a URL or a `Host` header, without its port. */
export function isLoopbackHost(host: string): boolean {
  return host === 'localhost' || isLoopback(host.replace(/^\[|\]$/g, ''))
}

function isIn(networks: BlockList, address: string): boolean {
  if (isIPv4(address)) return networks.check(address, 'ipv4')
  return isIPv6(address) && networks.check(address, 'ipv6')
}

/** IPv4 inside IPv6 as IPv4, IPv6 in its short form: one spelling per client. */
function normalize(address: string): string {
  const mapped = /^(?:0000:0000:0000:0000:0000:ffff:|::ffff:)(.+)$/i.exec(address)?.[1]
  if (mapped !== undefined && isIPv4(mapped)) return mapped
  const groups = mapped === undefined ? undefined : /^([0-9a-f]{4}):([0-9a-f]{4})$/i.exec(mapped)
  if (groups !== null && groups !== undefined) {
    const value = parseInt(`${groups[1] ?? ''}${groups[2] ?? ''}`, 16)
    return [24, 16, 8, 0].map((shift) => String((value >>> shift) & 0xff)).join('.')
  }
  if (!isIPv6(address) || address.includes('%')) return address
  return new URL(`http://[${address}]`).hostname.slice(1, -1)
}
