import type { FindHit, IpwContract } from '../../../contracts/ipw.ts';
import type { Tender } from '../../../contracts/journal.ts';
import type { CashTender, FakePieces } from './fake-types.ts';
import { formatAmount, negate, qepik, type Qepik } from '../../../contracts/money.ts';
import { registrationCode } from '../../../contracts/rules/damm.ts';
import { combine, makeChange, piecesSchema, worth } from '../../../contracts/rules/denominations.ts';
import { foldPhone, foldText } from '../../../contracts/rules/fold-text.ts';
import { receiptNumber } from '../../../contracts/rules/receipt-number.ts';
import { fail, ok } from '../../../contracts/result.ts';
import type { Handlers } from '../../../contracts/rpc/definition.ts';
import { addLine, billerOf, lineOf, openCode, scan, setLines, viewOf } from './fake-basket.ts';
import { cardHandlers } from './fake-cards.ts';
import { carryOut, meterCardHandlers } from './fake-meter-cards.ts';
import { fakeCard, fakeDocument } from './fake-receipt.ts';
import { emptyCounter, type FakeState } from './fake-state.ts';
import { BILLERS, PASSWORD, PEOPLE, sampleId, WORKSTATION } from './sample-data.ts';

const TINY_PDF = 'JVBERi0xLjEKJSBzYW1wbGUKJSVFT0YK';

/** The core host in memory: enough of it to drive every screen before and without the real one. */
export function fakeHandlers(state: FakeState, now: () => number): Handlers<IpwContract> {
  const { session, status, counter } = state;
  const instant = (): string => new Date(now()).toISOString();
  const online = (): boolean => status.current().centre.link === 'online';
  const shift = () => session.current().shift;
  const person = () => {
    const { user } = session.current();
    return { userId: user?.userId ?? PEOPLE[0].userId, name: user?.name ?? PEOPLE[0].name };
  };
  const context = () => ({
    shiftId: shift()?.shiftId ?? sampleId(),
    shiftNo: shift()?.shiftNo ?? 1,
    businessDate: instant().slice(0, 10),
    workstation: WORKSTATION.code,
    teller: person(),
  });
  const note = (type: string, subject: string, amount: Qepik | null): void => {
    const { journal, centre } = status.current();
    const sent = online();
    state.journal.unshift({
      seq: journal.entries + 1,
      type,
      wallTime: instant(),
      subject,
      amount,
      sync: sent ? 'acknowledged' : 'recorded',
      outcome: sent ? (amount === null ? 'recorded' : 'posted') : null,
      note: null,
    });
    status.set({
      journal: { ...journal, entries: journal.entries + 1 },
      centre: sent
        ? centre
        : { ...centre, waiting: centre.waiting + 1, oldestWaiting: centre.oldestWaiting ?? instant() },
    });
  };
  const nextReceipt = (): string =>
    receiptNumber(WORKSTATION.code, instant().slice(0, 10), (state.serial += 1));
  const money = (change: {
    drawer?: FakePieces;
    payments?: number;
    total?: number;
    stornos?: number;
  }): void => {
    const open = shift();
    if (!open) return;
    session.set({
      shift: {
        ...open,
        drawer: change.drawer ? piecesSchema.parse(change.drawer) : open.drawer,
        paymentCount: open.paymentCount + (change.payments ?? 0),
        paymentTotal: qepik(open.paymentTotal + (change.total ?? 0)),
        stornoCount: open.stornoCount + (change.stornos ?? 0),
      },
    });
  };

  return {
    session,
    status,
    counter,
    ...cardHandlers(state, instant, finish),
    ...meterCardHandlers(state),
    'setup.enrol': async (input, progress) => {
      if (input.code === 'WRONGCODE') return fail('enrolmentCodeWrong');
      for (const [step, accounts] of [
        ['key', 0],
        ['enrolled', 0],
        ['replica', 6400],
        ['replica', 16_204],
        ['ready', 16_204],
      ] as const) {
        progress({ step, accounts });
        await new Promise((later) => setTimeout(later, 250));
      }
      session.set({ enrolled: true, workstation: WORKSTATION });
      status.set({
        centre: { ...status.current().centre, link: 'online' },
        replica: { state: 'ready', accounts: 16_204, trueAt: instant() },
      });
      return ok({ workstation: WORKSTATION });
    },
    'session.login': async ({ username, password }) => {
      const known = PEOPLE.find((one) => one.username === username);
      if (!known || password !== PASSWORD) return fail('loginWrong');
      session.set({ user: { ...known, offline: !online() } });
      note('user.loggedIn', known.name, null);
      return ok({});
    },
    'session.logout': async () => {
      note('user.loggedOut', person().name, null);
      session.set({ user: null });
      return ok({});
    },
    'session.language': async ({ language }) => {
      session.set({ language });
      return ok({});
    },
    'shift.open': async ({ shiftId, float }) => {
      state.shiftNo += 1;
      session.set({
        shift: {
          shiftId,
          shiftNo: state.shiftNo,
          businessDate: instant().slice(0, 10),
          openedAt: instant(),
          state: 'open',
          floatTotal: worth(float),
          paymentCount: 0,
          paymentTotal: qepik(0),
          stornoCount: 0,
          drawer: float,
        },
      });
      note('shift.opened', `#${state.shiftNo}`, worth(float));
      return ok({ shiftNo: state.shiftNo });
    },
    'shift.count': async ({ cancel }) => {
      const open = shift();
      if (!open) return fail('shiftNotOpen');
      if (!cancel && counter.current().lines.length > 0) return fail('shiftHasOpenWork');
      state.closeTries = 0;
      session.set({ shift: { ...open, state: cancel ? 'open' : 'counting' } });
      return ok({});
    },
    'shift.close': async ({ counted, reason }) => {
      const open = shift();
      if (!open) return fail('shiftNotOpen');
      const expectedTotal = qepik(open.floatTotal + open.paymentTotal);
      const countedTotal = worth(counted);
      state.closeTries += 1;
      if (countedTotal !== expectedTotal && (state.closeTries < 2 || reason === null))
        return fail('countDiffers');
      session.set({ shift: null });
      state.zNo += 1;
      note('shift.closed', `Z-${state.zNo}`, countedTotal);
      return ok({
        ...context(),
        shiftId: open.shiftId,
        shiftNo: open.shiftNo,
        zNo: state.zNo,
        counted,
        countedTotal,
        expectedTotal,
        difference: qepik(countedTotal - expectedTotal),
        reason,
        payments: { count: open.paymentCount, total: open.paymentTotal, fees: qepik(640) },
        stornos: { count: open.stornoCount, total: qepik(0) },
      });
    },

    'find.search': async ({ text, limit }) => {
      const words = foldText(text).split(' ').filter(Boolean);
      const digits = text.replace(/\D/g, '');
      const hits: FindHit[] = [];
      for (const one of state.subscribers.values()) {
        const folded = foldText(`${one.name} ${one.address}`).split(' ');
        if (one.code === digits || words.every((word) => folded.some((part) => part.startsWith(word))))
          hits.push({
            kind: 'subscriber',
            billerId: null,
            billerName: null,
            account: null,
            code: one.code,
            name: one.name,
            address: one.address,
            phone: one.phone,
            owed: null,
          });
      }
      for (const view of state.accounts) {
        const folded = foldText(`${view.holder} ${view.address}`).split(' ');
        const byNumber = digits.length > 2 && view.account.startsWith(digits);
        const byPhone =
          digits.length > 4 && view.phone !== null && foldPhone(view.phone).endsWith(foldPhone(text));
        if (byNumber || byPhone || words.every((word) => folded.some((part) => part.startsWith(word))))
          hits.push({
            kind: 'account',
            billerId: view.billerId,
            billerName: billerOf(view.billerId)?.name ?? '',
            account: view.account,
            code: null,
            name: view.holder,
            address: view.address,
            phone: view.phone,
            owed: view.owed,
          });
      }
      return ok({ hits: hits.slice(0, limit), more: hits.length > limit });
    },
    'find.billers': async () => ok({ billers: [...BILLERS] }),

    'basket.scan': async ({ text }) => scan(state, text),
    'basket.open': async (input) => {
      if ('code' in input) return openCode(state, input.code);
      const view = viewOf(state, input.billerId, input.account);
      if (!view) return fail('accountUnknown');
      counter.set({ subscriber: null, offered: [view] });
      return ok({});
    },
    'basket.add': async ({ billerId, account }) => addLine(state, billerId, account),
    'basket.amount': async ({ lineId, amount }) => {
      const { lines } = counter.current();
      const line = lines.find((one) => one.lineId === lineId);
      const view = line && viewOf(state, line.billerId, line.account);
      if (!view) return fail('lineUnknown');
      setLines(
        state,
        lines.map((one) => (one.lineId === lineId ? lineOf(view, amount, lineId) : one)),
      );
      return ok({});
    },
    'basket.remove': async ({ lineId }) => {
      setLines(
        state,
        counter.current().lines.filter((line) => line.lineId !== lineId),
      );
      return ok({});
    },
    'basket.clear': async () => {
      counter.set(emptyCounter());
      return ok({});
    },
    'basket.language': async ({ language }) => {
      counter.set({ language });
      return ok({});
    },
    'basket.tender': async ({ back }) => {
      const { lines } = counter.current();
      if (!back && lines.length === 0) return fail('basketEmpty');
      counter.set({ stage: back ? 'draft' : 'tendering', revision: counter.current().revision + 1 });
      return ok({});
    },
    'basket.quoteChange': async ({ received, receivedPieces }) => {
      const { total } = counter.current();
      if (received < total) return fail('tenderTooSmall', { missing: total - received });
      const change = qepik(received - total);
      const made = makeChange(change, combine(shift()?.drawer ?? [], receivedPieces ?? []));
      return ok({ change, pieces: made ? piecesSchema.parse(made) : null });
    },
    'basket.accept': async ({ paymentId, received, receivedPieces }) => {
      const again = state.payments.find((one) => one.payment.paymentId === paymentId);
      if (again) return ok({ payment: again.payment, print: { printed: true, reason: null } });
      const { total } = counter.current();
      if (status.current().journal.state !== 'ready')
        return fail('journalUnwritable', { reason: 'diskdə yer qalmayıb' });
      if (received < total) return fail('tenderTooSmall', { missing: total - received });
      const change = qepik(received - total);
      const changePieces = change > 0 ? (makeChange(change, shift()?.drawer ?? []) ?? null) : null;
      const tender: CashTender = {
        kind: 'cash',
        tenderId: sampleId(),
        amount: total,
        received,
        change,
        receivedPieces,
        changePieces: changePieces ? piecesSchema.parse(changePieces) : null,
      };
      return finish(paymentId, [tender]);
    },

    'receipts.list': async ({ text, limit }) => {
      const wanted = foldText(text);
      const rows = state.payments.map((one) => one.row);
      const matching = rows.filter((row) =>
        foldText([row.receiptNo, row.payerName, ...row.accounts, formatAmount(row.total)].join(' ')).includes(
          wanted,
        ),
      );
      return ok({ rows: matching.slice(0, limit) });
    },
    'receipts.get': async ({ paymentId }) => {
      const found = state.payments.find((one) => one.payment.paymentId === paymentId);
      if (!found) return fail('receiptUnknown');
      return ok({
        payment: found.payment,
        storno: found.storno,
        document: fakeDocument(found.payment, found.row.copies),
        stornoDocument: found.storno ? fakeDocument(found.storno, 0) : null,
      });
    },
    'receipts.print': async ({ paymentId }) => copyOf(paymentId),
    'receipts.pdf': async ({ paymentId }) => {
      const copied = copyOf(paymentId);
      return copied.ok ? ok({ pdfBase64: TINY_PDF, copy: copied.value.copy }) : copied;
    },
    'storno.make': async ({ stornoId, paymentId, reason, note: why, supervisor, password }) => {
      const found = state.payments.find((one) => one.payment.paymentId === paymentId);
      if (!found) return fail('receiptUnknown');
      if (supervisor === session.current().user?.username) return fail('ownApproval');
      if (supervisor !== 'rauf' || password !== PASSWORD) return fail('loginWrong');
      const { payment } = found;
      const receiptNo = nextReceipt();
      const storno = {
        ...payment,
        stornoId,
        receiptNo,
        originalReceiptNo: payment.receiptNo,
        reason,
        note: why,
        approvedBy: { userId: PEOPLE[1].userId, name: PEOPLE[1].name },
        approvedOffline: !online(),
        lines: payment.lines.map((line) => ({ ...line, lineId: sampleId(), reversesLineId: line.lineId })),
        tenders: payment.tenders.map((tender) =>
          tender.kind === 'cash'
            ? { ...tender, received: tender.amount, change: qepik(0), changePieces: null }
            : tender,
        ),
      };
      found.storno = storno;
      replaceRow(paymentId, { stornoed: true, stornoAllowed: false });
      note('payment.stornoed', receiptNo, negate(payment.total));
      money({ stornos: 1, total: -payment.total });
      return ok({ storno, print: { printed: true, reason: null } });
    },

    'subscriber.register': async (input) => {
      const subscriber = { ...input, code: registrationCode(507_100_000 + state.subscribers.size) };
      state.subscribers.set(subscriber.code, subscriber);
      note('subscriber.registered', subscriber.code, null);
      return ok({ subscriber });
    },
    'subscriber.bind': async ({ code, account }) => {
      const known = state.subscribers.get(code);
      if (!known) return fail('subscriberUnknown');
      if (known.accounts.some((one) => one.billerId === account.billerId && one.account === account.account))
        return fail('accountAlreadyBound');
      return keep({ ...known, accounts: [...known.accounts, account] }, 'subscriber.accountBound');
    },
    'subscriber.unbind': async ({ code, billerId, account }) => {
      const known = state.subscribers.get(code);
      if (!known) return fail('subscriberUnknown');
      const accounts = known.accounts.filter((one) => one.billerId !== billerId || one.account !== account);
      return keep({ ...known, accounts }, 'subscriber.accountUnbound');
    },
    'subscriber.card': async ({ code }) => {
      const known = state.subscribers.get(code);
      if (!known) return fail('subscriberUnknown');
      return ok({
        document: fakeCard(code, known.name),
        pdfBase64: TINY_PDF,
        print: { printed: true, reason: null },
      });
    },

    'journal.list': async ({ limit, waitingOnly, before }) =>
      ok({
        rows: state.journal
          .filter(
            (row) => (!waitingOnly || row.sync !== 'acknowledged') && (before === null || row.seq < before),
          )
          .slice(0, limit),
      }),
    'sync.now': async () => {
      await new Promise((later) => setTimeout(later, 300));
      return ok({});
    },
    'printer.set': async (input) => {
      status.set({
        printer: { kind: input.kind, state: input.kind === 'none' ? 'notSet' : 'ready', reason: null },
      });
      return ok({});
    },
  };

  /** The payment in the journal, its receipt, and the counter on it. */
  function finish(paymentId: string, tenders: readonly Tender[]) {
    const { lines, total, language, subscriber } = counter.current();
    const receiptNo = nextReceipt();
    const cash = tenders.find((tender) => tender.kind === 'cash');
    const card = tenders.find((tender) => tender.kind === 'card');
    const change = cash?.change ?? qepik(0);
    const changePieces = cash?.changePieces ?? null;
    const byCard = qepik(card?.amount ?? 0);
    const payment = {
      ...context(),
      paymentId,
      receiptNo,
      currency: 'AZN' as const,
      online: online(),
      language,
      subscriberCode: subscriber?.code ?? null,
      payerName: subscriber?.name ?? lines[0]?.holder ?? null,
      lines: lines.map((line) => ({ ...line, feeRuleId: null, owedShown: line.owed, owedAsOf: line.asOf })),
      tenders: [...tenders],
      total,
    };
    state.payments.unshift({
      row: {
        paymentId,
        receiptNo,
        takenAt: instant(),
        teller: person().name,
        total,
        payerName: payment.payerName,
        accounts: lines.map((line) => line.account),
        stornoed: false,
        stornoAllowed: true,
        copies: 0,
        byCard,
        cardEnds: card?.maskedPan?.slice(-4) ?? null,
        loads: lines.flatMap(({ load }) =>
          load ? [{ units: load.units, unit: load.unit, state: 'onCard' as const }] : [],
        ),
        sync: online() ? 'acknowledged' : 'recorded',
        outcome: online() ? 'posted' : null,
      },
      payment,
      storno: null,
    });
    note('payment.accepted', receiptNo, total);
    money({
      payments: 1,
      total,
      ...(changePieces && shift() ? { drawer: combine(shift()?.drawer ?? [], changePieces, -1) } : {}),
    });
    counter.set({
      stage: 'accepted',
      accepted: {
        receiptNo,
        change,
        changePieces,
        total,
        byCard,
        cardName: card?.cardName ?? null,
      },
    });
    const { printer } = status.current();
    void carryOut(state, paymentId, receiptNo);
    return ok({ payment, print: { printed: printer.state === 'ready', reason: printer.reason } });
  }
  function keep(subscriber: NonNullable<ReturnType<FakeState['subscribers']['get']>>, type: string) {
    state.subscribers.set(subscriber.code, subscriber);
    openCode(state, subscriber.code);
    note(type, subscriber.code, null);
    return ok({ subscriber });
  }
  function replaceRow(paymentId: string, change: Partial<FakeState['payments'][number]['row']>): void {
    const at = state.payments.findIndex((one) => one.payment.paymentId === paymentId);
    const found = state.payments[at];
    if (found) state.payments[at] = { ...found, row: { ...found.row, ...change } };
  }
  function copyOf(paymentId: string) {
    const found = state.payments.find((one) => one.payment.paymentId === paymentId);
    if (!found) return fail('receiptUnknown');
    const copy = found.row.copies + 1;
    replaceRow(paymentId, { copies: copy });
    return ok({ copy });
  }
}
