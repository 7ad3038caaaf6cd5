-- The taxpayer's number (VÖEN): nine digits, the ninth a check digit, and 1 (firm) or 2 (person).
alter table participant add column voen text check (voen ~ '^[0-9]{9}[12]$');
