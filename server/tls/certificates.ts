import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';
import * as x509 from '@peculiar/x509';

x509.cryptoProvider.set(webcrypto);

/** What the HTTPS server presents, and what workstations pin. PEM texts. */
export type ServerCertificate = { readonly key: string; readonly cert: string; readonly caFile: string };

const EC = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const DAY_MS = 86_400_000;
const CA_DAYS = 3650;
const SERVER_DAYS = 397;
const RENEW_BEFORE_DAYS = 30;

/**
 * The centre's own certificate authority and a server certificate by it, made on first start and kept in `folder`. The
 * server's is renewed before it ends or when it must answer to other names; the authority stays, for workstations pin it.
 */
export async function ownCertificate(folder: string, names: readonly string[]): Promise<ServerCertificate> {
  const caFile = join(folder, 'ca.pem');
  const ca = await loadOrMake(folder, 'ca', () => true, makeAuthority);
  const server = await loadOrMake(
    folder,
    'server',
    (cert) => stillGood(cert, names),
    () => makeServer(ca, names),
  );
  return { key: server.keyPem, cert: `${server.certPem}\n${ca.certPem}\n`, caFile };
}

/** The key and certificate that the centre signs files with (acknowledgements, registers), by the same authority. */
export async function ownSigningCertificate(
  folder: string,
): Promise<{ readonly keyPem: string; readonly certificatePem: string }> {
  const ca = await loadOrMake(folder, 'ca', () => true, makeAuthority);
  const signing = await loadOrMake(
    folder,
    'signing',
    (cert) => stillGood(cert, []),
    () => makeIssued(ca, 'CN=KOMIS centre files, O=KOMIS', []),
  );
  return { keyPem: signing.keyPem, certificatePem: signing.certPem };
}

type Issued = { readonly keyPem: string; readonly certPem: string };

async function loadOrMake(
  folder: string,
  name: string,
  good: (cert: x509.X509Certificate) => boolean,
  make: () => Promise<Issued>,
): Promise<Issued> {
  const [keyFile, certFile] = [join(folder, `${name}-key.pem`), join(folder, `${name}.pem`)];
  if (existsSync(keyFile) && existsSync(certFile)) {
    const kept = { keyPem: readFileSync(keyFile, 'utf8'), certPem: readFileSync(certFile, 'utf8') };
    if (good(new x509.X509Certificate(kept.certPem))) return kept;
  }
  const made = await make();
  write(keyFile, made.keyPem, 0o600);
  write(certFile, made.certPem, 0o644);
  return made;
}

function write(file: string, text: string, mode: number): void {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, text, { mode });
  renameSync(draft, file);
}

function stillGood(cert: x509.X509Certificate, names: readonly string[]): boolean {
  const alternative = cert.getExtension(x509.SubjectAlternativeNameExtension);
  const known = new Set(alternative?.names.items.map((name) => name.value));
  return (
    cert.notAfter.getTime() > Date.now() + RENEW_BEFORE_DAYS * DAY_MS &&
    names.every((name) => known.has(name))
  );
}

/** A clock of a workstation that is a little behind must not refuse what was just made. */
const validity = (days: number): { notBefore: Date; notAfter: Date } => ({
  notBefore: new Date(Date.now() - DAY_MS),
  notAfter: new Date(Date.now() + days * DAY_MS),
});

const serial = (): string =>
  `4b${Buffer.from(webcrypto.getRandomValues(new Uint8Array(15))).toString('hex')}`;

async function makeAuthority(): Promise<Issued> {
  const keys = await webcrypto.subtle.generateKey(EC, true, ['sign', 'verify']);
  const cert = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serial(),
    name: 'CN=KOMIS centre authority, O=KOMIS',
    ...validity(CA_DAYS),
    signingAlgorithm: EC,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { keyPem: await keyPem(keys.privateKey), certPem: cert.toString('pem') };
}

const makeServer = (ca: Issued, names: readonly string[]): Promise<Issued> =>
  makeIssued(ca, 'CN=KOMIS centre, O=KOMIS', [
    new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
    new x509.SubjectAlternativeNameExtension(
      names.map((name) => ({ type: isIP(name) === 0 ? ('dns' as const) : ('ip' as const), value: name })),
    ),
  ]);

async function makeIssued(
  ca: Issued,
  subject: string,
  extensions: readonly x509.Extension[],
): Promise<Issued> {
  const keys = await webcrypto.subtle.generateKey(EC, true, ['sign', 'verify']);
  const caCert = new x509.X509Certificate(ca.certPem);
  const signingKey = await webcrypto.subtle.importKey(
    'pkcs8',
    x509.PemConverter.decodeFirst(ca.keyPem),
    EC,
    false,
    ['sign'],
  );
  const cert = await x509.X509CertificateGenerator.create({
    serialNumber: serial(),
    subject,
    issuer: caCert.subject,
    ...validity(SERVER_DAYS),
    signingAlgorithm: EC,
    publicKey: keys.publicKey,
    signingKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      ...extensions,
      await x509.AuthorityKeyIdentifierExtension.create(caCert),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { keyPem: await keyPem(keys.privateKey), certPem: cert.toString('pem') };
}

const keyPem = async (key: webcrypto.CryptoKey): Promise<string> =>
  x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY');
