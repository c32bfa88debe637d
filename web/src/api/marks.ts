// Opinions, and what people draw on images.

import { send } from "./http.ts";
import type { ChangedMark, ChangedOpinion, NewMark } from "./types.ts";

export const fetchOpinions = (study: string) => send("get", "/api/v1/studies/{study}/opinions", { path: { study } });
export const giveOpinion = (study: string, agrees: boolean) =>
  send("post", "/api/v1/studies/{study}/opinions", { path: { study }, body: { agrees } });
export const changeOpinion = (study: string, opinion: number, change: ChangedOpinion) =>
  send("patch", "/api/v1/studies/{study}/opinions/{opinion}", { path: { study, opinion }, body: change });
export const withdrawOpinion = (study: string, opinion: number) =>
  send("delete", "/api/v1/studies/{study}/opinions/{opinion}", { path: { study, opinion } });

export const fetchMarks = (study: string) => send("get", "/api/v1/studies/{study}/marks", { path: { study } });
export const addMark = (study: string, mark: NewMark) =>
  send("post", "/api/v1/studies/{study}/marks", { path: { study }, body: mark });
export const changeMark = (study: string, mark: number, points: ChangedMark["points"]) =>
  send("put", "/api/v1/studies/{study}/marks/{mark}", { path: { study, mark }, body: { points } });
export const removeMark = (study: string, mark: number) =>
  send("delete", "/api/v1/studies/{study}/marks/{mark}", { path: { study, mark } });
