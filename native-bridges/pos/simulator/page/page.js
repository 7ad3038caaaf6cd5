import { TEXTS } from './texts.js';

/** The simulator's page: shows what the terminal shows, sends what a customer does. */

const PIN = '1234';
const CARDS = [
  { key: 'visa', name: 'VISA', fate: 'good' },
  { key: 'mastercard', name: 'MASTERCARD', fate: 'good' },
  { key: 'maestro', name: 'MAESTRO', fate: 'good' },
  { key: 'poor', name: 'VISA', fate: 'bad' },
  { key: 'refused', name: 'MASTERCARD', fate: 'bad' },
  { key: 'stolen', name: 'VISA', fate: 'bad' },
  { key: 'expired', name: 'VISA', fate: 'bad' },
  { key: 'unreadable', name: 'VISA', fate: 'bad' },
  { key: 'foreign', name: 'KLUB', fate: 'bad' },
];

const byId = (id) => document.getElementById(id);
const stored = localStorage.getItem('language');
let language = stored !== null && stored in TEXTS ? stored : 'az';
let view = null;
let typed = '';
let online = true;

const text = (key) => TEXTS[language][key] ?? key;
/** Minor units as the counter writes them: 1 234,56 AZN; not every system has a font with the manat sign. */
const money = (amount) => {
  const whole = Math.trunc(Math.abs(amount) / 100)
    .toLocaleString('en')
    .replaceAll(',', '\u00a0');
  return `${amount < 0 ? '−' : ''}${whole},${String(Math.abs(amount) % 100).padStart(2, '0')}\u00a0AZN`;
};

async function post(body) {
  const response = await fetch('/commands', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (response.ok) show(await response.json());
}
/** A command that does not come through is seen by the page's own connection ending. */
const command = (body) => void post(body).catch(() => undefined);
const act = (one) => command({ do: 'act', act: one });

function show(next) {
  if (view?.display.prompt !== next.display.prompt || view?.display.wrongPins !== next.display.wrongPins)
    typed = '';
  view = next;
  draw();
}

function draw() {
  document.documentElement.lang = language;
  document.title = text('title');
  for (const node of document.querySelectorAll('[data-text]')) node.textContent = text(node.dataset.text);
  for (const node of document.querySelectorAll('[data-label]'))
    node.setAttribute('aria-label', text(node.dataset.label));
  for (const node of document.querySelectorAll('[data-language]'))
    node.setAttribute('aria-pressed', String(node.dataset.language === language));
  if (view === null) return;
  drawDisplay();
  drawCards();
  drawBank();
  drawConditions();
}

/** What stands on the display; a card that sticks in the slot is asked for whatever was said last. */
function noticeNow() {
  if (!online || !view.isOn) return 'off';
  const { prompt, notice } = view.display;
  return prompt === 'takeCard' && notice !== 'approved' && notice !== 'declined' && notice !== 'reversing'
    ? 'removeCard'
    : notice;
}

function drawDisplay() {
  const { display, mode, terminalId } = view;
  const notice = noticeNow();
  const isLit = notice !== 'off';
  byId('terminal-id').textContent = `TID ${terminalId}`;
  byId('display').dataset.notice = notice;
  byId('amount').textContent =
    isLit && display.amount !== null ? `${display.kind === 'sale' ? '' : '− '}${money(display.amount)}` : '';
  byId('text').textContent = online ? textOf(notice) : text('gone');
  byId('pin').textContent = display.prompt === 'pin' ? '•'.repeat(typed.length) : '';
  byId('hint').textContent = hintOf(display, mode, isLit);
  byId('tap-zone').dataset.lit = String(display.prompt === 'card');
  byId('mode-note').textContent = text(mode === 'auto' ? 'autoNote' : 'handNote');
  for (const radio of document.querySelectorAll('input[name=mode]')) radio.checked = radio.value === mode;
  const slot = byId('slot');
  slot.disabled = !display.cardInside;
  byId('slot-card').hidden = !display.cardInside;
  byId('slot-card').textContent = text('card');
  byId('slot-text').textContent = text(display.cardInside ? 'pull' : 'slotEmpty');
}

function hintOf(display, mode, isLit) {
  if (!isLit) return '';
  if (display.prompt === 'takeCard') return text('notice.removeCard');
  return display.prompt === 'pin' && mode === 'hand' ? text('pinHint') : '';
}

function textOf(notice) {
  const { result } = view.display;
  const words = text(`notice.${notice}`);
  return notice === 'declined' && result !== null && result > 0 && result < 100
    ? `${words} (${result})`
    : words;
}

function drawCards() {
  const list = byId('cards');
  const waits = view.display.prompt === 'card';
  if (list.childElementCount === 0) {
    for (const { key, fate } of CARDS) {
      const item = document.createElement('li');
      item.dataset.fate = fate;
      item.dataset.card = key;
      const acts = document.createElement('span');
      acts.className = 'acts';
      for (const how of ['insert', 'tap']) {
        const button = document.createElement('button');
        button.type = 'button';
        button.dataset.how = how;
        button.addEventListener('click', () =>
          act({ act: 'present', card: key, how, hostCode: null, hostMs: null }),
        );
        acts.append(button);
      }
      item.append(document.createElement('b'), document.createElement('small'), acts);
      list.append(item);
    }
  }
  for (const item of list.children) {
    const { key, name } = CARDS.find((card) => card.key === item.dataset.card);
    item.querySelector('b').textContent = name;
    item.querySelector('small').textContent = text(`card.${key}`);
    for (const button of item.querySelectorAll('button')) {
      button.textContent = text(button.dataset.how);
      button.setAttribute('aria-label', `${name}, ${text(`card.${key}`)}: ${text(button.dataset.how)}`);
      button.disabled = !waits;
    }
  }
}

function drawBank() {
  byId('net').textContent = money(view.net);
  byId('no-entries').hidden = view.last.length > 0;
  byId('entries').replaceChildren(
    ...[...view.last].reverse().map((entry) => {
      const row = document.createElement('tr');
      row.dataset.kind = entry.kind;
      const words = entry.kind === 'reversal' && entry.why === 'auto' ? 'entry.auto' : `entry.${entry.kind}`;
      const signed = entry.kind === 'charge' ? entry.amount : -entry.amount;
      for (const content of [`№ ${entry.receiptNo}`, text(words), entry.maskedPan, money(signed)]) {
        const cell = document.createElement('td');
        cell.textContent = content;
        row.append(cell);
      }
      return row;
    }),
  );
}

function drawConditions() {
  const box = byId('conditions');
  if (box.childElementCount === 0) {
    for (const name of Object.keys(view.conditions)) {
      const label = document.createElement('label');
      const input = document.createElement('input');
      input.type = 'checkbox';
      input.name = name;
      input.addEventListener('change', () =>
        command({ do: 'conditions', conditions: { [name]: input.checked } }),
      );
      label.append(input, document.createElement('span'));
      box.append(label);
    }
  }
  for (const label of box.children) {
    const [input, words] = label.children;
    input.checked = view.conditions[input.name];
    words.textContent = text(`condition.${input.name}`);
  }
}

function pressed(key) {
  if (key === 'cancel') return act({ act: 'cancel' });
  if (view?.display.prompt !== 'pin') return undefined;
  if (key === 'clear') typed = '';
  else if (key === 'confirm') {
    if (typed.length < 4) return undefined;
    const right = typed === PIN;
    typed = '';
    return act({ act: 'pin', right });
  } else if (typed.length < 6) typed += key;
  return draw();
}

byId('keypad').addEventListener('click', ({ target }) => {
  const key = target.closest('button')?.dataset.key;
  if (key !== undefined) pressed(key);
});
byId('slot').addEventListener('click', () => act({ act: 'pull' }));
document.addEventListener('click', ({ target }) => {
  const button = target.closest('button');
  if (button?.dataset.command !== undefined) command(JSON.parse(button.dataset.command));
  if (button?.dataset.language !== undefined) {
    language = button.dataset.language;
    localStorage.setItem('language', language);
    draw();
  }
});
for (const radio of document.querySelectorAll('input[name=mode]'))
  radio.addEventListener('change', () => command({ do: 'mode', mode: radio.value }));

const events = new EventSource('/events');
events.addEventListener('message', ({ data }) => {
  online = true;
  show(JSON.parse(data));
});
events.addEventListener('error', () => {
  online = false;
  draw();
});
draw();
