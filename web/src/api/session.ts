// Logging in and out, and one's own account.

import { send } from "./http.ts";

export const fetchSession = () => send("get", "/api/v1/session");
export const login = (name: string, password: string) => send("post", "/api/v1/session", { body: { name, password } });
export const logout = () => send("delete", "/api/v1/session");
export const setUp = (token: string, name: string, password: string) =>
  send("post", "/api/v1/setup", { body: { token, name, password } });
export const keepAlive = () => send("post", "/api/v1/session/activity");
export const changePassword = (old: string, fresh: string) =>
  send("post", "/api/v1/session/password", { body: { old, new: fresh } });
export const fetchOwnAccount = () => send("get", "/api/v1/account");
export const endLogin = (id: string) => send("delete", "/api/v1/account/logins/{id}", { path: { id } });
export const endOtherLogins = () => send("delete", "/api/v1/account/logins");
