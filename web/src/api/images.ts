// Pixels, thumbnails and heat maps of images, and what can be downloaded of a study.

import { fetchAs, urlOf } from "./http.ts";

export const thumbnailUrl = (study: string, image: number) =>
  urlOf("/api/v1/studies/{study}/images/{image}/thumbnail", { path: { study, image } });

/** `what` is a path within the study. */
export const downloadUrl = (study: string, what: string) =>
  `${urlOf("/api/v1/studies/{study}", { path: { study } })}/${what}`;

export async function fetchPixels(study: string, image: number): Promise<{ bits: number; bytes: ArrayBuffer }> {
  const fields = { path: { study, image } };
  const pixels = "/api/v1/studies/{study}/images/{image}/pixels";
  const response = await fetchAs("application/octet-stream", "get", pixels, fields);
  return { bits: Number(response.headers.get("X-Osteon-Bits") ?? "8"), bytes: await response.arrayBuffer() };
}

/** The heat map as it was computed: a grey picture, and the rectangle of the image that it covers. */
export async function fetchHeat(study: string, image: number): Promise<{ picture: Blob; extent: number[] }> {
  const fields = { path: { study, image }, query: { bits: 8 as const } };
  const response = await fetchAs("image/png", "get", "/api/v1/studies/{study}/images/{image}/heat", fields);
  const extent = (response.headers.get("X-Osteon-Extent") ?? "").split(",").map(Number);
  return { picture: await response.blob(), extent };
}
