/** What of facts/hostile-input.md 4.3 is not sent to the server here, and why. */
export const elsewhere: readonly { readonly ids: string; readonly what: string; readonly why: string }[] = [
  {
    ids: 'B15',
    what: 'flipped bits that nobody notices',
    why: 'the wire has no checksum of its own (TLS has): what a flip makes of an update may be a legal one',
  },
  {
    ids: 'B39, B41',
    what: 'nodes, marks and attributes that no schema has',
    why: 'the server knows no schema; the editor reads what it does not know as unset (editor/, [E16], [E19])',
  },
  {
    ids: 'B40',
    what: 'links that run scripts',
    why: 'the server shows no document; the editor checks when it parses, is commanded and shows ([E16])',
  },
  { ids: 'B42', what: 'addresses of pictures that lead inside', why: 'the server fetches nothing' },
  { ids: 'B45', what: 'archives that explode', why: 'nothing can be imported' },
  {
    ids: 'B48',
    what: 'presence of somebody else as the first that is announced',
    why: 'looks like a new connection of the same client [P3]; only users that the server knows are told apart',
  },
  {
    ids: 'B55',
    what: 'names with markup and turned writing',
    why: 'the server relays text; the editor shows names as text and cuts them ([E28])',
  },
]
