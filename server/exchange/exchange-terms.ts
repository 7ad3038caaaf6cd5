import { X509Certificate } from 'node:crypto';
import type { Database } from '../db/database.ts';
import { audit } from '../registry/audit.ts';

/** What a company's lists are judged by; what is left out stays as it is. */
export type ExchangeTerms = {
  /** PEM texts of the certificates its lists are signed with. Replaces those there are. */
  readonly certificates?: readonly string[];
  readonly unsignedAllowed?: boolean;
  /** Bad records a list may hold, in basis points of its records, rounded up. */
  readonly badTolerance?: number;
};

export type KnownTerms = {
  readonly company: string;
  readonly unsignedAllowed: boolean;
  readonly badTolerance: number;
  readonly certificates: readonly {
    readonly subject: string;
    readonly validTo: string;
    readonly fingerprint: string;
  }[];
};

/** Sets a company's terms and gives them as they are now; `undefined` when there is no such company. Throws on a text that is no certificate. */
export async function setExchangeTerms(
  database: Database,
  companyCode: string,
  terms: ExchangeTerms,
  actor: string,
): Promise<KnownTerms | undefined> {
  const certificates = terms.certificates?.map((pem) => new X509Certificate(pem).toString());
  const set = await database.pool.query(
    `insert into biller_exchange as x (biller_id, certificates, unsigned_allowed, bad_tolerance)
     select biller_id, coalesce($2::text[], '{}'), coalesce($3::boolean, false), coalesce($4::int, 100) from biller where code = $1
     on conflict (biller_id) do update set certificates = coalesce($2::text[], x.certificates),
       unsigned_allowed = coalesce($3::boolean, x.unsigned_allowed), bad_tolerance = coalesce($4::int, x.bad_tolerance)`,
    [companyCode, certificates ?? null, terms.unsignedAllowed ?? null, terms.badTolerance ?? null],
  );
  if (set.rowCount === 0) return undefined;
  const known = await readExchangeTerms(database, companyCode);
  await audit(database.db, actor, 'exchange.terms', companyCode, { ...known });
  return known;
}

/** A company's terms. One that has none may send signed lists only, and no certificate is known of it. */
export async function readExchangeTerms(
  { pool }: Database,
  companyCode: string,
): Promise<KnownTerms | undefined> {
  const { rows } = await pool.query<{
    certificates: string[];
    unsigned_allowed: boolean;
    bad_tolerance: number;
  }>(
    `select coalesce(x.certificates, '{}') as certificates, coalesce(x.unsigned_allowed, false) as unsigned_allowed, coalesce(x.bad_tolerance, 0) as bad_tolerance
     from biller b left join biller_exchange x using (biller_id) where b.code = $1`,
    [companyCode],
  );
  const row = rows[0];
  return (
    row && {
      company: companyCode,
      unsignedAllowed: row.unsigned_allowed,
      badTolerance: row.bad_tolerance,
      certificates: row.certificates.map((pem) => {
        const certificate = new X509Certificate(pem);
        return {
          subject: certificate.subject,
          validTo: certificate.validTo,
          fingerprint: certificate.fingerprint256,
        };
      }),
    }
  );
}
