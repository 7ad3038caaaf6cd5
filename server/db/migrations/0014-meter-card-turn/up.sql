-- When a card last counted, in turns: a reading on an older nonce may show less without being a lie.
alter table meter_card add column counted_turn bigint not null default 0;
