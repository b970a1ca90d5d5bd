/** One large number with its label: unit and bars while live, the age in their place when not. */
import { element, setAttribute, setText, showText } from './dom.ts';
import type { NumberView } from './number-view.ts';
import { words } from './words.ts';

export class NumberCell {
  readonly root = element('div', 'number');
  readonly #label = element('span', 'name');
  readonly #unit = element('small', 'unit');
  readonly #bars = element(
    'span',
    'bars',
    [1, 2, 3, 4].map(() => element('i')),
  );
  readonly #remark = element('small');
  readonly #age = element('span', 'age');
  readonly #value = element('span', 'value');
  readonly #last = element('b');
  readonly #lastClock = element('span');
  readonly #lastBox: HTMLElement;

  constructor() {
    const word = element('span');
    word.textContent = `${words.last} `;
    this.#lastBox = element('span', 'last', [word, this.#last, element('br'), this.#lastClock]);
    const label = [this.#label, this.#unit, this.#bars, this.#remark, this.#age];
    this.root.append(
      element('div', 'label', label),
      element('div', 'figure', [this.#value, this.#lastBox]),
    );
  }

  paint(view: NumberView): void {
    setAttribute(this.root, 'data-state', view.state);
    setAttribute(this.root, 'data-hue', view.hue);
    setAttribute(this.root, 'data-alarm', view.mark?.priority ?? '');
    setAttribute(this.root, 'data-acknowledged', String(view.mark?.isAcknowledged ?? false));
    setAttribute(this.root, 'data-remarked', String(view.remark !== ''));
    setText(this.#label, view.label);
    showText(this.#unit, view.age === '' ? view.unit : '');
    this.#bars.hidden = view.bars === null;
    setAttribute(this.#bars, 'data-bars', String(view.bars));
    showText(this.#remark, view.remark);
    showText(this.#age, view.age);
    setText(this.#value, view.text);
    setText(this.#last, view.last);
    setText(this.#lastClock, view.lastClock);
    this.#lastBox.hidden = view.last === '';
  }
}
