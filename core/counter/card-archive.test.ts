import { beforeEach, expect, test } from 'vitest';
import type { Id } from '../../contracts/ids.ts';
import type { DocumentBlock } from '../../contracts/receipt.ts';
import { foldJournal } from '../fold.ts';
import type { PosEvent } from '../ports/pos.ts';
import type { MemoryPos } from '../testing/pos.ts';
import { AYGUN, PASSWORD, POWER, RAUF } from '../testing/samples.ts';
import { unsound } from '../testing/soundness.ts';
import { logIn, openCounter, pay, payByCard, type Workbench } from '../testing/workbench.ts';

const LIGHT = { billerId: POWER.id, account: '1104552018' };
const supervisor = { supervisor: RAUF.username, password: PASSWORD };

let bench: Workbench;
let pos: MemoryPos;
beforeEach(async () => {
  bench = await openCounter();
  pos = bench.ports.pos;
});

const facts = () => foldJournal(bench.journal.read(1));
const code = (answer: { ok: boolean; error?: { code: string } }): string =>
  answer.ok ? 'ok' : (answer.error?.code ?? '');
const lastPrinted = (): readonly DocumentBlock[] => bench.ports.printer.printed.at(-1)?.document.blocks ?? [];
const stamps = (): string[] => lastPrinted().flatMap((block) => (block.kind === 'stamp' ? [block.text] : []));

async function sale(amount: number): Promise<Id> {
  const attemptId = bench.machine.mintId();
  await payByCard(bench, LIGHT, { amount, attemptId });
  return attemptId;
}

async function storno(attemptId: Id): Promise<void> {
  const made = await bench.answer(
    bench.client['storno.make']({
      stornoId: bench.machine.mintId(),
      paymentId: facts().attempts.get(attemptId)?.paymentId ?? '',
      reason: 'wrongAmount',
      note: '',
      ...supervisor,
    }),
  );
  expect(code(made)).toBe('ok');
}

const list = async (wanted: Partial<Parameters<Workbench['client']['card.list']>[0]>) => {
  const answer = await bench.client['card.list']({ text: '', limit: 50, ...wanted });
  return answer.ok ? answer.value.rows : [];
};
const get = async (attemptId: Id) => {
  const answer = await bench.client['card.get']({ attemptId });
  if (!answer.ok) throw new Error(answer.error.code);
  return answer.value;
};

test('found by amount, our receipt, the terminal’s trace, authorisation code and card; by kind and outcome', async () => {
  const first = await sale(3800);
  const second = await sale(700);
  pos.acts = ['decline'];
  const third = await sale(500);
  await bench.client['basket.tender']({ back: true });
  await bench.client['basket.clear']({});
  await storno(first);
  const ids = async (wanted: Parameters<typeof list>[0]) => (await list(wanted)).map((row) => row.attemptId);
  const [reversal = '', ...rest] = await ids({});
  expect(rest).toEqual([third, second, first]);
  const receiptNo = facts().payments.get(facts().attempts.get(first)?.paymentId ?? '')?.receiptNo ?? '';
  expect(await ids({ text: '38,00' })).toEqual([reversal, first]);
  expect(await ids({ text: receiptNo })).toEqual([reversal, first]);
  expect(await ids({ text: '000002' })).toEqual([second]);
  // In the middle of a longer number it means nothing.
  expect(await ids({ text: '00002' })).toEqual([]);
  expect(await ids({ text: '0002' })).toEqual([second]);
  expect(await ids({ text: first })).toEqual([first]);
  expect((await ids({ text: '123456' })).length).toBe(3);
  expect((await ids({ text: '1234' })).length).toBe(3);
  expect(await ids({ text: 'no such' })).toEqual([]);
  expect(await ids({ kind: 'reversal' })).toEqual([reversal]);
  expect(await ids({ outcome: 'declined' })).toEqual([third]);
  expect(await ids({ kind: 'sale', outcome: 'done', text: '7,00' })).toEqual([second]);
  expect(await ids({ limit: 2 })).toEqual([reversal, third]);
});

test('an operation without a last word is found as open, and ends by itself', async () => {
  pos.acts = ['lostCharged'];
  pos.unknowing = 3;
  const attemptId = await sale(3800);
  expect((await list({ outcome: 'open' })).map((row) => row.attemptId)).toEqual([attemptId]);
  await bench.machine.advance(60_000);
  expect(await list({ outcome: 'open' })).toEqual([]);
});

test('the story is told from the journal alone after a restart, and still names who decided', async () => {
  pos.acts = ['lostCharged'];
  pos.unknowing = 3;
  const attemptId = await sale(3800);
  const decide = { attemptId, decision: 'otherTender' as const, note: 'terminal donub', ...supervisor };
  expect(code(await bench.answer(bench.client['card.decide'](decide)))).toBe('ok');
  await bench.machine.advance(120_000);
  const live = (await get(attemptId)).steps.map((step) => step.what);
  for (const what of ['written', 'sent', 'stored', 'lost', 'asked', 'decided', 'found', 'confirmed'])
    expect(live).toContain(what);
  await bench.restart();
  await logIn(bench, AYGUN.username);
  const story = await get(attemptId);
  expect(story.steps.map((step) => step.what)).toEqual(['written', 'stored', 'decided', 'confirmed']);
  expect(story.decision).toMatchObject({
    decision: 'otherTender',
    note: 'terminal donub',
    by: { name: AYGUN.name },
    approvedBy: { name: RAUF.name },
  });
  expect(story.payment).toBeNull();
  expect(story.related).toMatchObject([{ kind: 'reversal', outcome: 'done', amount: 3800 }]);
  const reversal = await get(story.related[0]?.attemptId ?? '');
  expect(reversal.related).toMatchObject([{ attemptId, kind: 'sale' }]);
});

test('a sale and its storno lead to each other and to the payment', async () => {
  const attemptId = await sale(3800);
  await storno(attemptId);
  const [reversal] = await list({ kind: 'reversal' });
  const story = await get(attemptId);
  expect(story.payment).toMatchObject({
    receiptNo: story.row.receiptNo,
    stornoReceiptNo: reversal?.receiptNo,
  });
  expect(story.steps.at(-1)?.what).toBe('recorded');
  expect(story.related).toMatchObject([{ attemptId: reversal?.attemptId }]);
  expect((await get(reversal?.attemptId ?? '')).payment).toEqual(story.payment);
  expect(code(await bench.client['card.get']({ attemptId: bench.machine.mintId() }))).toBe(
    'cardAttemptUnknown',
  );
});

test('either paper is printed again, marked as a copy and counted for itself, also after a restart', async () => {
  const attemptId = await sale(3800);
  const print = async (slip: 'customer' | 'merchant') => {
    const answer = await bench.answer(bench.client['card.print']({ attemptId, slip }));
    return answer.ok ? answer.value.copy : answer.error.code;
  };
  expect(await print('merchant')).toBe(1);
  expect(stamps()).toEqual(['SURƏT № 1']);
  const text = JSON.stringify(lastPrinted());
  for (const words of ['Təşkilat nüsxəsi', 'TƏŞKİLAT NÜSXƏSİ', AYGUN.name, '38,00'])
    expect(text).toContain(words);
  expect(text).not.toContain('MÜŞTƏRİ NÜSXƏSİ');
  expect(await print('merchant')).toBe(2);
  expect(await print('customer')).toBe(1);
  await bench.restart();
  await logIn(bench, AYGUN.username);
  expect(await print('customer')).toBe(2);
  expect((await get(attemptId)).copies).toEqual({ customer: 2, merchant: 2 });
  // Copies of the terminal's papers are not copies of our receipt.
  const rows = await bench.client['receipts.list']({ text: '', limit: 1 });
  expect(rows.ok && rows.value.rows[0]?.copies).toBe(0);
  expect(unsound(bench.journal.read(1))).toEqual([]);
});

test('the paper of a charge that went back to the card says so', async () => {
  const attemptId = await sale(3800);
  await storno(attemptId);
  await bench.answer(bench.client['card.print']({ attemptId, slip: 'customer' }));
  expect(stamps()).toEqual(['SURƏT № 1', 'PUL KARTA QAYTARILIB']);
});

test('no paper that the terminal did not send, and a printer that is away is told', async () => {
  const attemptId = await sale(3800);
  bench.ports.printer.away = 'paperOut';
  const away = await bench.answer(bench.client['card.print']({ attemptId, slip: 'merchant' }));
  expect(code(away)).toBe('printerAway');
  bench.ports.printer.away = null;
  pos.acts = ['decline'];
  const declined = await sale(500);
  const none = await bench.answer(bench.client['card.print']({ attemptId: declined, slip: 'merchant' }));
  expect(code(none)).toBe('slipMissing');
  const unknown = bench.client['card.print']({ attemptId: bench.machine.mintId(), slip: 'merchant' });
  expect(code(await bench.answer(unknown))).toBe('cardAttemptUnknown');
});

test('the terminal’s last slip: shown, and printed as a copy nobody counts', async () => {
  pos.reprint = async () => ({
    kind: 'receipts',
    receipts: { customer: ['   SON QƏBZ'], merchant: [] },
  });
  const shown = await bench.answer(bench.client['terminal.reprint']({}));
  expect(shown.ok && shown.value).toEqual({
    receipts: { customer: ['   SON QƏBZ'], merchant: [] },
    print: null,
  });
  const before = bench.ports.printer.printed.length;
  const printed = await bench.answer(bench.client['terminal.reprint']({ print: 'customer' }));
  expect(printed.ok && printed.value.print).toEqual({ printed: true, reason: null });
  expect(bench.ports.printer.printed.length).toBe(before + 1);
  expect(stamps()).toEqual(['SURƏT']);
  expect(JSON.stringify(lastPrinted())).toContain('\u00a0\u00a0\u00a0SON QƏBZ');
  expect(code(await bench.answer(bench.client['terminal.reprint']({ print: 'merchant' })))).toBe(
    'slipMissing',
  );
  pos.reprint = async () => ({ kind: 'failed', reason: { code: 'nothingHeld', detail: '' } });
  expect(code(await bench.answer(bench.client['terminal.reprint']({})))).toBe('reprintRefused');
});

test('the frames of one attempt, or of the last minutes, as a file that says what it is', async () => {
  const frames: Extract<PosEvent, { kind: 'frame' }>[] = [];
  await pos.set({ kind: 'zvtTcp', host: '127.0.0.1', port: 20_007, password: '481516' });
  pos.recording = () => frames;
  const frame = (hex: string): void =>
    void frames.push({ kind: 'frame', direction: 'toTerminal', atMs: bench.machine.nowMs(), hex });
  expect(code(await bench.client['terminal.recording']({ of: 'minutes', minutes: 5 }))).toBe(
    'recordingEmpty',
  );
  frame('aa01');
  await bench.machine.advance(3_600_000);
  frame('aa02');
  const attemptId = await sale(3800);
  frame('aa03');
  await bench.machine.advance(600_000);
  frame('aa04');
  const fileOf = async (asked: Parameters<Workbench['client']['terminal.recording']>[0]) => {
    const answer = await bench.client['terminal.recording'](asked);
    if (!answer.ok) throw new Error(answer.error.code);
    const lines = answer.value.text.trimEnd().split('\n');
    const hex = lines.filter((line) => !line.startsWith('#')).map((line) => line.split(' ').at(-1));
    return { ...answer.value, head: lines.filter((line) => line.startsWith('#')).join('\n'), hex };
  };
  const one = await fileOf({ of: 'attempt', attemptId });
  expect(one.hex).toEqual(['aa02', 'aa03']);
  expect(one.frames).toBe(2);
  expect(one.fileName).toMatch(/^komis-terminal-WS\d+-\d{8}-\d{6}\.txt$/);
  for (const words of ['KÖMİS', attemptId, 'zvtTcp 127.0.0.1:20007 · 52001234', AYGUN.name])
    expect(one.head).toContain(words);
  expect(one.head).not.toContain('artıq saxlanmayıb');
  // The password of the terminal is nobody's business.
  expect(one.text).not.toContain('481516');
  expect((await fileOf({ of: 'minutes', minutes: 5 })).hex).toEqual(['aa04']);
  const all = await fileOf({ of: 'minutes', minutes: 1440 });
  expect(all.hex).toEqual(['aa01', 'aa02', 'aa03', 'aa04']);
  expect(all.head).toContain('artıq saxlanmayıb');
  const unknown = { of: 'attempt' as const, attemptId: bench.machine.mintId() };
  expect(code(await bench.client['terminal.recording'](unknown))).toBe('cardAttemptUnknown');
});

test('receipts say what was paid by card and which card it was, and are found by its last digits', async () => {
  await payByCard(bench, LIGHT, { amount: 3800, cash: 1000 });
  await pay(bench, LIGHT, 500);
  const all = await bench.client['receipts.list']({ text: '', limit: 5 });
  expect(all.ok && all.value.rows.map(({ byCard, cardEnds }) => [byCard, cardEnds])).toEqual([
    [0, null],
    [2800, '1234'],
  ]);
  const found = await bench.client['receipts.list']({ text: '1234', limit: 5 });
  expect(found.ok && found.value.rows.map(({ total }) => total)).toEqual([3800]);
});

test('a charge whose reversal waits for the terminal is open on screen until it is made', async () => {
  pos.acts = ['lostCharged'];
  pos.unknowing = 2;
  const attemptId = await sale(3800);
  const decide = { attemptId, decision: 'otherTender' as const, note: 'terminal donub', ...supervisor };
  await bench.answer(bench.client['card.decide'](decide));
  // It answers what it holds, and is busy whenever the reversal would begin.
  const { health } = pos;
  pos.health = () => ({ ...health(), state: 'busy' });
  await bench.machine.advance(60_000);
  expect(bench.seen.terminal?.open).toMatchObject([
    { attemptId, stage: 'concluded', outcome: 'done', decided: true },
  ]);
  pos.health = health;
  await bench.machine.advance(60_000);
  expect(bench.seen.terminal?.open).toEqual([]);
  expect((await list({})).map(({ kind, outcome }) => `${kind} ${outcome}`)).toEqual([
    'reversal done',
    'sale done',
  ]);
});
