import { createHash, createPrivateKey, sign, timingSafeEqual, verify, X509Certificate } from 'node:crypto';
import { DOMParser, type Element, onWarningStopParsing } from '@xmldom/xmldom';
import { C14nCanonicalization, ExclusiveCanonicalization } from 'xml-crypto';
import { fail, ok, type Result } from '../../contracts/result.ts';
import { attributeText } from './list-writer.ts';

/**
 * Detached signatures on files (docs/formats/list.md, ADR 0009): an XML-DSig document beside the file with one
 * reference to it by name, SHA-256 over its bytes as they are. Keys are pinned: what a signature says of itself in
 * KeyInfo is not looked at.
 */

export type Signer = { readonly keyPem: string; readonly certificatePem: string };

/** What a valid signature states: the digest that the file must have. */
export type SignedDigest = { readonly sha256: Buffer; readonly certificateFingerprint: string };

const DSIG = 'http://www.w3.org/2000/09/xmldsig#';
const EXCLUSIVE_C14N = 'http://www.w3.org/2001/10/xml-exc-c14n#';
const INCLUSIVE_C14N = 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315';
const SHA256 = 'http://www.w3.org/2001/04/xmlenc#sha256';
const METHODS = {
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256': { key: 'rsa', hash: 'sha256' },
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha512': { key: 'rsa', hash: 'sha512' },
  'http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256': { key: 'ec', hash: 'sha256' },
  'http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384': { key: 'ec', hash: 'sha384' },
} as const;

/** A signature is a small document; a larger one is none. */
export const SIGNATURE_BYTES_MAX = 64 * 1024;

/** `…/ELEKTRIK-000001-full.xml` → `…/ELEKTRIK-000001-full.sig.xml`. */
export const signaturePathOf = (path: string): string => `${path.replace(/\.xml$/i, '')}.sig.xml`;

/** Signs a file of the given name and SHA-256; gives the signature document. */
export function signFile(fileName: string, sha256: Buffer, signer: Signer): string {
  const key = createPrivateKey(signer.keyPem);
  const method = Object.entries(METHODS).find(
    ([, one]) => one.key === key.asymmetricKeyType && one.hash === 'sha256',
  )?.[0];
  if (method === undefined) throw new Error(`keys of kind ${key.asymmetricKeyType} do not sign files`);
  const signedInfo =
    `<SignedInfo xmlns="${DSIG}"><CanonicalizationMethod Algorithm="${EXCLUSIVE_C14N}"></CanonicalizationMethod>` +
    `<SignatureMethod Algorithm="${method}"></SignatureMethod><Reference URI="${attributeText(encodeURIComponent(fileName))}">` +
    `<DigestMethod Algorithm="${SHA256}"></DigestMethod><DigestValue>${sha256.toString('base64')}</DigestValue></Reference></SignedInfo>`;
  // Written in canonical form already: what is signed is what stands there.
  const value = sign('sha256', Buffer.from(signedInfo, 'utf8'), { key, dsaEncoding: 'ieee-p1363' });
  const certificate = new X509Certificate(signer.certificatePem).raw.toString('base64');
  return (
    `<?xml version="1.0" encoding="UTF-8"?>\n<Signature xmlns="${DSIG}">${signedInfo}<SignatureValue>${value.toString('base64')}</SignatureValue>` +
    `<KeyInfo><X509Data><X509Certificate>${certificate}</X509Certificate></X509Data></KeyInfo></Signature>\n`
  );
}

/**
 * Checks a signature document for the file of the given name against pinned certificates (PEM). Gives the digest it
 * vouches for; the caller compares it with the bytes it read.
 */
export function checkSignature(
  document: string,
  fileName: string,
  certificates: readonly string[],
  nowMs: number,
): Result<SignedDigest, 'listSignatureWrong'> {
  const wrong = (reason: string): Result<never, 'listSignatureWrong'> =>
    fail('listSignatureWrong', { reason });
  if (document.length > SIGNATURE_BYTES_MAX) return wrong('the signature document is too large');
  if (/<!(DOCTYPE|ENTITY)/i.test(document)) return wrong('the signature document holds a DOCTYPE');
  const root = parseRoot(document);
  if (root?.localName !== 'Signature' || root.namespaceURI !== DSIG)
    return wrong('the signature document is not an XML signature');

  const signedInfo = only(root, 'SignedInfo');
  const signatureValue = only(root, 'SignatureValue');
  const reference = signedInfo && only(signedInfo, 'Reference');
  if (!signedInfo || !signatureValue || !reference)
    return wrong('the signature must have one SignedInfo with one Reference');
  const canonical = canonicalForm(signedInfo, algorithmOf(only(signedInfo, 'CanonicalizationMethod')));
  if (canonical === undefined) return wrong('the canonicalisation must be exclusive or inclusive C14N 1.0');
  const method = Object.entries(METHODS).find(
    ([name]) => name === algorithmOf(only(signedInfo, 'SignatureMethod')),
  )?.[1];
  if (!method) return wrong('the signature method must be RSA or ECDSA with SHA-2');
  if (only(reference, 'Transforms')) return wrong('the reference must not have transforms');
  if (algorithmOf(only(reference, 'DigestMethod')) !== SHA256)
    return wrong('the digest method must be SHA-256');
  if (decoded(reference.getAttribute('URI') ?? '') !== fileName)
    return wrong(`the signature is of another file than ${fileName}`);
  const digest = base64(only(reference, 'DigestValue')?.textContent);
  const value = base64(signatureValue.textContent);
  if (digest?.length !== 32 || !value) return wrong('digest or signature value is not base64');

  let expired = false;
  for (const pem of certificates) {
    const certificate = new X509Certificate(pem);
    if (certificate.publicKey.asymmetricKeyType !== method.key) continue;
    const key = { key: certificate.publicKey, dsaEncoding: 'ieee-p1363' } as const;
    if (!verify(method.hash, Buffer.from(canonical, 'utf8'), key, value)) continue;
    if (nowMs < Date.parse(certificate.validFrom) || nowMs > Date.parse(certificate.validTo)) expired = true;
    else return ok({ sha256: digest, certificateFingerprint: certificate.fingerprint256 });
  }
  return wrong(
    expired
      ? 'the certificate is not valid at this time'
      : 'it was not made with a certificate we know of this company',
  );
}

/** Whether the file read is the file signed. */
export const digestFits = (signed: SignedDigest, sha256: Buffer): boolean =>
  timingSafeEqual(signed.sha256, sha256);

export const sha256Of = (text: string): Buffer => createHash('sha256').update(text, 'utf8').digest();

function parseRoot(document: string): Element | undefined {
  try {
    return (
      new DOMParser({ onError: onWarningStopParsing }).parseFromString(document, 'text/xml')
        .documentElement ?? undefined
    );
  } catch {
    return undefined; // not well-formed: the caller says what it is not
  }
}

/** The one child element of this name; `undefined` when there is none, or more than one. */
function only(parent: Element, name: string): Element | undefined {
  const found = Array.from(parent.childNodes).filter(
    (node): node is Element => node.nodeType === 1 && node.localName === name && node.namespaceURI === DSIG,
  );
  return found.length === 1 ? found[0] : undefined;
}

const algorithmOf = (element: Element | undefined): string => element?.getAttribute('Algorithm') ?? '';

/** Inclusive canonical form differs from exclusive only in inherited declarations, which the root may not have here. */
function canonicalForm(signedInfo: Element, algorithm: string): string | undefined {
  if (algorithm === EXCLUSIVE_C14N) return new ExclusiveCanonicalization().process(signedInfo, {});
  if (algorithm !== INCLUSIVE_C14N) return undefined;
  const root = signedInfo.parentNode as Element; // checked: the root element
  const foreign = Array.from(root.attributes).some(
    (attribute) => attribute.name.startsWith('xmlns') && attribute.value !== DSIG,
  );
  const own = Array.from(root.attributes).filter((attribute) => attribute.name.startsWith('xmlns'));
  if (foreign || own.length !== 1) return undefined;
  const ancestorNamespaces = own.map((attribute) => ({
    prefix: attribute.name === 'xmlns' ? '' : (attribute.localName ?? ''),
    namespaceURI: attribute.value,
  }));
  return new C14nCanonicalization().process(signedInfo, { ancestorNamespaces });
}

function base64(text: string | null | undefined): Buffer | undefined {
  const clean = (text ?? '').replace(/[\s]/g, '');
  return /^[A-Za-z0-9+/]+={0,2}$/.test(clean) && clean.length % 4 === 0
    ? Buffer.from(clean, 'base64')
    : undefined;
}

function decoded(uri: string): string {
  try {
    return decodeURIComponent(uri.replace(/^\.\//, ''));
  } catch {
    return uri; // not an encoding: compared as it stands
  }
}
