import { NO_BURST, patienceMs, pressed, quiet, type Burst, type ScanTarget } from './scan-burst.ts';

/**
 * Listens for scanner bursts anywhere in the window, before any field sees the keys. A field tells what it is with
 * `data-scan="amount|find|off"`; other inputs are free text. A field that a scan ran into gets back what it held.
 * Returns the way to stop.
 */
export function listenForScans(page: Window, scanned: (text: string) => void): () => void {
  let burst: Burst = NO_BURST;
  let before: { readonly field: HTMLInputElement | HTMLTextAreaElement; readonly value: string } | undefined;
  let timer = 0;

  const finish = (text: string): void => {
    if (before) setFieldValue(before.field, before.value);
    before = undefined;
    burst = NO_BURST;
    scanned(text);
  };

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    const field = event.target instanceof Element ? event.target : page.document.body;
    const target = targetOf(field);
    if (target === 'off') return;
    page.clearTimeout(timer);
    const press = {
      key: event.key,
      code: event.code,
      shift: event.shiftKey,
      repeat: event.repeat,
      at: event.timeStamp,
    };
    const [next, verdict] = pressed(burst, press, target);
    burst = next;
    if (verdict.kind === 'pass') {
      if (verdict.first) before = isField(field) ? { field, value: field.value } : undefined;
    } else {
      event.preventDefault();
      event.stopImmediatePropagation();
      if (verdict.kind === 'scan') finish(verdict.text);
    }
    if (burst.held === '') return;
    timer = page.setTimeout(
      () => {
        const left = quiet(burst, target);
        burst = NO_BURST;
        if (left === undefined) return;
        if ('scan' in left) finish(left.scan);
        else if (isField(field)) setFieldValue(field, field.value + left.giveBack);
      },
      patienceMs(burst) + 10,
    );
  };

  page.addEventListener('keydown', onKeyDown, true);
  return () => {
    page.clearTimeout(timer);
    page.removeEventListener('keydown', onKeyDown, true);
  };
}

const isField = (element: Element): element is HTMLInputElement | HTMLTextAreaElement =>
  element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement;

function targetOf(element: Element): ScanTarget | 'off' {
  const said = element.closest('[data-scan]')?.getAttribute('data-scan');
  if (said === 'amount' || said === 'find' || said === 'off') return said;
  return isField(element) ? 'text' : 'nothing';
}

/** Sets a field as typing would, so that React hears of it. */
function setFieldValue(field: HTMLInputElement | HTMLTextAreaElement, value: string): void {
  const owner = field instanceof HTMLInputElement ? HTMLInputElement : HTMLTextAreaElement;
  const setter = Object.getOwnPropertyDescriptor(owner.prototype, 'value')?.set;
  setter?.call(field, value);
  field.dispatchEvent(new Event('input', { bubbles: true }));
}
