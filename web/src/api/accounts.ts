// People, keys and the audit log: for administrators.

import { change, get } from "./http.ts";
import type { Role } from "./types.ts";

export interface Account {
  name: string;
  role: Role;
  active: boolean;
  created: string;
  seen: string | null;
  single_sign_on: boolean;
}

export interface Key {
  id: string;
  name: string;
  role: Role;
  created: string;
  expires: string | null;
  seen: string | null;
  creator: string;
}

export interface Entry {
  id: number;
  time: string;
  person: string;
  role: string;
  action: string;
  subject: string;
  address: string;
  result: string;
}

const user = (name: string) => `/users/${encodeURIComponent(name)}`;

export const fetchAccounts = () => get<Account[]>("/users");
export const makeAccount = (name: string, password: string, role: Role) =>
  change<Account>("POST", "/users", { name, password, role });
export const setRole = (name: string, role: Role) => change<Account>("PATCH", user(name), { role });
export const removeAccount = (name: string) => change<void>("DELETE", user(name));

export const fetchKeys = () => get<Key[]>("/keys");
export const makeKey = (name: string, role: Role) => change<Key & { key: string }>("POST", "/keys", { name, role });
export const removeKey = (id: string) => change<void>("DELETE", `/keys/${encodeURIComponent(id)}`);

export const fetchAudit = (before?: number) =>
  get<{ items: Entry[]; next: number | null }>(`/audit?limit=100${before === undefined ? "" : `&before=${before}`}`);
