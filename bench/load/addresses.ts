/**
 * Loopback addresses to come from, the same for the same `n`: a server that limits what one address may do is not
 * to be asked to serve thousands of people from one, and an address has only so many ports.
 */
export function loopback(n: number): string {
  const house = n % addresses
  return `127.0.${1 + Math.floor(house / 250)}.${1 + (house % 250)}`
}

const addresses = 500
