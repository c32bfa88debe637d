// Opinions, and what people draw on images.

import type { Point } from "../logic/affine.ts";
import type { MarkKind } from "../logic/measure.ts";
import { change, get } from "./http.ts";
import type { Call, Mark, Opinion } from "./types.ts";

const one = (id: string) => `/studies/${encodeURIComponent(id)}`;

export const fetchOpinions = (id: string) => get<Opinion[]>(`${one(id)}/opinions`);
export const giveOpinion = (id: string, agrees: boolean) => change<Opinion>("POST", `${one(id)}/opinions`, { agrees });
export const changeOpinion = (id: string, opinion: number, what: { note?: string; call?: Call | null }) =>
  change<Opinion>("PATCH", `${one(id)}/opinions/${opinion}`, what);
export const withdrawOpinion = (id: string, opinion: number) =>
  change<void>("DELETE", `${one(id)}/opinions/${opinion}`);

export interface NewMark {
  image: number;
  kind: MarkKind;
  points: readonly Point[];
  label?: string;
  millimetres?: number;
  accepted?: boolean;
}

export const fetchMarks = (id: string) => get<Mark[]>(`${one(id)}/marks`);
export const addMark = (id: string, mark: NewMark) => change<Mark>("POST", `${one(id)}/marks`, mark);
export const changeMark = (id: string, mark: number, points: readonly Point[]) =>
  change<Mark>("PUT", `${one(id)}/marks/${mark}`, { points });
export const removeMark = (id: string, mark: number) => change<void>("DELETE", `${one(id)}/marks/${mark}`);
