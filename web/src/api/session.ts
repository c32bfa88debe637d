import { change, get } from "./http.ts";
import type { Session } from "./types.ts";

export const fetchSession = () => get<Session>("/session");
export const login = (name: string, password: string) => change<Session>("POST", "/session", { name, password });
export const logout = () => change<void>("DELETE", "/session");
export const setUp = (token: string, name: string, password: string) =>
  change<Session>("POST", "/setup", { token, name, password });
