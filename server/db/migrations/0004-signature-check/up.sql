-- Up to which entry every single signature of a device's journal has been checked. What a long batch brought is proven
-- by its last signature when it is taken, and caught up with here.
alter table device add column signatures_through bigint not null default 0;
