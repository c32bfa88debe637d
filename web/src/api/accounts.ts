// People and API keys: for administrators.

import { send } from "./http.ts";
import type { AccountChange, Role, Scope } from "./types.ts";

export const fetchAccounts = () => send("get", "/api/v1/users");
export const createAccount = (name: string, password: string, role: Role) =>
  send("post", "/api/v1/users", { body: { name, password, role } });
export const changeAccount = (name: string, change: AccountChange) =>
  send("patch", "/api/v1/users/{name}", { path: { name }, body: change });
export const removeAccount = (name: string) => send("delete", "/api/v1/users/{name}", { path: { name } });

export const fetchKeys = () => send("get", "/api/v1/keys");
/** `days` until it expires; null for never. */
export const createKey = (name: string, role: Role, scopes: readonly Scope[], days: number | null) =>
  send("post", "/api/v1/keys", { body: { name, role, scopes, days } });
export const revokeKey = (id: string) => send("delete", "/api/v1/keys/{id}", { path: { id } });
