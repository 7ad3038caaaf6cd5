import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import type { Signer } from '../file-signature.ts';

x509.cryptoProvider.set(webcrypto);

const ALGORITHMS = {
  ec: { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
  rsa: {
    name: 'RSASSA-PKCS1-v1_5',
    hash: 'SHA-256',
    modulusLength: 2048,
    publicExponent: new Uint8Array([1, 0, 1]),
  },
} as const;

/** A key with a self-signed certificate, as a company would register it. */
export async function testSigner(
  kind: 'ec' | 'rsa',
  valid: { readonly from: string; readonly to: string } = { from: '2026-01-01', to: '2030-01-01' },
): Promise<Signer> {
  const algorithm = ALGORITHMS[kind];
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: '01',
    name: 'CN=A company, C=AZ',
    notBefore: new Date(valid.from),
    notAfter: new Date(valid.to),
    signingAlgorithm: algorithm,
    keys,
    extensions: [new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true)],
  });
  return {
    keyPem: x509.PemConverter.encode(
      await webcrypto.subtle.exportKey('pkcs8', keys.privateKey),
      'PRIVATE KEY',
    ),
    certificatePem: certificate.toString('pem'),
  };
}
