import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { withTestDatabase } from '../db/testing.ts';
import type { Database } from '../db/database.ts';
import { readExchangeTerms, setExchangeTerms } from './exchange-terms.ts';
import { checkSignature, digestFits, signFile } from './file-signature.ts';
import { fingerprint, importFile, testCompany } from './testing/company.ts';
import { testSigner } from './testing/certificates.ts';
import { accountText, listText, testFolder } from './testing/list-files.ts';

let database: Database;
let folder: Awaited<ReturnType<typeof testFolder>>;
beforeAll(async () => {
  [database, folder] = await Promise.all([withTestDatabase(), testFolder()]);
});
afterAll(async () => {
  await database.close();
  await folder.remove();
});

const refused = (code: string, detail: object = {}) => ({
  ok: false,
  error: { code, detail: expect.objectContaining(detail) },
});
test('signed lists: required, checked against the bytes, and pinned', async () => {
  const [signer, stranger] = await Promise.all([testSigner('rsa'), testSigner('rsa')]);
  const company = await testCompany(database, { unsigned: false, certificates: [signer.certificatePem] });
  const text = listText(accountText(1), { company: company.code, records: 1 });
  const path = await folder.write('signed.xml', text);
  const sign = (content: string, by = signer, name = 'signed.xml') =>
    folder.write('signed.sig.xml', signFile(name, createHash('sha256').update(content).digest(), by));
  const before = await fingerprint(database, company);

  expect((await importFile(database, company, path)).outcome).toMatchObject(refused('listUnsigned'));
  await sign(text, stranger);
  expect((await importFile(database, company, path)).outcome).toMatchObject(refused('listSignatureWrong'));
  await sign(text.replace('10.00', '9.00'));
  expect((await importFile(database, company, path)).outcome).toMatchObject(
    refused('listSignatureWrong', { reason: 'the file is not the one that was signed' }),
  );
  await sign(text, signer, 'other.xml');
  expect((await importFile(database, company, path)).outcome).toMatchObject(refused('listSignatureWrong'));
  expect(await fingerprint(database, company)).toEqual(before);

  await sign(text);
  const { outcome, acknowledgement } = await importFile(database, company, path);
  expect(outcome.ok).toBe(true);
  expect(acknowledgement).toContain('signed="true"');
});

test('a company without exchange terms may send nothing unsigned', async () => {
  const company = await testCompany(database);
  await database.pool.query('delete from biller_exchange where biller_id = $1', [company.billerId]);
  const path = await folder.write(
    'terms.xml',
    listText(accountText(1), { company: company.code, records: 1 }),
  );
  expect((await importFile(database, company, path)).outcome).toMatchObject(refused('listUnsigned'));
});

test('acknowledgements are signed with the centre’s key', async () => {
  const [company, signer] = await Promise.all([testCompany(database), testSigner('ec')]);
  const path = await folder.write('ack.xml', listText(accountText(1), { company: company.code, records: 1 }));
  const answer = await importFile(database, company, path, { signer });
  const checked = checkSignature(
    answer.acknowledgementSignature ?? '',
    'ack.ack.xml',
    [signer.certificatePem],
    Date.parse('2026-11-23T10:00:00Z'),
  );
  expect(
    checked.ok && digestFits(checked.value, createHash('sha256').update(answer.acknowledgement).digest()),
  ).toBe(true);
});

test('terms are set by the command line’s function, kept where left out, and recorded', async () => {
  const [company, signer] = await Promise.all([testCompany(database), testSigner('ec')]);
  await database.pool.query('delete from biller_exchange where biller_id = $1', [company.billerId]);
  expect(await readExchangeTerms(database, company.code)).toEqual({
    company: company.code,
    unsignedAllowed: false,
    badTolerance: 0,
    certificates: [],
  });
  await setExchangeTerms(
    database,
    company.code,
    { certificates: [signer.certificatePem], badTolerance: 250 },
    'test',
  );
  const known = await setExchangeTerms(database, company.code, { unsignedAllowed: true }, 'test');
  expect(known).toMatchObject({
    unsignedAllowed: true,
    badTolerance: 250,
    certificates: [{ subject: expect.stringContaining('A company') }],
  });
  expect(await readExchangeTerms(database, company.code)).toEqual(known);
  expect(
    (
      await database.pool.query(`select from audit_log where action = 'exchange.terms' and subject = $1`, [
        company.code,
      ])
    ).rowCount,
  ).toBe(2);
  expect(await setExchangeTerms(database, 'NOBODY', {}, 'test')).toBeUndefined();
  await expect(
    setExchangeTerms(database, company.code, { certificates: ['no certificate'] }, 'test'),
  ).rejects.toThrow();
});
