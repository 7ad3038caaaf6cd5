import { useCallback, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Dialog, Heading, Modal, ModalOverlay } from 'react-aria-components';
import type { z } from 'zod';
import type { ipwContract, MeterCardState } from '../../../contracts/ipw.ts';
import { POS_REASONS, posReason, posReasonText, type PosReasonCode } from '../../../contracts/pos-reasons.ts';
import type { Failure } from '../../../contracts/result.ts';
import { failureText } from '../format/failure-text.ts';
import { shortMoment } from '../format/moments.ts';
import { useHost, useHostState } from '../host/host-context.ts';
import { showBoard, useWindow } from '../host/window-store.ts';
import { useKeys } from '../keyboard/key-layers.ts';
import { Button } from './button.tsx';
import { Chip } from './chip.tsx';
import { Message, useLanguage } from './message.tsx';
import { useNow } from './use-now.ts';
import { useSpan } from './use-span.ts';

type HealthPart = z.output<(typeof ipwContract)['health.board']['output']>['parts'][number];
type Board = { readonly parts: readonly HealthPart[] } | { readonly failure: Failure };

const AGAIN_MS = 10_000;
const NO_READERS: MeterCardState['readers'] = [];

/** «Kim dayandı?»: who works and who has stopped since when, over whatever is on screen. */
export function HealthBoard() {
  const open = useWindow((state) => state.board);
  const user = useHostState((state) => state.session?.user ?? null);
  return open && user !== null ? <OpenBoard /> : null;
}

function OpenBoard() {
  const { t } = useTranslation();
  const { board, busy, ask } = useBoard();
  const close = (): void => showBoard(false);
  useKeys({ Escape: close, F2: ask, F11: close }, 'dialogue');
  return (
    <ModalOverlay className="veil" isOpen isDismissable onOpenChange={(open) => (open ? undefined : close())}>
      <Modal className="dialogue health">
        <Dialog className="dialogue-body health-body" data-testid="health-board">
          <header className="health-head">
            <Heading slot="title">{t('meterCard.health.title')}</Heading>
            <Summary board={board} />
            <p className="quiet">{t('meterCard.health.lead')}</p>
          </header>
          <div className="health-scroll" aria-live="polite">
            {board === null ? (
              <p className="quiet">{t('meterCard.health.asking')}</p>
            ) : 'failure' in board ? (
              <Failed failure={board.failure} />
            ) : (
              <Parts parts={board.parts} />
            )}
          </div>
          <div className="dialogue-foot">
            <Button keyCap="F2" onPress={ask} busy={busy} testId="health-again">
              {t(busy ? 'meterCard.health.asking' : 'meterCard.health.again')}
            </Button>
            <Button primary keyCap="Esc" onPress={close} testId="health-close">
              {t('meterCard.health.close')}
            </Button>
          </div>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}

/** The board, asked for now and again while it is open. */
function useBoard(): { readonly board: Board | null; readonly busy: boolean; ask(): void } {
  const { client } = useHost();
  const [board, setBoard] = useState<Board | null>(null);
  const [busy, setBusy] = useState(true);
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    let current = true;
    let timer: ReturnType<typeof setTimeout> | undefined;
    void client['health.board']({}).then((answer) => {
      if (!current) return;
      setBoard(answer.ok ? answer.value : { failure: answer.error });
      setBusy(false);
      timer = setTimeout(() => setTurn((before) => before + 1), AGAIN_MS);
    });
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [client, turn]);
  const ask = useCallback((): void => {
    setBusy(true);
    setTurn((before) => before + 1);
  }, []);
  return { board, busy, ask };
}

function Summary({ board }: { readonly board: Board | null }) {
  const { t } = useTranslation();
  if (board === null || 'failure' in board) return null;
  const down = board.parts.filter(({ state }) => state === 'down').length;
  return (
    <Chip tone={down === 0 ? 'ok' : 'bad'} testId="health-summary">
      {down === 0 ? t('meterCard.health.allUp') : t('meterCard.health.down', { count: down })}
    </Chip>
  );
}

function Failed({ failure }: { readonly failure: Failure }) {
  const { text, action } = failureText(failure, useLanguage());
  return <Message tone="warning" text={text} next={action} />;
}

/** What has stopped stands on top. */
function Parts({ parts }: { readonly parts: readonly HealthPart[] }) {
  const { t } = useTranslation();
  const now = useNow();
  const span = useSpan();
  const why = useWhy();
  const readers = useHostState((state) => state.meterCard?.readers ?? NO_READERS);
  const rows = parts.toSorted((a, b) => (a.state === b.state ? 0 : a.state === 'down' ? -1 : 1));
  return (
    <table className="list health-list" aria-label={t('meterCard.health.title')}>
      <thead>
        <tr>
          <th scope="col">{t('meterCard.health.what')}</th>
          <th scope="col">{t('meterCard.health.state')}</th>
          <th scope="col">{t('meterCard.health.why')}</th>
          <th scope="col">{t('meterCard.health.since')}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((part, index) => (
          <tr
            key={`${part.part} ${part.name} ${index}`}
            data-testid="health-part"
            data-part={part.part}
            data-state={part.state}
          >
            <td>
              <span className="strong">
                {part.part === 'company' ? part.name : t(`meterCard.health.parts.${part.part}`)}
              </span>
              {part.part === 'company' || part.name === '' ? null : (
                <small className="quiet block">
                  {part.name}
                  {readers.some((reader) => reader.virtual && reader.name === part.name) ? (
                    <strong> · {t('meterCard.virtual')}</strong>
                  ) : null}
                </small>
              )}
            </td>
            <td>
              <Chip tone={part.state === 'up' ? 'ok' : 'bad'}>
                {t(part.state === 'up' ? 'meterCard.health.up' : 'meterCard.health.stopped')}
              </Chip>
            </td>
            <td>{why(part)}</td>
            <td className="nowrap">
              {part.sinceWhen === null
                ? '—'
                : `${shortMoment(part.sinceWhen, now)} · ${span(part.sinceWhen, now)}`}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** A part's reason in words; one that has none is shown as it came. */
function useWhy(): (part: HealthPart) => string {
  const { t } = useTranslation();
  const language = useLanguage();
  return ({ part, reason }) => {
    if (reason === null) return '';
    if (part === 'terminal' && isPosReason(reason)) return posReasonText(posReason(reason), language);
    const known = KNOWN.find((one) => one === reason);
    return known ? t(`meterCard.health.reasons.${known}`) : reason;
  };
}

const isPosReason = (reason: string): reason is PosReasonCode => Object.hasOwn(POS_REASONS, reason);

const KNOWN = [
  'offline',
  'stopped',
  'connecting',
  'refused',
  'suspended',
  'closed',
  'onboarding',
  'noCardKeys',
  'away',
  'noService',
  'noReader',
  'mute',
  'taken',
] as const;
