/** Made when it is first needed, and once: what is large or slow to make must not hold up the people beside it. */
export function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | null = null
  return () => (made ??= { value: make() }).value
}
