import { computed, signal } from "@preact/signals";
import { setLoggedOut, setToken } from "../api/http.ts";
import * as api from "../api/session.ts";
import type { Role, Session } from "../api/types.ts";

/** What the server knows of us; nothing before it has been asked. */
export const session = signal<Session | null>(null);
export const expired = signal(false);

const RANKS: readonly Role[] = ["viewer", "reader", "administrator"];

/** Whether who is logged in may do what a role may. */
export function may(role: Role): boolean {
  const user = session.value?.user;
  return user !== null && user !== undefined && RANKS.indexOf(user.role) >= RANKS.indexOf(role);
}

export const loggedIn = computed(() => session.value?.user != null);

function take(answer: Session): void {
  setToken(answer.csrf);
  session.value = answer;
}

export async function refresh(): Promise<void> {
  take(await api.fetchSession());
}

export async function login(name: string, password: string): Promise<void> {
  take(await api.login(name, password));
  expired.value = false;
}

export async function setUp(token: string, name: string, password: string): Promise<void> {
  take(await api.setUp(token, name, password));
}

export async function logout(): Promise<void> {
  await api.logout();
  await refresh();
}

setLoggedOut(() => {
  if (session.value?.user == null) return;
  expired.value = true;
  void refresh();
});
