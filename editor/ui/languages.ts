import { mathLanguage } from '../schema/index.ts'
import { text } from './text.ts'

/** Languages a code block can be highlighted in, by the names Markdown has for them. */
const languages = new Map([
  ['arduino', 'Arduino'],
  ['bash', 'Bash'],
  ['c', 'C'],
  ['cpp', 'C++'],
  ['csharp', 'C#'],
  ['css', 'CSS'],
  ['diff', 'Diff'],
  ['go', 'Go'],
  ['graphql', 'GraphQL'],
  ['xml', 'HTML, XML'],
  ['ini', 'INI, TOML'],
  ['java', 'Java'],
  ['javascript', 'JavaScript'],
  ['json', 'JSON'],
  ['kotlin', 'Kotlin'],
  ['less', 'Less'],
  ['lua', 'Lua'],
  ['makefile', 'Makefile'],
  ['markdown', 'Markdown'],
  ['objectivec', 'Objective-C'],
  ['perl', 'Perl'],
  ['php', 'PHP'],
  ['python', 'Python'],
  ['r', 'R'],
  ['ruby', 'Ruby'],
  ['rust', 'Rust'],
  ['scss', 'SCSS'],
  ['shell', 'Shell session'],
  ['sql', 'SQL'],
  ['swift', 'Swift'],
  ['typescript', 'TypeScript'],
  ['vbnet', 'Visual Basic'],
  ['wasm', 'WebAssembly'],
  ['yaml', 'YAML'],
])

/** Short names that people type after "```"; everything else counts as it is written. */
const shortNames = new Map([
  ['js', 'javascript'],
  ['jsx', 'javascript'],
  ['ts', 'typescript'],
  ['tsx', 'typescript'],
  ['py', 'python'],
  ['rb', 'ruby'],
  ['rs', 'rust'],
  ['sh', 'bash'],
  ['zsh', 'bash'],
  ['html', 'xml'],
  ['svg', 'xml'],
  ['c++', 'cpp'],
  ['cs', 'csharp'],
  ['c#', 'csharp'],
  ['golang', 'go'],
  ['kt', 'kotlin'],
  ['md', 'markdown'],
  ['yml', 'yaml'],
  ['toml', 'ini'],
  ['tex', mathLanguage],
])

/** The languages to choose from by their values, with that of a block that has another one; the chosen value. */
export function languageChoices(current: string | null): { chosen: string; names: Map<string, string> } {
  const chosen = current === null ? '' : (shortNames.get(current) ?? current)
  const names = new Map([['', text.plainCode], [mathLanguage, text.formula], ...languages])
  // What somebody else wrote there stays, under the name they gave it.
  if (!names.has(chosen)) names.set(chosen, chosen)
  return { chosen, names }
}
