/** The stage's shape, in the order of COPY text (stage-row.ts). Also used by the bench, which fills it through psql. */
export const STAGE_COLUMNS = `
  action "char" not null, block integer not null, record integer not null, line integer not null,
  account text collate "C" not null, holder text, address text, district text, phone text, folded text,
  bills jsonb, stated_total bigint`;

/** `list_stage_…` of one list. */
export const qualifiedStage = (listId: string): string => `list_stage_${listId.replaceAll('-', '')}`;
