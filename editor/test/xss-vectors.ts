/** Something that would run, or reach out, if it were believed; as HTML or as Markdown. */
export interface Vector {
  readonly name: string
  readonly html?: string
  readonly markdown?: string
}

/** Spellings of addresses that browsers run. */
const addresses: readonly (readonly [name: string, address: string])[] = [
  ['a script', 'javascript:alert(1)'],
  ['capitals', 'JaVaScRiPt:alert(1)'],
  ['a tab inside', 'java\tscript:alert(1)'],
  ['a line end inside', 'java\nscript:alert(1)'],
  ['a carriage return inside', 'java\rscript:alert(1)'],
  ['spaces before', '   javascript:alert(1)'],
  ['a control before', '\u0001javascript:alert(1)'],
  ['a vertical tab before', '\u000bjavascript:alert(1)'],
  ['a space before the colon', 'javascript :alert(1)'],
  ['a tab before the colon', 'javascript\t:alert(1)'],
  ['slashes', 'javascript://x%0aalert(1)'],
  ['an encoded colon', 'javascript&colon;alert(1)'],
  ['an encoded letter', '&#106;avascript:alert(1)'],
  ['an encoded letter without end', '&#106avascript:alert(1)'],
  ['an encoded letter in hexadecimal', '&#x6A;avascript:alert(1)'],
  ['an encoded tab', 'java&Tab;script:alert(1)'],
  ['an encoded line end', 'java&NewLine;script:alert(1)'],
  ['visual basic', 'vbscript:msgbox(1)'],
  ['a page as data', 'data:text/html,<script>alert(1)</script>'],
  ['a page as encoded data', 'data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg=='],
  ['a drawing as data', 'data:image/svg+xml,<svg onload=alert(1)>'],
  ['a blob', 'blob:https://x.example/1'],
  ['a file', 'file:///etc/passwd'],
  ['the source of a page', 'view-source:javascript:alert(1)'],
  ['a feed', 'feed:javascript:alert(1)'],
]

const quoted = (address: string) => address.replaceAll('"', '&quot;').replaceAll('<', '&lt;')

const addressVectors: readonly Vector[] = addresses.flatMap(([name, address]) => [
  { name: `a link with ${name}`, html: `<a href="${quoted(address)}">x</a>` },
  { name: `a picture with ${name}`, html: `<img src="${quoted(address)}">` },
  {
    name: `a link with ${name}`,
    markdown: `[x](<${address.replaceAll('<', '%3C').replaceAll('>', '%3E')}>)`,
  },
  { name: `a picture with ${name}`, markdown: `![x](${address.replaceAll(/[<> ]/g, '%20')})` },
])

const markup: readonly (readonly [name: string, html: string])[] = [
  ['a script', '<script>alert(1)</script>'],
  ['a script in capitals', '<SCRIPT SRC=//x.example/x.js></SCRIPT>'],
  ['a script that is not closed', '<script>alert(1)'],
  ['a script with a slash', '<script/x>alert(1)</script>'],
  ['a script in a script', '<scr<script>ipt>alert(1)</scr</script>ipt>'],
  ['a picture that fails', '<img src=x onerror=alert(1)>'],
  ['a picture without spaces', '<img/src=x/onerror=alert(1)>'],
  ['a handler in capitals', '<img src=x OnErRoR=alert(1)>'],
  ['a handler after a line end', '<img src=x\nonerror\n=\nalert(1)>'],
  ['a paragraph under the mouse', '<p onmouseover="alert(1)">x</p>'],
  ['a focus that is taken', '<input autofocus onfocus=alert(1)>'],
  ['a text field', '<textarea autofocus onfocus=alert(1)>x</textarea>'],
  [
    'an animation',
    '<style>@keyframes x{}</style><p style="animation-name:x" onanimationstart="alert(1)">x</p>',
  ],
  ['a body', '<body onload=alert(1)>x'],
  ['details', '<details open ontoggle=alert(1)><summary>x</summary></details>'],
  ['a drawing', '<svg onload=alert(1)></svg>'],
  ['a script in a drawing', '<svg><script>alert(1)</script></svg>'],
  [
    'an animated link in a drawing',
    '<svg><a><animate attributeName=href values=javascript:alert(1) /><text>x</text></a></svg>',
  ],
  ['a use in a drawing', '<svg><use href="data:image/svg+xml,<svg id=x onload=alert(1)>#x"/></svg>'],
  [
    'a page in a drawing',
    '<svg><foreignObject><iframe src=javascript:alert(1)></iframe></foreignObject></svg>',
  ],
  ['a formula', '<math><mtext><a href="javascript:alert(1)">x</a></mtext></math>'],
  ['a link of a formula', '<math href="javascript:alert(1)">x</math>'],
  [
    'a formula that breaks out',
    '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
  ],
  ['a formula and a drawing', '<svg></p><style><a id="</style><img src=1 onerror=alert(1)>">'],
  [
    'TeX with markup',
    '<math><annotation encoding="application/x-tex">&lt;img src=x onerror=alert(1)&gt;</annotation></math>',
  ],
  ['a frame', '<iframe src="javascript:alert(1)"></iframe>'],
  ['a frame with its page', '<iframe srcdoc="<script>alert(1)</script>"></iframe>'],
  ['an old frame', '<frameset><frame src="javascript:alert(1)"></frameset>'],
  ['an object', '<object data="javascript:alert(1)"></object>'],
  ['an embedded thing', '<embed src="javascript:alert(1)">'],
  ['an applet', '<applet code="x"></applet>'],
  ['a style', '<style>@import "//x.example/x.css"</style>'],
  ['a style of an element', '<p style="background:url(javascript:alert(1))">x</p>'],
  ['a picture by style', '<p style="background-image:url(https://x.example/t.gif)">x</p>'],
  ['an old expression', '<p style="width:expression(alert(1))">x</p>'],
  ['a sheet', '<link rel=stylesheet href="//x.example/x.css">'],
  ['a reload', '<meta http-equiv=refresh content="0;url=javascript:alert(1)">'],
  ['a base', '<base href="javascript:alert(1)//"><a href="x">x</a>'],
  ['a form', '<form action="javascript:alert(1)"><button>x</button></form>'],
  ['an action of a button', '<form><button formaction="javascript:alert(1)">x</button></form>'],
  ['a template', '<template><script>alert(1)</script></template>'],
  ['a shadow', '<p><template shadowrootmode=open><script>alert(1)</script></template></p>'],
  ['what shows without scripts', '<noscript><p title="</noscript><img src=x onerror=alert(1)>"></noscript>'],
  ['a title that ends early', '<title></title><img src=x onerror=alert(1)></title>'],
  ['a text field that ends early', '<textarea></textarea><img src=x onerror=alert(1)></textarea>'],
  ['old plain text', '<xmp></xmp><img src=x onerror=alert(1)></xmp>'],
  ['a comment that ends early', '<!--><img src=x onerror=alert(1)>-->'],
  ['a comment that ends oddly', '<!-- --!><img src=x onerror=alert(1)> -->'],
  ['character data', '<![CDATA[><img src=x onerror=alert(1)>]]>'],
  ['an instruction', '<?xml-stylesheet href="javascript:alert(1)"?>'],
  ['a video', '<video src=x onerror=alert(1) autoplay></video>'],
  ['a sound', '<audio src=x onerror=alert(1)></audio>'],
  ['a source', '<video><source onerror=alert(1)></video>'],
  ['a marquee', '<marquee onstart=alert(1)>x</marquee>'],
  ['a map', '<map name=m><area href="javascript:alert(1)"></map>'],
  ['a custom element', '<x-evil onclick=alert(1)>x</x-evil>'],
  ['a portal', '<portal src="javascript:alert(1)"></portal>'],
  ['a dialog', '<dialog open onclose=alert(1)>x</dialog>'],
  ['a popover', '<div popover id=p onbeforetoggle=alert(1)>x</div><button popovertarget=p>x</button>'],
  [
    'what has more sources',
    '<img srcset="javascript:alert(1) 1x" src="https://x.example/i.png" onload=alert(1)>',
  ],
  ['what names itself', '<a id=x name=body href="#x" onclick=alert(1) ping="//x.example">x</a>'],
  [
    'an import of a table',
    '<table background="javascript:alert(1)"><tr><td background="javascript:alert(1)">x</table>',
  ],
  ['an address in a quote', '<blockquote cite="javascript:alert(1)">x</blockquote>'],
  [
    'a mention',
    '<span data-mention="&quot;><script>alert(1)</script>" data-label="<img src=x onerror=alert(1)>">x</span>',
  ],
  [
    'a figure',
    '<figure><img src="javascript:alert(1)" onerror=alert(1)><figcaption onclick=alert(1)>x</figcaption></figure>',
  ],
  ['a callout', '<aside data-callout="x&quot; onload=&quot;alert(1)" onclick=alert(1)>x</aside>'],
  ['a highlight', '<mark data-color="x&quot; onload=&quot;alert(1)" onclick=alert(1)>x</mark>'],
  ['code', '<pre onclick=alert(1)><code class="language-x&quot; onload=&quot;alert(1)">x</code></pre>'],
  ['an item', '<ol start="1&quot; onload=&quot;alert(1)"><li value="x" onclick=alert(1)>x</ol>'],
  [
    'markup in an attribute that is copied',
    '<img src="https://x.example/i.png" alt="&quot;><script>alert(1)</script>">',
  ],
  [
    'what claims to be ours',
    '<p data-pm-slice="0 0 []" onclick=alert(1)>x<script>alert(1)</script><svg onload=alert(1)></svg></p>',
  ],
]

const signs: readonly (readonly [name: string, markdown: string])[] = [
  ['an automatic link', '<javascript:alert(1)>'],
  ['a named link', '[x][y]\n\n[y]: javascript:alert(1)'],
  ['a named picture', '![x][y]\n\n[y]: data:text/html,alert(1)'],
  ['a title that breaks out', '[x](https://x.example "&quot; onclick=&quot;alert(1)")'],
  ['words of a picture that break out', '![&quot; onerror=&quot;alert(1)](https://x.example/i.png)'],
  ['an address that breaks out', '[x](https://x.example/"onclick="alert(1))'],
  ['the language of code', '```"><script>alert(1)</script>\nx\n```'],
  ['an inline tag with a handler', '<u onclick=alert(1)>x</u>'],
  ['a mark with a handler', '<mark data-color="red" onclick="alert(1)">x</mark>'],
  ['a mention that breaks out', '<span data-mention="&quot; onclick=&quot;alert(1)">@x</span>'],
  ['a formula', '$\\href{javascript:alert(1)}{x}$'],
  ['a formula with markup', '$$\n<img src=x onerror=alert(1)>\n$$'],
  ['an alert of no kind', '> [!NOTE" onclick="alert(1)]\n> x'],
  ['a note', '[^1]\n\n[^1]: <script>alert(1)</script>'],
  ['a table', '| <script>alert(1)</script> |\n| --- |\n| <img src=x onerror=alert(1)> |'],
  ['a header', '---\ntitle: <script>alert(1)</script>\n---\nx'],
]

/** All of them. */
export const xssVectors: readonly Vector[] = [
  ...addressVectors,
  ...markup.flatMap(([name, html]) => [
    { name, html },
    { name: `${name}, in a line`, markdown: `x ${html} y` },
    { name, markdown: html },
  ]),
  ...signs.map(([name, markdown]) => ({ name, markdown })),
]
