/*
 * What somebody could send to make a script run, or something be loaded, in another person's browser. A script that
 * runs calls `fired`, says something in a dialog, or asks `xss.invalid`. What is pasted and imported as HTML and
 * Markdown is in editor/test/xss-vectors.ts.
 */

import { makePicture } from './picture.ts'

/** Text with marks as Yjs keeps them, by their keys. */
export interface Run {
  readonly text: string
  readonly marks?: Readonly<Record<string, unknown>>
}

/** What Yjs takes as an attribute. */
export type Value = string | number | object

/** A node as another client writes it. */
export interface Block {
  readonly node: string
  readonly attrs?: Readonly<Record<string, Value>>
  readonly content?: readonly (Block | Run)[]
}

/** A vector whose `text` people have to see, as what it is. */
export interface Shown {
  readonly name: string
  readonly text: string
}

const picture = `data:image/png;base64,${makePicture(40, 20).toString('base64')}`

const call = (name: string) => `fired('${name}')`

/** Spellings of addresses that browsers run, or may have run. */
const addresses: readonly (readonly [name: string, address: Value])[] = [
  ['a script', `javascript:${call('script')}`],
  ['capitals', `JaVaScRiPt:${call('capitals')}`],
  ['a tab', `java\tscript:${call('tab')}`],
  ['a line end', `java\nscript:${call('line end')}`],
  ['a return', `java\rscript:${call('return')}`],
  ['controls before', `\u0000\u0001\u001fjavascript:${call('controls')}`],
  ['a tab before the colon', `javascript\t:${call('colon')}`],
  ['spaces before', `  \u00a0\u2028javascript:${call('spaces')}`],
  ['an unseen letter before', `\u200bjavascript:${call('unseen')}`],
  ['a byte order mark before', `\ufeffjavascript:${call('mark')}`],
  ['a comment', `javascript://%0a${call('comment')}`],
  ['an entity', `&#106;avascript:${call('entity')}`],
  ['an encoded colon', `javascript&colon;${call('encoded')}`],
  ['a percent sign', `javascript%3a${call('percent')}`],
  ['wide letters', `ｊａｖａｓｃｒｉｐｔ:${call('wide')}`],
  ['Visual Basic', `vbscript:${call('vbscript')}`],
  ['a page as data', `data:text/html,<script>${call('data')}</script>`],
  [
    'a drawing as data',
    `data:image/svg+xml,<svg xmlns="http://www.w3.org/2000/svg" onload="${call('svg')}"/>`,
  ],
  ['a page that says it is a picture', `data:image/png,text/html,<script>${call('picture')}</script>`],
  ['a page behind a picture', `data:text/html;image/png;base64,PHNjcmlwdD5maXJlZCgpPC9zY3JpcHQ+`],
  ['a picture of markup', `data:image/png;base64,"><script>${call('base64')}</script>`],
  ['a blob', `blob:http://xss.invalid/1`],
  ['a file system', 'filesystem:http://xss.invalid/temporary/1'],
  ['a file', 'file:///etc/passwd'],
  ['the source', `view-source:javascript:${call('source')}`],
  ['a list', [`javascript:${call('list')}`]],
  ['an object', { toString: `javascript:${call('object')}`, href: `javascript:${call('object')}` }],
]

/** Text that ends an attribute, an element or a script, wherever it was put together with other text. */
const markups: readonly (readonly [name: string, markup: string])[] = [
  ['a tag', `"><img src=x onerror=${call('tag')}>`],
  ['an attribute', `x" onmouseover="${call('attribute')}" autofocus onfocus="${call('attribute')}`],
  ['a style', 'x;background:url(http://xss.invalid/style)'],
]

const paragraphOf = (...content: readonly Run[]): Block => ({ node: 'paragraph', content })

/** Where in a document others' text becomes an attribute or a name. */
const places: readonly (readonly [name: string, make: (value: string, text: string) => Block])[] = [
  ...['style', 'list', 'level', 'align', 'start', 'checked', 'dir', 'class', 'onclick'].map(
    (key) =>
      [
        `${key} of a paragraph`,
        (value: string, text: string): Block => ({
          node: 'paragraph',
          attrs: { [key]: value, list: key === 'start' ? 'ordered' : value },
          content: [{ text }],
        }),
      ] as const,
  ),
  ...['src', 'alt', 'title', 'width', 'align', 'onerror'].map(
    (key) =>
      [
        `${key} of a picture`,
        (value: string, text: string): Block => ({
          node: 'image',
          attrs: { src: picture, [key]: value },
          content: [{ text }],
        }),
      ] as const,
  ),
  [
    'the language of code',
    (language, text) => ({ node: 'code_block', attrs: { language }, content: [{ text }] }),
  ],
  [
    'the kind of a callout',
    (kind, text) => ({ node: 'callout', attrs: { kind }, content: [paragraphOf({ text })] }),
  ],
  [
    'the id of a mention',
    (id, text) => ({ node: 'paragraph', content: [{ node: 'mention', attrs: { id, label: text } }] }),
  ],
  [
    'the label of a mention',
    (label, text) => ({
      node: 'paragraph',
      content: [{ node: 'mention', attrs: { id: 'a', label: `${label}${text}` } }],
    }),
  ],
  ...['colspan', 'rowspan', 'colwidth', 'background', 'style'].map(
    (key) =>
      [
        `${key} of a cell`,
        (value: string, text: string): Block => ({
          node: 'table',
          attrs: { [key]: value },
          content: [
            {
              node: 'table_row',
              attrs: { [key]: value },
              content: [{ node: 'table_cell', attrs: { [key]: value }, content: [paragraphOf({ text })] }],
            },
          ],
        }),
      ] as const,
  ),
  ['a highlight', (color, text) => paragraphOf({ text, marks: { highlight: { color } } })],
  ['a colour of text', (color, text) => paragraphOf({ text, marks: { text_color: { color } } })],
  ['an attribute of a mark', (onclick, text) => paragraphOf({ text, marks: { strong: { onclick } } })],
  ['an unknown mark', (name, text) => paragraphOf({ text, marks: { [name]: { [name]: name } } })],
  [
    'an unknown node',
    (name, text) => ({ node: name, attrs: { [name]: name, href: name }, content: [{ text }] }),
  ],
  [
    'an unknown attribute',
    (name, text) => ({ node: 'paragraph', attrs: { [name]: name }, content: [{ text }] }),
  ],
]

/** Formulas that would link, load, style or define, if whoever draws them were trusting. */
const formulas = [
  `\\href{javascript:${call('href')}}{x}`,
  `\\url{javascript:${call('url')}}`,
  '\\includegraphics[width=1em]{http://xss.invalid/formula}',
  `\\htmlData{onclick=${call('data')}}{x}`,
  `\\htmlStyle{background:url(http://xss.invalid/formula)}{x}`,
  `\\htmlClass{x" onclick="${call('class')}}{x}`,
  `\\htmlId{x" onclick="${call('id')}}{x}`,
  `\\text{<img src=x onerror=${call('text')}>}`,
  `\\color{red;background:url(http://xss.invalid/colour)}x`,
  '\\def\\a#1{#1#1#1#1#1#1}\\a{\\a{\\a{\\a{\\a{\\a{\\a{\\a{x}}}}}}}}',
  `\\rule{1e9em}{1e9em}`,
]

const elements = [
  'script',
  'img',
  'iframe',
  'svg',
  'style',
  'a',
  'base',
  'object',
  'math',
  'template',
  'form',
  'doc',
]

/** What a client of somebody else writes into a document, each with a text that stays visible. */
export const updates: readonly (Shown & { readonly block: Block })[] = [
  ...addresses.map(([name, href]) => [`link: ${name}`, (text: string) => linkTo(href, text)] as const),
  ...addresses.map(([name, src]) => [`picture: ${name}`, (text: string) => pictureOf(src, text)] as const),
  ...places.flatMap(([place, make]) =>
    markups.map(([name, markup]) => [`${place}: ${name}`, (text: string) => make(markup, text)] as const),
  ),
  ...formulas.flatMap((tex) => [
    [`formula: ${tex}`, (text: string) => formulaOf(tex, text)] as const,
    [
      `formula in a line: ${tex}`,
      (text: string) => paragraphOf({ text: tex, marks: { math: {} } }, { text }),
    ] as const,
  ]),
  ...elements.map(
    (node) =>
      [
        `element ${node}`,
        (text: string): Block => ({
          node,
          attrs: {
            src: `javascript:${call(node)}`,
            onload: call(node),
            srcdoc: `<script>${call(node)}</script>`,
          },
          content: [{ text }],
        }),
      ] as const,
  ),
].map(([name, make], index) => ({ name, text: `shown ${index}.`, block: make(`shown ${index}.`) }))

function linkTo(href: unknown, text: string): Block {
  return paragraphOf({ text, marks: { link: { href, v: 1 } } })
}

function pictureOf(src: Value, text: string): Block {
  return { node: 'image', attrs: { src }, content: [{ text }] }
}

function formulaOf(tex: string, text: string): Block {
  return {
    node: 'callout',
    content: [
      { node: 'code_block', attrs: { language: 'math' }, content: [{ text: tex }] },
      paragraphOf({ text }),
    ],
  }
}

/** Titles, which stand in a tab, in a header and in the list of documents. */
export const titles: readonly string[] = [
  `<img src=x onerror=${call('title')}>`,
  `</title><script>${call('title')}</script>`,
  `"><svg onload=${call('title')}>`,
  `\${${call('title')}} {{constructor.constructor("${call('title')}")()}}`,
  `<!--lit--><?lit$${call('title')}$?>`,
  `javascript:${call('title')}`,
]

/** What people may say of themselves; `shows` is what others see of it. */
export const presences: readonly {
  readonly name: string
  readonly user: unknown
  readonly shows?: string
}[] = [
  { name: 'markup', user: { name: `<img src=x onerror=${call('name')}>` } },
  { name: 'a script', user: { name: `<script>${call('name')}</script>` } },
  { name: 'an attribute', user: { name: `" onmouseover="${call('name')}` } },
  { name: 'a template', user: { name: `<!--?lit$1$-->\${${call('x')}}` } },
  {
    name: 'an id with markup',
    user: { id: `"]<img src=x onerror=${call('id')}>`, name: 'id 1' },
    shows: 'id 1',
  },
  { name: 'an id that is a selector', user: { id: '"],body,[x="', name: 'id 2' }, shows: 'id 2' },
  { name: 'an id of the prototype', user: { id: '__proto__', name: 'id 3' }, shows: 'id 3' },
  { name: 'an id that is an object', user: { id: { a: 1 }, name: 'id 4' }, shows: 'id 4' },
  { name: 'an id with nothing seen', user: { id: '\u0000\u2028', name: 'id 5' }, shows: 'id 5' },
  ...[
    'red;background:url(http://xss.invalid/colour)',
    `url(javascript:${call('color')})`,
    `#123456;}body{background:url(http://xss.invalid/colour)}`,
    `"><img src=x onerror=${call('color')}>`,
    'expression(fired(1))',
    'var(--x,url(http://xss.invalid/colour))',
    ['#123456'],
    { toString: '#123456' },
    1e308,
  ].map((color, index) => ({
    name: `colour ${JSON.stringify(color)}`,
    user: { name: `colour ${index}`, color, colorLight: color },
    shows: `colour ${index}`,
  })),
  { name: 'turned writing', user: { name: '\u202egpj.exe\u202d admin' }, shows: 'gpj.exe admin' },
  { name: 'held writing', user: { name: '\u2067\u2066name\u200f' }, shows: 'name' },
  {
    name: 'many marks on a letter',
    user: { name: `a${'\u0301'.repeat(60)}` },
    shows: `a${'\u0301'.repeat(39)}`,
  },
  { name: 'a long name', user: { name: 'x'.repeat(2_000) }, shows: 'x'.repeat(40) },
]

/** Presence that says nothing of a person, or too much. */
export const brokenPresences: readonly {
  readonly name: string
  readonly state: Readonly<Record<string, unknown>>
}[] = [
  { name: 'a user that is a text', state: { user: `<img src=x onerror=${call('user')}>` } },
  { name: 'a user that is a list', state: { user: [`<script>${call('user')}</script>`] } },
  { name: 'a name that is an object', state: { user: { name: { toString: 'x', length: 1e9 } } } },
  {
    name: 'a cursor that is a text',
    state: { user: { name: 'x' }, cursor: `<script>${call('cursor')}</script>` },
  },
  {
    name: 'a cursor that is nowhere',
    state: { cursor: { anchor: { tname: '__proto__' }, head: { type: {}, item: [] } } },
  },
  { name: 'a cursor of numbers', state: { cursor: { anchor: 1e308, head: -1 } } },
  {
    name: 'a cursor of someone’s',
    state: {
      cursor: { anchor: { item: { client: 1e21, clock: -1 } }, head: { item: { client: 'x', clock: {} } } },
    },
  },
  { name: 'a megabyte', state: { user: { name: 'x'.repeat(1_000_000) } } },
  {
    name: 'a prototype',
    state: JSON.parse('{"user":{"__proto__":{"polluted":1},"name":"x"}}') as Record<string, unknown>,
  },
]

/** What is in no block: notes of the editor for itself. */
export const notes: readonly (readonly [name: string, value: unknown])[] = [
  ['markup', `<img src=x onerror=${call('note')}>`],
  ['a number', -1],
  ['a large number', 1e308],
  ['nothing', null],
  ['a list', [[[`<script>${call('note')}</script>`]]]],
  ['an object', { schema: { toString: call('note') } }],
  ['bytes', new Uint8Array(300).fill(255)],
  ['few bytes', new Uint8Array([1, 0, 255, 255, 255, 255, 15])],
  ['no bytes', new Uint8Array(0)],
]

const script = (name: string) => `<script>${call(name)}</script>`
const drawing = `<svg xmlns="http://www.w3.org/2000/svg" onload="${call('svg')}">${script('svg')}</svg>`

/** Files that are pages, or that somebody could take for one. `shown` says that they are shown as the picture they claim to be. */
export const files: readonly {
  readonly name: string
  readonly type: string
  readonly content: string
  readonly shown?: true
}[] = [
  { name: 'drawing.svg', type: 'image/svg+xml', content: drawing },
  { name: 'drawing.png', type: 'image/png', content: drawing },
  { name: 'page.html', type: 'text/html', content: `<!doctype html>${script('html')}` },
  {
    name: 'page.xhtml',
    type: 'application/xhtml+xml',
    content: `<html xmlns="http://www.w3.org/1999/xhtml">${script('xhtml')}</html>`,
  },
  {
    name: 'page.xml',
    type: 'text/xml',
    content: `<?xml-stylesheet type="text/xsl" href="data:text/xml,x"?><x xmlns:h="http://www.w3.org/1999/xhtml"><h:script>${call('xml')}</h:script></x>`,
  },
  { name: 'script.js', type: 'text/javascript', content: call('js') },
  { name: 'module.mjs', type: 'application/octet-stream', content: `${call('mjs')}; export {}` },
  {
    name: 'both.gif',
    type: 'image/gif',
    content: `GIF89a=1;${call('gif')};//<html>${script('gif')}`,
    shown: true,
  },
  {
    name: 'both.jpg',
    type: 'text/html',
    content: `\u00ff\u00d8\u00ff/*${script('jpeg')}*/=1;${call('jpeg')}`,
    shown: true,
  },
  { name: 'both.png', type: 'text/html', content: `\u0089PNG\r\n\u001a\n${script('png')}`, shown: true },
  {
    name: 'plan.pdf',
    type: 'application/pdf',
    content: `%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>>>endobj ${script('pdf')}`,
  },
  { name: 'sheet.css', type: 'text/css', content: 'body{background:url(http://xss.invalid/css)}' },
  { name: `<img src=x onerror=${call('name')}>.png`, type: 'text/html', content: script('name') },
  {
    name: 'x"; filename="y.html\r\nContent-Type: text/html\r\n\r\n<script>',
    type: 'text/html',
    content: script('header'),
  },
  { name: '../../../assets/index.html', type: 'text/html', content: script('path') },
  { name: '\u202elmth.gnp', type: 'text/html', content: script('turned') },
  { name: '.htaccess', type: 'text/html', content: 'AddType text/html .png' },
]

/** Paths that a person could be sent. */
export const paths: readonly string[] = [
  `/d/${encodeURIComponent(`<img src=x onerror=${call('path')}>`)}`,
  `/d/${encodeURIComponent(`"]<script>${call('path')}</script>`)}`,
  `/d/x#key=${encodeURIComponent(`<img src=x onerror=${call('key')}>`)}`,
  `/#key=${encodeURIComponent(`javascript:${call('key')}`)}`,
  `/?next=javascript:${call('next')}`,
  `/${encodeURIComponent(`<script>${call('page')}</script>`)}`,
  `/api/documents/${encodeURIComponent(`<script>${call('api')}</script>`)}/history`,
  `/api/documents/x/history/${encodeURIComponent(`<script>${call('moment')}</script>`)}`,
  `/api/documents/x/files/${encodeURIComponent(`<script>${call('file')}</script>`)}`,
  `/api/${encodeURIComponent(`<svg onload=${call('route')}>`)}`,
  `/assets/${encodeURIComponent(`<svg onload=${call('asset')}>`)}`,
]

/** Pasted as plain text, which has to stay text. */
export const texts: readonly string[] = [
  `javascript:${call('text')}`,
  `<script>${call('text')}</script>`,
  `<img src=x onerror=${call('text')}>`,
  `[x](javascript:${call('text')}) `,
  `![x](javascript:${call('text')}) `,
  `http://x"onmouseover="${call('text')}`,
  `<a href="javascript:${call('text')}">x</a>`,
  `data:text/html,<script>${call('text')}</script>`,
]

/** Nested so deep that the server would refuse the document from then on. */
export const deep: readonly { readonly name: string; readonly html: string }[] = [
  { name: 'callouts in callouts', html: `${'<aside>'.repeat(400)}x` },
  { name: 'tables in tables', html: `${'<table><tr><td>'.repeat(100)}x` },
  { name: 'lists in lists', html: `${'<ul><li>'.repeat(200)}x` },
  { name: 'quotes in quotes', html: `${'<blockquote>'.repeat(400)}x` },
  { name: 'marks in marks', html: `${'<b><a href=/x><mark>'.repeat(150)}x` },
]

const slice = (context: unknown) =>
  `<div data-pm-slice='1 1 ${JSON.stringify(context).replaceAll("'", '&#39;')}'><p>shown</p></div>`

/** Says that it was copied from an editor like ours, and what it was a piece of. `isShown`: its text fits in there. */
export const slices: readonly { readonly name: string; readonly html: string; readonly isShown: boolean }[] =
  [
    ...(
      [
        [
          'a span without end',
          ['table', null, 'table_row', null, 'table_cell', { colspan: 1e9, rowspan: 1e9 }],
        ],
        [
          'a span that is a text',
          ['table', null, 'table_row', null, 'table_cell', { colspan: '<b>', colwidth: 'x' }],
        ],
        [
          'widths of the wrong number',
          ['table', null, 'table_row', null, 'table_cell', { colspan: 2, colwidth: [1e9] }],
        ],
        ['a callout', ['callout', { kind: `"><script>${call('callout')}</script>` }]],
        ['nothing', null],
        ['a number', 7],
        ['an object', { length: 2, 0: 'callout', 1: { kind: {} } }],
        ['names of the prototype', ['constructor', null, '__proto__', null, 'toString', null]],
        [
          'levels without end',
          Array.from({ length: 4_000 }, (_, index) => (index % 2 === 0 ? 'callout' : null)),
        ],
      ] as const
    ).map(([name, context]) => ({ name, html: slice(context), isShown: true })),
    {
      name: 'depth without end',
      html: '<div data-pm-slice="99999999 99999999 -99999999 []"><p>shown</p></div>',
      isShown: true,
    },
    ...(
      [
        [
          'a picture',
          ['image', { src: `javascript:${call('image')}`, width: '1e9;x', align: 'x" onload="' }],
        ],
        ['code', ['code_block', { language: `x" onload="${call('code')}` }]],
        ['a document in a document', ['doc', null, 'doc', null]],
        ['text', ['text', null]],
        [
          'a placeholder',
          ['unknown_block', { name: '__proto__', attrs: { a: 1 }, content: [{ type: 'x' }] }],
        ],
      ] as const
    ).map(([name, context]) => ({ name, html: slice(context), isShown: false })),
  ]
