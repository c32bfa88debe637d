import { change, get } from "./http.ts";
import type { OwnAccount, Session } from "./types.ts";

export const fetchSession = () => get<Session>("/session");
export const login = (name: string, password: string) => change<Session>("POST", "/session", { name, password });
export const logout = () => change<void>("DELETE", "/session");
export const setUp = (token: string, name: string, password: string) =>
  change<Session>("POST", "/setup", { token, name, password });
export const keepAlive = () => change<void>("POST", "/session/activity");
export const changePassword = (old: string, fresh: string) =>
  change<void>("POST", "/session/password", { old, new: fresh });
export const fetchOwn = () => get<OwnAccount>("/account");
export const endLogin = (id: string) => change<void>("DELETE", `/account/logins/${encodeURIComponent(id)}`);
export const endOtherLogins = () => change<void>("DELETE", "/account/logins");
