import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { readExchangeTerms, setExchangeTerms } from '../exchange/exchange-terms.ts';
import { onCentre } from './command.ts';
import { printOne } from './output.ts';
import { CommandError } from './session.ts';

type Options = { certificate?: string[]; unsigned?: boolean; tolerance?: string };

/** `lists terms`: whether a company must sign its lists, with which certificate, and how many bad records they may hold. */
export function addTermsCommand(lists: Command): void {
  lists
    .command('terms <company>')
    .description("shows or sets what a company's lists are judged by")
    .option(
      '--certificate <files...>',
      'PEM files of the certificates it signs with; replaces those there are',
    )
    .option('--unsigned', 'take its lists unsigned')
    .option('--no-unsigned', 'take only signed lists')
    .option(
      '--tolerance <basis points>',
      'bad records a list may hold, of its records: 100 is one in a hundred',
    )
    .action(
      onCentre<Options>(
        async ({ database, actor }, { certificate, unsigned, tolerance, json }, company = '') => {
          if (tolerance !== undefined && (!/^\d{1,5}$/.test(tolerance) || Number(tolerance) > 10_000))
            throw new CommandError('A tolerance is a whole number of basis points, 0 to 10000.');
          const changes = certificate !== undefined || unsigned !== undefined || tolerance !== undefined;
          const terms = changes
            ? await setExchangeTerms(
                database,
                company,
                {
                  ...(certificate === undefined ? {} : { certificates: certificate.map(readCertificate) }),
                  ...(unsigned === undefined ? {} : { unsignedAllowed: unsigned }),
                  ...(tolerance === undefined ? {} : { badTolerance: Number(tolerance) }),
                },
                actor,
              )
            : await readExchangeTerms(database, company);
          if (!terms) throw new CommandError(`There is no company ${company}.`);
          printOne(
            json
              ? terms
              : {
                  ...terms,
                  certificates:
                    terms.certificates
                      .map((one) => `${one.subject.replaceAll('\n', ', ')} until ${one.validTo}`)
                      .join('; ') || 'none',
                },
            json,
          );
        },
      ),
    );
}

function readCertificate(file: string): string {
  const text = readFileSync(file, 'utf8');
  if (!text.includes('-----BEGIN CERTIFICATE-----'))
    throw new CommandError(`${file} holds no certificate in PEM form.`);
  return text;
}
