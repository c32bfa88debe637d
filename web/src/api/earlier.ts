// A patient's earlier studies in an archive: for readers.

import { send } from "./http.ts";

export const fetchEarlier = (study: string) => send("get", "/api/v1/studies/{study}/earlier", { path: { study } });
/** Ask the archive again. */
export const lookAgain = (study: string) => send("post", "/api/v1/studies/{study}/earlier", { path: { study } });
export const fetchFromArchive = (study: string, uid: string) =>
  send("post", "/api/v1/studies/{study}/earlier/{uid}/fetch", { path: { study, uid } });
