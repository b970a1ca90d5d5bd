/** The few DOM operations the page needs. Text is only ever set as text, never as markup. */

export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className = '',
  children: readonly Node[] = [],
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  made.className = className;
  made.append(...children);
  return made;
}

/** Touches the DOM only where something changed, so that a calm wall costs nothing. */
export function setText(node: Element, text: string): void {
  if (node.textContent !== text) node.textContent = text;
}

export function setAttribute(node: Element, name: string, value: string): void {
  if (node.getAttribute(name) !== value) node.setAttribute(name, value);
}

/** Shows a text, or nothing at all. */
export function showText(node: HTMLElement, text: string): void {
  setText(node, text);
  node.hidden = text === '';
}

const SVG = 'http://www.w3.org/2000/svg';
/** One six-armed star, drawn: fonts put asterisks at different heights. */
const STAR = 'M6 1.1v9.8M1.76 3.55l8.48 4.9M1.76 8.45l8.48-4.9';
const STAR_STEP = 14;

/** The marks of an alarm priority: `*` low, `**` medium. */
export function marks(stars: number): SVGElement {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', `0 0 ${stars * STAR_STEP - 2} 12`);
  svg.setAttribute('class', 'marks');
  svg.setAttribute('aria-hidden', 'true');
  for (let star = 0; star < stars; star++) {
    const path = document.createElementNS(SVG, 'path');
    path.setAttribute('d', STAR);
    path.setAttribute('transform', `translate(${star * STAR_STEP} 0)`);
    svg.append(path);
  }
  return svg;
}
