-- The text of an audit row that its hash covers.
create or replace function audit_text(p_seq bigint, p_at timestamptz, p_actor text, p_action text, p_subject text, p_detail jsonb)
returns text language sql immutable as $$
  select concat_ws(E'\n', p_seq, (extract(epoch from p_at) * 1000)::bigint, p_actor, p_action, p_subject, p_detail::text)
$$;

-- Appends to the audit log, chained. One writer at a time.
create or replace function audit_append(p_actor text, p_action text, p_subject text, p_detail jsonb)
returns void language plpgsql as $$
declare
  v_seq bigint;
  v_prev text;
  v_at timestamptz;
begin
  perform pg_advisory_xact_lock(7130002);
  select seq, hash into v_seq, v_prev from audit_log order by seq desc limit 1;
  v_seq := coalesce(v_seq, 0) + 1;
  v_prev := coalesce(v_prev, repeat('0', 64));
  v_at := date_trunc('milliseconds', clock_timestamp());
  insert into audit_log (seq, at, actor, action, subject, detail, prev_hash, hash)
  values (v_seq, v_at, p_actor, p_action, p_subject, p_detail, v_prev,
    encode(sha256(convert_to(v_prev || E'\n' || audit_text(v_seq, v_at, p_actor, p_action, p_subject, p_detail), 'UTF8')), 'hex'));
end $$;
