// People, keys and the audit log: for administrators.

import { BASE, change, get } from "./http.ts";
import type { Role, Storage } from "./types.ts";

export interface Account {
  name: string;
  role: Role;
  active: boolean;
  created: string;
  /** The last login. */
  seen: string | null;
  single_sign_on: boolean;
  /** Whether it has not yet chosen a password of its own. */
  must_change: boolean;
}

export type Scope = "all" | "send" | "view" | "metrics";

export interface Key {
  id: string;
  name: string;
  role: Role;
  created: string;
  expires: string | null;
  seen: string | null;
  creator: string;
  scopes: Scope[];
  expired: boolean;
}

export interface Entry {
  id: number;
  time: string;
  person: string;
  role: string;
  action: string;
  subject: string;
  /** Further ids with spaces between. */
  detail: string;
  address: string;
  result: string;
}

const user = (name: string) => `/users/${encodeURIComponent(name)}`;

export const fetchAccounts = () => get<Account[]>("/users");
export const makeAccount = (name: string, password: string, role: Role) =>
  change<Account>("POST", "/users", { name, password, role });
export const changeAccount = (name: string, what: { role?: Role; active?: boolean; password?: string }) =>
  change<Account>("PATCH", user(name), what);
export const removeAccount = (name: string) => change<void>("DELETE", user(name));

export const fetchKeys = () => get<Key[]>("/keys");
/** `days` until it expires; null for never. */
export const makeKey = (name: string, role: Role, scopes: readonly Scope[], days: number | null) =>
  change<Key & { key: string }>("POST", "/keys", { name, role, scopes, days });
export const removeKey = (id: string) => change<void>("DELETE", `/keys/${encodeURIComponent(id)}`);

/** What is searched for in the audit log; empty fields find all. */
export interface AuditSearch {
  person: string;
  action: string;
  subject: string;
  result: string;
  since: string;
  until: string;
}

function searched(search: AuditSearch): URLSearchParams {
  return new URLSearchParams(Object.entries(search).filter(([, value]) => value !== ""));
}

export function fetchAudit(search: AuditSearch, before?: number) {
  const fields = searched(search);
  fields.set("limit", "100");
  if (before !== undefined) fields.set("before", String(before));
  return get<{ items: Entry[]; next: number | null }>(`/audit?${fields}`);
}

/** Where all that is searched for can be had as a table. */
export const auditUrl = (search: AuditSearch) => `${BASE}/audit.csv?${searched(search)}`;

export const fetchStorage = () => get<Storage>("/storage");
/** Say that the server's clock is right, after it jumped. */
export const confirmClock = () => change<Storage>("POST", "/storage/clock");
