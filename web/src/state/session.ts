import { batch, computed, signal } from "@preact/signals";
import { setLoggedOut, setMustChange, setToken } from "../api/http.ts";
import * as api from "../api/session.ts";
import type { Role, SessionState } from "../api/types.ts";
import { NO_FILTER } from "../logic/query.ts";
import { query, replace } from "./route.ts";
import { endSession } from "./session-signal.ts";

/** What the server knows of us; nothing before it has been asked. */
export const session = signal<SessionState | null>(null);
export const expired = signal(false);

const RANKS: readonly Role[] = ["annotator", "viewer", "reader", "administrator"];

/** Whether who is logged in may do what a role may. */
export function may(role: Role): boolean {
  const user = session.value?.user;
  return user !== null && user !== undefined && RANKS.indexOf(user.role) >= RANKS.indexOf(role);
}

export const loggedIn = computed(() => session.value?.user != null);

/** Apply the session that the server reports; where the user has changed, all state of the previous one is cleared. */
function applySession(answer: SessionState): void {
  const before = session.value?.user?.name;
  batch(() => {
    if (before !== undefined && before !== answer.user?.name) {
      endSession();
      expired.value = answer.user === null;
    }
    setToken(answer.csrf);
    session.value = answer;
  });
}

let lastRequest = 0;
let leaving = false;

/** Ask the server who is logged in; an answer that arrives after a later login or logout is ignored. */
export async function refresh(): Promise<void> {
  const question = ++lastRequest;
  const answer = await api.fetchSession();
  if (question === lastRequest && !leaving) applySession(answer);
}

/** Apply the answer to a login. */
async function enter(answer: Promise<SessionState>): Promise<void> {
  applySession(await answer);
  lastRequest++;
  expired.value = false;
}

export const login = (name: string, password: string) => enter(api.login(name, password));
export const setUp = (token: string, name: string, password: string) => enter(api.setUp(token, name, password));

/** End the session: the next person begins at the whole worklist. */
export async function logout(): Promise<void> {
  lastRequest++;
  leaving = true; // answers that arrive until then belong to the session that ends
  try {
    await api.logout();
    lock();
    expired.value = false;
    query.value = NO_FILTER;
    replace({ view: "worklist" });
  } finally {
    leaving = false;
  }
  await refresh().catch(() => undefined); // the session has ended, whatever is known of the next one
}

/** Show nothing any more, also if the server cannot be asked. */
export function lock(): void {
  const before = session.value;
  if (before?.user == null) return;
  applySession({ ...before, user: null, csrf: null, setup: false });
}

/** Choose another password; that ends all logins of the account, so log in again. */
export async function changePassword(old: string, fresh: string): Promise<void> {
  const name = session.value?.user?.name ?? "";
  await api.changePassword(old, fresh);
  await login(name, fresh);
}

setMustChange(() => void refresh().catch(() => undefined));

setLoggedOut(() => {
  if (session.value?.user == null || leaving) return;
  lock();
  refresh().catch(() => undefined); // the login form is shown already, and reports what is wrong when it is used
});
