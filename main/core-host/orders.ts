import { z } from 'zod';

/** What the shell's process and the core host's process say to each other, beside the lines to windows. */

/** To the core host. `attach` comes with the port of a window; `stop` asks it to end in good order. */
export const orderSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('attach') }),
  z.object({ kind: z.literal('stop') }),
]);
export type Order = z.infer<typeof orderSchema>;

/** From the core host. `refused`: it cannot work here, and trying again would not help; the text is for people. */
export const reportSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ready') }),
  z.object({ kind: z.literal('refused'), text: z.string().max(2000) }),
]);
export type Report = z.infer<typeof reportSchema>;
