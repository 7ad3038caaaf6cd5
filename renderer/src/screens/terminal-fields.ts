import { posSettingsSchema, type PosSettings } from '../../../contracts/pos.ts';

/** The terminal's settings as they are typed and chosen; only what the chosen kind needs is taken from them. */

export const KINDS = ['none', 'zvtSerial', 'zvtTcp', 'nexo'] as const;
export type Kind = (typeof KINDS)[number];

export type Typed = {
  readonly path: string;
  readonly baudRate: string;
  readonly stopBits: '1' | '2';
  readonly modemLines: 'off' | 'on';
  readonly host: string;
  readonly port: string;
  readonly password: string;
  readonly over: 'tcp' | 'ws';
  readonly poiId: string;
  readonly saleId: string;
};
export type TextField = Exclude<keyof Typed, 'stopBits' | 'modemLines' | 'over'>;

const EMPTY: Typed = {
  path: '',
  baudRate: '9600',
  stopBits: '2',
  modemLines: 'off',
  host: '',
  port: '20007',
  password: '',
  over: 'tcp',
  poiId: '',
  saleId: '',
};

/** What is typed for each kind, in rows of two. */
export const TEXT_FIELDS: Readonly<Record<Kind, readonly TextField[]>> = {
  none: [],
  zvtSerial: ['path', 'baudRate', 'password'],
  zvtTcp: ['host', 'port', 'password'],
  nexo: ['host', 'port', 'poiId', 'saleId'],
};

/** Settings as they stand in the fields. */
export function typedOf(settings: PosSettings | undefined): Typed {
  switch (settings?.kind) {
    case undefined:
    case 'none':
      return EMPTY;
    case 'zvtSerial': {
      const { path, password } = settings;
      return {
        ...EMPTY,
        path,
        password,
        baudRate: String(settings.baudRate),
        stopBits: settings.stopBits === 1 ? '1' : '2',
        modemLines: settings.modemLines ? 'on' : 'off',
      };
    }
    case 'zvtTcp':
      return { ...EMPTY, host: settings.host, port: String(settings.port), password: settings.password };
    case 'nexo': {
      const { host, over, poiId, saleId } = settings;
      return { ...EMPTY, host, over, poiId, saleId, port: String(settings.port) };
    }
  }
}

/** What was typed as settings; undefined where it is none. */
export function settingsOf(kind: Kind, typed: Typed): PosSettings | undefined {
  return posSettingsSchema.safeParse(wordsOf(kind, typed)).data;
}

function wordsOf(kind: Kind, typed: Typed): unknown {
  const port = Number(typed.port);
  const host = typed.host.trim();
  switch (kind) {
    case 'none':
      return { kind };
    case 'zvtSerial':
      return {
        kind,
        path: typed.path.trim(),
        baudRate: Number(typed.baudRate),
        stopBits: Number(typed.stopBits),
        modemLines: typed.modemLines === 'on',
        password: typed.password,
      };
    case 'zvtTcp':
      return { kind, host, port, password: typed.password };
    case 'nexo':
      return { kind, over: typed.over, host, port, poiId: typed.poiId, saleId: typed.saleId };
  }
}
