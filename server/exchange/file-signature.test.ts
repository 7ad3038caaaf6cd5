import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkSignature, signaturePathOf, signFile, type Signer } from './file-signature.ts';
import { testFolder } from './testing/list-files.ts';
import { testSigner } from './testing/certificates.ts';

const NOW = Date.parse('2026-11-23T10:00:00Z');
const digest = createHash('sha256').update('the file').digest();
let ec: Signer;
let rsa: Signer;
let folder: Awaited<ReturnType<typeof testFolder>>;
beforeAll(async () => {
  [ec, rsa, folder] = await Promise.all([testSigner('ec'), testSigner('rsa'), testFolder()]);
});
afterAll(() => folder.remove());

const wrong = (reason: RegExp) => ({
  ok: false,
  error: { code: 'listSignatureWrong', detail: { reason: expect.stringMatching(reason) } },
});
const signers = (): readonly Signer[] => [ec, rsa];

test('a signature vouches for the digest of the file it names', () => {
  for (const signer of signers()) {
    const document = signFile('ELEKTRIK-000001-full.xml', digest, signer);
    const checked = checkSignature(
      document,
      'ELEKTRIK-000001-full.xml',
      [ec.certificatePem, rsa.certificatePem],
      NOW,
    );
    expect(checked).toMatchObject({ ok: true, value: { sha256: digest } });
  }
});

test('only registered certificates count, whatever the signature says of itself', async () => {
  const stranger = await testSigner('ec');
  const document = signFile('a.xml', digest, stranger);
  expect(checkSignature(document, 'a.xml', [ec.certificatePem, rsa.certificatePem], NOW)).toMatchObject(
    wrong(/certificate we know/),
  );
  expect(checkSignature(document, 'a.xml', [], NOW)).toMatchObject(wrong(/certificate we know/));
});

test('a certificate holds within its time', async () => {
  const old = await testSigner('rsa', { from: '2024-01-01', to: '2026-11-22' });
  const document = signFile('a.xml', digest, old);
  expect(checkSignature(document, 'a.xml', [old.certificatePem], NOW)).toMatchObject(
    wrong(/not valid at this time/),
  );
  expect(checkSignature(document, 'a.xml', [old.certificatePem], Date.parse('2026-11-21T00:00:00Z')).ok).toBe(
    true,
  );
});

test('every changed part of a signature is noticed', () => {
  for (const signer of signers()) {
    const document = signFile('a.xml', digest, signer);
    const otherDigest = createHash('sha256').update('another file').digest('base64');
    const changes: readonly [string, RegExp, string][] = [
      ['digest', /<DigestValue>[^<]+/, `<DigestValue>${otherDigest}`],
      ['file name', /URI="a\.xml"/, 'URI="b.xml"'],
      ['a comment is not part of it', /<Reference /, '<!-- --><Reference '],
      ['white space is', /<Reference /, ' <Reference '],
      ['value', /<SignatureValue>....../, '<SignatureValue>AAAAAA'],
    ];
    for (const [what, from, to] of changes) {
      const changed = document.replace(from, to);
      expect(changed, what).not.toBe(document);
      expect(
        checkSignature(changed, what === 'file name' ? 'b.xml' : 'a.xml', [signer.certificatePem], NOW).ok,
        what,
      ).toBe(what === 'a comment is not part of it');
    }
  }
});

test.each<[string, (document: string) => string, RegExp]>([
  ['another file', (d) => d, /of another file/],
  ['a DOCTYPE', (d) => d.replace('<Signature', '<!DOCTYPE x [<!ENTITY e "e">]><Signature'), /DOCTYPE/],
  ['a transform', (d) => d.replace('<DigestMethod', '<Transforms></Transforms><DigestMethod'), /transforms/],
  ['two references', (d) => d.replace(/(<Reference .*<\/Reference>)/, '$1$1'), /one Reference/],
  ['two signed infos', (d) => d.replace(/(<SignedInfo .*<\/SignedInfo>)/, '$1$1'), /one SignedInfo/],
  ['another digest method', (d) => d.replace('xmlenc#sha256', 'xmlenc#sha512'), /SHA-256/],
  ['SHA-1', (d) => d.replace('ecdsa-sha256', 'ecdsa-sha1'), /RSA or ECDSA/],
  [
    'HMAC',
    (d) =>
      d.replace(
        'http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256',
        'http://www.w3.org/2000/09/xmldsig#hmac-sha1',
      ),
    /RSA or ECDSA/,
  ],
  ['another canonicalisation', (d) => d.replace('xml-exc-c14n#', 'xml-exc-c14n#WithComments'), /C14N/],
  ['no XML', () => 'signed, the company', /not an XML signature/],
  ['cut short', (d) => d.slice(0, 500), /not an XML signature/],
  [
    'another document',
    (d) => d.replaceAll('http://www.w3.org/2000/09/xmldsig#', 'urn:x'),
    /not an XML signature/,
  ],
  ['an enveloped one', (d) => `<a>${d.replace(/<\?xml.*\?>/, '')}</a>`, /not an XML signature/],
  ['too large', (d) => d + ' '.repeat(70_000), /too large/],
  ['no base64', (d) => d.replace(/<DigestValue>[^<]+/, '<DigestValue>%%%%'), /base64/],
])('refused: %s', (what, change, reason) => {
  const document = change(signFile('a.xml', digest, ec));
  expect(
    checkSignature(document, what === 'another file' ? 'c.xml' : 'a.xml', [ec.certificatePem], NOW),
  ).toMatchObject(wrong(reason));
});

test('names that need encoding are matched decoded', () => {
  const name = 'siyahı № 1 & «ə».xml';
  expect(checkSignature(signFile(name, digest, ec), name, [ec.certificatePem], NOW).ok).toBe(true);
});

test('the signature lies beside the list', () => {
  expect(signaturePathOf('/in/ELEKTRIK-000001-full.xml')).toBe('/in/ELEKTRIK-000001-full.sig.xml');
  expect(signaturePathOf('list')).toBe('list.sig.xml');
});

const has = (program: string): boolean => spawnSync(program, ['--version']).error === undefined;

/** Others must be able to check ours, and we theirs: xmllint canonicalises, openssl signs and verifies. */
test.skipIf(!has('xmllint') || !has('openssl'))(
  'xmllint and openssl agree with both directions (needs xmllint, openssl)',
  async () => {
    const document = signFile('a.xml', digest, rsa);
    const signedInfo = /<SignedInfo.*<\/SignedInfo>/.exec(document)?.[0] ?? '';
    const info = await folder.write('info.xml', signedInfo);
    const canonical = execFileSync('xmllint', ['--exc-c14n', info]);
    await folder.write('canonical', canonical);
    await folder.write('cert.pem', rsa.certificatePem);
    await folder.write('key.pem', rsa.keyPem);
    await folder.write('value', Buffer.from(/<SignatureValue>([^<]+)/.exec(document)?.[1] ?? '', 'base64'));
    const at = (name: string): string => `${folder.path}/${name}`;
    await folder.write(
      'public.pem',
      execFileSync('openssl', ['x509', '-in', at('cert.pem'), '-pubkey', '-noout']),
    );
    const verified = execFileSync(
      'openssl',
      ['dgst', '-sha256', '-verify', at('public.pem'), '-signature', at('value'), at('canonical')],
      { encoding: 'utf8' },
    );
    expect(verified).toContain('Verified OK');

    // The other way round, with a prefix, indentation, inclusive canonicalisation and SHA-512, as other tools write it.
    const ds = 'http://www.w3.org/2000/09/xmldsig#';
    const body = `
    <ds:CanonicalizationMethod Algorithm="http://www.w3.org/TR/2001/REC-xml-c14n-20010315"/>
    <ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha512"/>
    <ds:Reference URI="./a.xml">
      <ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>
      <ds:DigestValue>${digest.toString('base64')}</ds:DigestValue>
    </ds:Reference>
  `;
    const theirs = await folder.write(
      'theirs.xml',
      `<ds:SignedInfo xmlns:ds="${ds}">${body}</ds:SignedInfo>`,
    );
    await folder.write('theirs.c14n', execFileSync('xmllint', ['--c14n', theirs]));
    const value = execFileSync('openssl', ['dgst', '-sha512', '-sign', at('key.pem'), at('theirs.c14n')])
      .toString('base64')
      .replace(/(.{64})/g, '$1\n');
    const foreign = `<?xml version="1.0"?>\n<ds:Signature xmlns:ds="${ds}">\n  <ds:SignedInfo>${body}</ds:SignedInfo>\n  <ds:SignatureValue>\n${value}</ds:SignatureValue>\n</ds:Signature>`;
    expect(checkSignature(foreign, 'a.xml', [rsa.certificatePem], NOW)).toMatchObject({
      ok: true,
      value: { sha256: digest },
    });
  },
);
