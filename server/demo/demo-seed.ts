import type { FeeRule, Role } from '../../contracts/domain.ts';
import type { Id } from '../../contracts/ids.ts';
import { qepik, type Qepik } from '../../contracts/money.ts';
import type { Result } from '../../contracts/result.ts';
import type { Database } from '../db/database.ts';
import {
  addBiller,
  addParticipant,
  addUnit,
  findParticipant,
  findUnit,
  type NewParticipant,
  type NewUnit,
} from '../registry/participants.ts';
import { addUser } from '../registry/users.ts';
import { DEMO_COMPANIES, type DemoCompany, type DemoCompanyCode } from './companies.ts';
import { iban, voen } from './identifiers.ts';

export type DemoUser = {
  readonly username: string;
  readonly name: string;
  readonly role: Role;
  /** Code of the participant they work for. */ readonly house?: string;
};

export const DEMO_USERS: readonly DemoUser[] = [
  { username: 'aygun', name: 'Aygün Məmmədova', role: 'teller', house: 'SEFEQ' },
  { username: 'leyla', name: 'Leyla Həsənova', role: 'teller', house: 'SEFEQ' },
  { username: 'orxan', name: 'Orxan Quliyev', role: 'teller', house: 'SEFEQ' },
  { username: 'rauf', name: 'Rauf Əliyev', role: 'supervisor', house: 'SEFEQ' },
  { username: 'sevinc', name: 'Sevinc Orucova', role: 'teller', house: 'POCT' },
  { username: 'ceyhun', name: 'Ceyhun Rzayev', role: 'supervisor', house: 'POCT' },
  { username: 'nigar', name: 'Nigar Səfərova', role: 'auditor' },
  { username: 'emin', name: 'Emin Bağırov', role: 'administrator' },
];

type DemoUnit = {
  readonly code: string;
  readonly name: string;
  readonly address: string;
  readonly district: string;
  readonly workstations: readonly string[];
};
type DemoHouse = Omit<NewParticipant, 'status'> & {
  readonly voen: string;
  readonly address: string;
  readonly branches: readonly DemoUnit[];
};

/** Where payments are taken: a bank and the post, each with head office, branches and workstations. */
const HOUSES: readonly DemoHouse[] = [
  {
    code: 'SEFEQ',
    name: 'Şəfəq Bank ASC',
    kind: 'bank',
    iban: iban('SFQB', '01944000000013700001'),
    voen: voen('99003021'),
    address: 'Bakı, Nəsimi r., 28 May küç. 12',
    branches: [
      {
        code: 'SEFEQ-NERIMANOV',
        name: 'Nərimanov filialı',
        address: 'Bakı, Nərimanov r., Təbriz küç. 60',
        district: 'Nərimanov',
        workstations: ['WS07', 'WS08'],
      },
      {
        code: 'SEFEQ-NESIMI',
        name: 'Nəsimi filialı',
        address: 'Bakı, Nəsimi r., Səməd Vurğun küç. 34',
        district: 'Nəsimi',
        workstations: ['WS11'],
      },
      {
        code: 'SEFEQ-YASAMAL',
        name: 'Yasamal filialı',
        address: 'Bakı, Yasamal r., Mətbuat pr. 5',
        district: 'Yasamal',
        workstations: ['WS15'],
      },
    ],
  },
  {
    code: 'POCT',
    name: 'Xəzər Poçt MMC',
    kind: 'post',
    iban: iban('SFQB', '01944000000013700002'),
    voen: voen('99003035'),
    address: 'Bakı, Səbail r., Üzeyir Hacıbəyov küç. 36',
    branches: [
      {
        code: 'POCT-XETAI',
        name: '25 saylı poçt şöbəsi',
        address: 'Bakı, Xətai r., Babək pr. 21',
        district: 'Xətai',
        workstations: ['PT25'],
      },
      {
        code: 'POCT-SABUNCU',
        name: '41 saylı poçt şöbəsi',
        address: 'Bakı, Sabunçu r., Bakıxanov qəs., Sülh küç. 3',
        district: 'Sabunçu',
        workstations: ['PT41'],
      },
    ],
  },
];

/** The companies' legal entities. */
const FIRMS: Readonly<
  Record<DemoCompanyCode, { readonly name: string; readonly voen: string; readonly iban: string }>
> = {
  ELEKTRIK: {
    name: 'Elektrik Şəbəkəsi ASC',
    voen: voen('14002513'),
    iban: iban('SFQB', '38070000000000000101'),
  },
  QAZ: { name: 'Qaz Təchizatı ASC', voen: voen('14002524'), iban: iban('SFQB', '38070000000000000202') },
  SU: { name: 'Su Kanal ASC', voen: voen('14002532'), iban: iban('SFQB', '38070000000000000303') },
  TELEFON: { name: 'Şəhər Telefonu MMC', voen: voen('14002547'), iban: iban('SFQB', '38070000000000000404') },
};

const positive = (amount: number): FeeRule['fixed'] => qepik(amount) as Qepik as FeeRule['fixed']; // constants of ours, not negative

const fee = (
  channel: FeeRule['channel'],
  borneBy: FeeRule['borneBy'],
  rule: { fixed?: number; basisPoints?: number; floor?: number; cap?: number },
): Omit<FeeRule, 'id'> => ({
  channel,
  borneBy,
  fixed: positive(rule.fixed ?? 0),
  basisPoints: rule.basisPoints ?? 0,
  floor: positive(rule.floor ?? 0),
  cap: rule.cap === undefined ? null : positive(rule.cap),
  validFrom: '2026-01-01',
  validTo: null,
});

/** Metered companies pay for collection themselves at the counter; the telephone company lets the payer pay. */
const feesOf = (company: DemoCompany): Omit<FeeRule, 'id'>[] => [
  company.code === 'TELEFON'
    ? fee('counter', 'payer', { fixed: 20 })
    : fee('counter', 'company', { basisPoints: 50, cap: 300 }),
  fee('portal', 'company', { basisPoints: 80, cap: 500 }),
  fee('kiosk', 'payer', { basisPoints: 100, floor: 10, cap: 200 }),
];

const ACTOR = 'demo';

/**
 * Registers the demo's participants, places, people and companies. Can be run again: what is there already stays as
 * it is. `password` is everybody's.
 */
export async function demoSeed(
  database: Database,
  password: string,
): Promise<{ readonly users: readonly DemoUser[]; readonly workstations: readonly string[] }> {
  const houses = new Map<string, Id>();
  for (const house of HOUSES) houses.set(house.code, await ensureHouse(database, house));
  for (const company of DEMO_COMPANIES) await ensureCompany(database, company);
  for (const user of DEMO_USERS) {
    const there = await database.db
      .selectFrom('app_user')
      .select('user_id')
      .where('username', '=', user.username)
      .executeTakeFirst();
    const { username, name, role, house } = user;
    if (!there)
      done(
        await addUser(
          database.db,
          { username, name, role, password, participantId: houses.get(house ?? '') ?? null },
          ACTOR,
        ),
      );
  }
  return {
    users: DEMO_USERS,
    workstations: HOUSES.flatMap((house) => house.branches.flatMap((branch) => branch.workstations)),
  };
}

async function ensureHouse(
  database: Database,
  { branches, address, voen: taxNumber, ...house }: DemoHouse,
): Promise<Id> {
  const participantId = await ensureParticipant(database, { ...house, status: 'live' }, taxNumber);
  const headId = await ensureUnit(database, {
    participantId,
    parentId: null,
    kind: 'headOffice',
    code: `${house.code}-BAS`,
    name: 'Baş ofis',
    address,
    district: null,
  });
  for (const branch of branches) {
    const branchId = await ensureUnit(database, {
      participantId,
      parentId: headId,
      kind: 'branch',
      code: branch.code,
      name: branch.name,
      address: branch.address,
      district: branch.district,
    });
    for (const code of branch.workstations) {
      await ensureUnit(database, {
        participantId,
        parentId: branchId,
        kind: 'workstation',
        code,
        name: `İş yeri ${code.slice(2)}`,
        address: '',
        district: null,
      });
    }
  }
  return participantId;
}

async function ensureCompany(database: Database, company: DemoCompany): Promise<void> {
  const firm = FIRMS[company.code];
  const participantId = await ensureParticipant(
    database,
    { code: company.code, name: firm.name, kind: 'biller', status: 'live', iban: firm.iban },
    firm.voen,
  );
  const there = await database.db
    .selectFrom('biller')
    .select('biller_id')
    .where('code', '=', company.code)
    .executeTakeFirst();
  const { rules, number, code, name, service, priority, fetch, offline, accountMask, accountExample } =
    company;
  const billerId =
    there?.biller_id ??
    done(
      await addBiller(
        database.db,
        {
          participantId,
          number,
          code,
          name,
          service,
          status: 'live',
          priority,
          fetch,
          offline,
          accountMask,
          accountExample,
          ...rules,
          fees: feesOf(company),
        },
        ACTOR,
      ),
    );
  await database.pool.query(
    'insert into biller_exchange (biller_id, unsigned_allowed, bad_tolerance) values ($1, true, 100) on conflict do nothing',
    [billerId],
  );
}

async function ensureParticipant(
  database: Database,
  participant: NewParticipant,
  taxNumber: string,
): Promise<Id> {
  const there = await findParticipant(database.db, participant.code);
  const id = there?.participant_id ?? done(await addParticipant(database.db, participant, ACTOR));
  await database.pool.query('update participant set voen = $2 where participant_id = $1 and voen is null', [
    id,
    taxNumber,
  ]);
  return id;
}

async function ensureUnit(database: Database, unit: NewUnit): Promise<Id> {
  const there = await findUnit(database.db, unit.code);
  return there?.unit_id ?? done(await addUnit(database.db, unit, ACTOR));
}

/** What was looked for just before cannot be taken, unless somebody seeds at the same time. */
function done<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  throw new Error(
    `the demo cannot be set up: ${result.error.code} ${JSON.stringify(result.error.detail ?? {})}`,
  );
}
