import { z } from 'zod';
import { CENTRE_ACCESS, centreContract, type CentreMethod } from '../../contracts/centre.ts';
import { ERRORS, type ErrorCode } from '../../contracts/errors.ts';
import { BOUNDARY_CODES } from '../../contracts/rpc/definition.ts';
import { statusOf } from './status.ts';

const schemaOf = (schema: z.ZodType, io: 'input' | 'output'): object => {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  return rest;
};

const json = (schema: object): object => ({ content: { 'application/json': { schema } } });

const failureSchema = (codes: readonly ErrorCode[]): object => ({
  type: 'object',
  required: ['error'],
  properties: {
    error: {
      type: 'object',
      required: ['code'],
      properties: {
        code: { type: 'string', enum: codes },
        detail: { type: 'object', additionalProperties: { type: ['string', 'number'] } },
      },
    },
  },
});

function operation(method: CentreMethod): object {
  const definition = centreContract[method];
  const open = CENTRE_ACCESS[method] === 'open';
  const codes: ErrorCode[] = [
    ...definition.errors,
    ...BOUNDARY_CODES.filter(
      (code) =>
        code !== 'connectionLost' && !(open && code === 'unauthorised' && method !== 'device.session'),
    ),
  ];
  const byStatus = Map.groupBy(codes, statusOf);
  return {
    operationId: method,
    summary: definition.summary,
    tags: [method.split('.')[0]],
    security: open ? [] : [{ device: [] }],
    requestBody: { required: true, ...json(schemaOf(definition.input, 'input')) },
    responses: {
      200: { description: 'Done.', ...json(schemaOf(definition.output, 'output')) },
      ...Object.fromEntries(
        [...byStatus].map(([status, group]) => [
          status,
          {
            description: group.map((code) => `${code}: ${ERRORS[code].text.en}`).join('\n\n'),
            ...json(failureSchema(group)),
          },
        ]),
      ),
    },
  };
}

/** The OpenAPI 3.1 document of the centre, made from the contract: it cannot say anything else than the code does. */
export function openApiDocument(version: string): object {
  const methods = Object.keys(centreContract) as CentreMethod[]; // the contract's own keys
  return {
    openapi: '3.1.0',
    info: {
      title: 'KÖMİS centre',
      version,
      description:
        'Every method is `POST /v1/<method>` with JSON both ways. A failure is `{error: {code, detail}}`; money is an integer of qəpik; instants are UTC.',
    },
    servers: [{ url: '/' }],
    components: {
      securitySchemes: {
        device: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'From device.session.' },
      },
    },
    paths: Object.fromEntries(methods.map((method) => [`/v1/${method}`, { post: operation(method) }])),
  };
}
