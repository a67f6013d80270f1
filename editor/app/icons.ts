import { html, svg, type TemplateResult } from 'lit'

const icon = (paths: TemplateResult<2>) =>
  html`<svg
    viewBox="0 0 24 24"
    fill="none"
    stroke="currentColor"
    stroke-width="2"
    stroke-linecap="round"
    stroke-linejoin="round"
    aria-hidden="true"
  >
    ${paths}
  </svg>`

const cloud = 'M7 19a5 5 0 0 1-.6-9.960 6.500 6.500 0 0 1 12.400 1.560A4.300 4.300 0 0 1 18 19'

/** The pictures of the app; they take the size that their place gives them. */
export const icons = {
  back: icon(svg`<path d="M19 12H5M11 18l-6-6 6-6" />`),
  link: icon(
    svg`<path d="M10 14a4 4 0 0 0 6 .4l3-3a4 4 0 0 0-5.700-5.700l-1.200 1.200M14 10a4 4 0 0 0-6-.4l-3 3a4 4 0 0 0 5.700 5.700l1.200-1.200" />`,
  ),
  outline: icon(svg`<path d="M4 6h16M8 12h12M8 18h12M4 12h.01M4 18h.01" />`),
  find: icon(svg`<circle cx="11" cy="11" r="6.500" /><path d="m20 20-4.300-4.300" />`),
  focus: icon(svg`<path d="M4 9V5h4M16 5h4v4M20 15v4h-4M8 19H4v-4M9 12h6" />`),
  dots: icon(svg`<path d="M5 12h.01M12 12h.01M19 12h.01" stroke-width="3" />`),
  cloudUp: icon(svg`<path d=${cloud} /><path d="M12 20v-7M9.500 15.500 12 13l2.500 2.500" />`),
  cloudCheck: icon(svg`<path d=${cloud} /><path d="m9.500 17 2 2 3.500-4" />`),
  cloudOff: icon(svg`<path d=${cloud} /><path d="M4 4l16 17" />`),
  device: icon(
    svg`<path d="M4 6a1.500 1.500 0 0 1 1.500-1.500h13A1.500 1.500 0 0 1 20 6v9H4ZM2 19h20" /><path d="m9.200 9.600 2 2 3.600-3.800" />`,
  ),
  eye: icon(
    svg`<path d="M2 12s3.600-6.500 10-6.500S22 12 22 12s-3.600 6.500-10 6.500S2 12 2 12Z" /><circle cx="12" cy="12" r="2.500" />`,
  ),
}
