// How an image is rotated and flipped, in the order in which the user did it.

import type { Affine } from "./affine.ts";

export interface Orientation {
  /** Clockwise on the screen: 0, 90, 180 or 270. */
  degrees: number;
  mirrored: boolean;
  /** Whether the mirror came after the rotation: the two orders give different images. */
  mirroredLast: boolean;
}

/** Read from the map from image to screen; what was done last decides how a rotated and mirrored image is described. */
export function orientationOf([a, b, c, d]: Affine, mirroredLast: boolean): Orientation {
  const mirrored = a * d - b * c < 0;
  // mirrored last: undo the mirror of the screen, then read the rotation; mirrored first: undo that of the image
  const [x, y] = mirrored ? (mirroredLast ? [-a, b] : [-a, -b]) : [a, b];
  const degrees = (((Math.round(Math.atan2(y, x) / (Math.PI / 2)) * 90) % 360) + 360) % 360;
  return { degrees, mirrored, mirroredLast: mirrored && mirroredLast };
}
