import { TEXTS } from './texts.js';

/** The virtual cards' page: shows what each card holds, sends what a holder, a meter or a thief does. */

const APDUS = ['any', 'select', 'status', 'initLoad', 'load', 'getResponse', 'read', 'present', 'write'];
const MOMENTS = ['before', 'during', 'after'];
const FLAGS = ['tamper', 'batteryLow', 'shutOff'];
const SLOW_MS = 1500;
const HALF_A_RECORD = 20;
/** What a household uses between two visits at the meter, in the card's unit. */
const USED = { money: 250, litres: 3000, wattHours: 8000 };

const byId = (id) => document.getElementById(id);
const stored = localStorage.getItem('language');
let language = stored !== null && stored in TEXTS ? stored : 'az';
let view = null;
let online = true;

const text = (key) => TEXTS[language][key] ?? key;

/** In the card's unit as the counter writes it; not every system has a font with the manat sign. */
function amount(value, unit) {
  const places = unit === 'money' ? 2 : 3;
  const scale = 10 ** places;
  const whole = Math.trunc(value / scale)
    .toLocaleString('en')
    .replaceAll(',', '\u00a0');
  const part = String(value % scale).padStart(places, '0');
  return `${whole},${part}\u00a0${text(`unit_${unit}`)}`;
}

async function post(body) {
  try {
    const response = await fetch('/commands', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const answer = await response.json();
    byId('said').textContent = response.ok ? '' : `${text('refused')}: ${answer.error}`;
    if (response.ok) show(answer);
  } catch {
    // The page's own connection ends, too, and says so.
    online = false;
    draw();
  }
}

const command = (body) => void post(body);

/** What has not changed is not drawn again: whoever types or chooses is left alone. */
function show(next) {
  if (JSON.stringify(next) === JSON.stringify(view)) return;
  view = next;
  draw();
}

function element(name, content, properties = {}) {
  const node = Object.assign(document.createElement(name), properties);
  node.append(...(Array.isArray(content) ? content : [content]));
  return node;
}

/** A button that keeps the focus over a redraw by its name. */
function button(words, act, { name, disabled = false, main = false }) {
  const node = element('button', words, { type: 'button', disabled, className: main ? 'main' : '' });
  node.dataset.name = name;
  node.addEventListener('click', act);
  return node;
}

function draw() {
  document.documentElement.lang = language;
  document.title = text('title');
  for (const node of document.querySelectorAll('[data-text]')) node.textContent = text(node.dataset.text);
  for (const node of document.querySelectorAll('[data-language]'))
    node.setAttribute('aria-pressed', String(node.dataset.language === language));
  if (!online) byId('said').textContent = text('gone');
  options('apdu', APDUS);
  options('moment', MOMENTS);
  if (view === null) return;
  const focused = document.activeElement?.dataset?.name;
  const open = new Set(Array.from(document.querySelectorAll('details[open]'), (node) => node.dataset.name));
  byId('slots').replaceChildren(...view.slots.map(drawSlot));
  byId('cards').replaceChildren(...view.cards.map((card) => drawCard(card, open)));
  byId('no-cards').hidden = view.cards.length > 0;
  byId('armed').replaceChildren(
    ...view.tears.map(({ apdu, moment }) =>
      element('li', `${text(`apdu.${apdu ?? 'any'}`)}: ${text(`moment.${moment}`)}`),
    ),
  );
  if (focused !== undefined) document.querySelector(`[data-name="${CSS.escape(focused)}"]`)?.focus();
}

function options(name, keys) {
  const select = byId('tear').elements[name];
  if (select.dataset.words === language) return;
  select.dataset.words = language;
  const chosen = select.value || (name === 'apdu' ? 'load' : 'after');
  select.replaceChildren(
    ...keys.map((key) => element('option', text(`${name}.${key}`), { value: key, selected: key === chosen })),
  );
}

function drawSlot({ card, state }, slot) {
  const node = element('div', [
    element('b', `${text('reader')} ${slot + 1}`),
    element('div', '', { className: 'slot-mouth' }),
    element('p', card === null ? text('slot.empty') : `${nameOf(card)}: ${text(`slot.${state}`)}`),
  ]);
  node.className = 'slot';
  node.dataset.state = state;
  if (card !== null)
    node.append(button(text('pull'), () => command({ do: 'pull', slot }), { name: `pull-${slot}` }));
  return node;
}

const nameOf = (key) => view.cards.find((card) => card.key === key)?.name || key;

function drawCard(card, open) {
  const { key, kind, holds } = card;
  const plastic = element(
    'div',
    [
      element('b', card.name || key),
      element('small', text(`kind.${kind}`)),
      element('div', '', { className: 'chip' }),
      element('small', holds === null ? `ATR ${card.atr}` : `${holds.company} · ${holds.meter}`),
      element('small', holds === null ? '' : holds.cardId),
    ],
    { className: 'plastic' },
  );
  const side = element('div', []);
  if (holds !== null) side.append(figures(holds));
  side.append(acts(card));
  if (holds !== null) side.append(meterFlags(holds));
  side.append(abuse(card, open));
  const item = element('li', [plastic, side], { className: 'card' });
  item.dataset.kind = kind;
  return item;
}

function figures({ unit, balance, counter, last, area, tries }) {
  const rows = [
    ['balance', amount(balance, unit)],
    ['counter', String(counter)],
    ['last', last === null ? text('none') : amount(last.amount, unit)],
    ['takenThrough', String(area.takenThrough)],
    ['remaining', amount(area.remaining, unit)],
    ['consumption', amount(area.consumption, unit)],
    ['writtenAt', area.writtenAt === null ? text('never') : new Date(area.writtenAt).toLocaleString('ru')],
  ];
  if (tries !== null) rows.push(['tries', { 7: '3', 3: '2', 1: '1', 0: '0' }[tries]]);
  return element(
    'dl',
    rows.map(([term, value]) => element('div', [element('dt', text(term)), element('dd', value)])),
    { className: 'figures' },
  );
}

function acts({ key, slot, holds }) {
  const node = element('div', [], { className: 'acts' });
  if (slot !== null) {
    node.append(
      button(`${text('pull')} (${text('reader')} ${slot + 1})`, () => command({ do: 'pull', slot }), {
        name: `out-${key}`,
        main: true,
      }),
    );
    return node;
  }
  node.append(text('insert'));
  view.slots.forEach((one, at) => {
    const act = button(String(at + 1), () => command({ do: 'insert', card: key, slot: at }), {
      name: `in-${key}-${at}`,
      disabled: one.card !== null,
      main: true,
    });
    act.setAttribute('aria-label', `${nameOf(key)}: ${text('insert')} ${at + 1}`);
    node.append(act);
  });
  if (holds !== null)
    node.append(
      button(
        text('useAtMeter'),
        () => command({ do: 'useAtMeter', card: key, used: holds.counter === 0 ? 0 : USED[holds.unit] }),
        { name: `meter-${key}` },
      ),
    );
  return node;
}

function check(words, checked, act, name) {
  const input = Object.assign(document.createElement('input'), { type: 'checkbox', checked });
  input.dataset.name = name;
  input.addEventListener('change', () => act(input.checked));
  return element('label', [input, element('span', words)]);
}

function meterFlags({ meter }) {
  const now = view.meters[meter] ?? {};
  return element(
    'div',
    [
      `${text('atMeter')}:`,
      ...FLAGS.map((flag) =>
        check(
          text(`flag.${flag}`),
          now[flag] === true,
          (checked) => command({ do: 'meter', meter, changes: { [flag]: checked } }),
          `${flag}-${meter}`,
        ),
      ),
    ],
    { className: 'checks' },
  );
}

function abuse({ key, kind, slot, conditions, hasKept }, open) {
  const set = (changes) => command({ do: 'condition', card: key, changes });
  const conditionChecks = element(
    'div',
    [
      check(text('condition.mute'), conditions.mute, (mute) => set({ mute }), `mute-${key}`),
      check(text('condition.worn'), conditions.worn, (worn) => set({ worn }), `worn-${key}`),
      check(
        text('condition.slow'),
        conditions.slowMs > 0,
        (slow) => set({ slowMs: slow ? SLOW_MS : 0 }),
        `slow-${key}`,
      ),
    ],
    { className: 'checks' },
  );
  const copies = view.cards.filter((card) => card.key.startsWith(`${key}-copy`)).length;
  const tricks = element(
    'div',
    [
      button(text('clone'), () => command({ do: 'clone', card: key, as: `${key}-copy${copies + 1}` }), {
        name: `clone-${key}`,
        disabled: kind === 'foreign',
      }),
      button(text('keep'), () => command({ do: 'keep', card: key }), { name: `keep-${key}` }),
      button(text('rollBack'), () => command({ do: 'rollBack', card: key }), {
        name: `back-${key}`,
        disabled: !hasKept || slot !== null,
      }),
    ],
    { className: 'acts' },
  );
  const summary = element('summary', text('faults'));
  summary.dataset.name = `summary-${key}`;
  const node = element('details', [summary, conditionChecks, tricks]);
  node.dataset.name = `faults-${key}`;
  node.open = open.has(`faults-${key}`);
  return node;
}

byId('tear').addEventListener('submit', (event) => {
  event.preventDefault();
  const { apdu, moment } = event.target.elements;
  command({
    do: 'tear',
    tear: {
      ...(apdu.value === 'any' ? {} : { apdu: apdu.value }),
      moment: moment.value,
      bytes: HALF_A_RECORD,
    },
  });
});
byId('calm').addEventListener('click', () => command({ do: 'calm' }));
document.addEventListener('click', ({ target }) => {
  const chosen = target.closest('button')?.dataset.language;
  if (chosen === undefined) return;
  language = chosen;
  localStorage.setItem('language', language);
  draw();
});

const events = new EventSource('/events');
events.addEventListener('message', ({ data }) => {
  if (!online) byId('said').textContent = '';
  online = true;
  show(JSON.parse(data));
});
events.addEventListener('error', () => {
  online = false;
  draw();
});
draw();
