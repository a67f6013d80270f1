import { html, LitElement } from 'lit'
import { ApiError, signIn } from './request.ts'
import { text } from './text.ts'

/** Asks for the shared password and then shows what was asked for. */
export class SignInPage extends LitElement {
  static override properties = { problem: { state: true } }
  declare problem: string

  constructor() {
    super()
    this.problem = ''
  }

  /** Light DOM: the app is one page with one stylesheet. */
  protected override createRenderRoot(): HTMLElement {
    return this
  }

  protected override render() {
    return html`
      <main class="sign-in">
        <h1>${text.signIn.heading}</h1>
        <p>${text.signIn.hint}</p>
        <form @submit=${this.#submit}>
          <label>
            ${text.signIn.label}
            <input name="password" type="password" autocomplete="current-password" required autofocus />
          </label>
          <button class="button primary" type="submit">${text.signIn.submit}</button>
          <p class="problem" role="alert">${this.problem}</p>
        </form>
      </main>
    `
  }

  readonly #submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    if (!(event.target instanceof HTMLFormElement)) return
    const password = new FormData(event.target).get('password')
    try {
      await signIn(typeof password === 'string' ? password : '')
      location.reload()
    } catch (error) {
      this.problem = error instanceof ApiError ? error.message : String(error)
    }
  }
}

customElements.define('sign-in-page', SignInPage)
